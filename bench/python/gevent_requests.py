"""A client of the http benchmarks: `gevent_requests.py session|get URL REQUESTS CONCURRENCY`. Prints its request rate and CPU time as JSON."""
from gevent import monkey

monkey.patch_all()

import json
import resource
import sys
import time

import gevent
import requests
from requests.adapters import HTTPAdapter

mode, url, requests_wanted, concurrency = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
session = requests.Session()
session.trust_env = False
session.mount('http://', HTTPAdapter(pool_connections=concurrency, pool_maxsize=concurrency))
fetch = session.get if mode == 'session' else requests.get


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def run(count):
    left = [count]

    def crawl():
        while left[0] > 0:
            left[0] -= 1
            assert fetch(url).content

    gevent.joinall([gevent.spawn(crawl) for _ in range(concurrency)], raise_error=True)


run(min(requests_wanted, 500))
cpu_before, started = cpu(), time.perf_counter()
run(requests_wanted)
seconds = time.perf_counter() - started
print(json.dumps({
    'requestsPerSecond': requests_wanted / seconds,
    'cpuMicroseconds': (cpu() - cpu_before) * 1e6 / requests_wanted,
}))
