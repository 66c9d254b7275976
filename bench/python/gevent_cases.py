"""The core cases on gevent and greenlet: `python3 gevent_cases.py CASE` prints the nanoseconds per operation, or the bytes per greenlet."""
import gc
import resource
import sys
import time

import gevent
import gevent.hub
import gevent.event
import gevent.local
import gevent.lock
import gevent.pool
import gevent.queue
import greenlet


def timed(workload, count, warm_up=2, runs=5):
    for _ in range(warm_up):
        workload(count)
    times = []
    for _ in range(runs):
        started = time.perf_counter_ns()
        workload(count)
        times.append((time.perf_counter_ns() - started) / count)
    return sorted(times)[runs // 2]


def switch(count):
    def task():
        for _ in range(count // 2):
            gevent.sleep(0)
    gevent.joinall([gevent.spawn(task), gevent.spawn(task)])


def raw_switch(count):
    def loop():
        for _ in range(count // 2):
            main.switch()
    main = greenlet.getcurrent()
    other = greenlet.greenlet(loop)
    while not other.dead:
        other.switch()


def spawn(count):
    gevent.joinall([gevent.spawn(lambda: 1) for _ in range(count)])


def queue(count):
    there, back = gevent.queue.Queue(), gevent.queue.Queue()

    def ping():
        for index in range(count // 2):
            there.put(index)
            back.get()

    def pong():
        for _ in range(count // 2):
            back.put(there.get())
    gevent.joinall([gevent.spawn(ping), gevent.spawn(pong)])


def semaphore(count):
    lock = gevent.lock.Semaphore(1)

    def work():
        for _ in range(count):
            lock.acquire()
            lock.release()
    gevent.spawn(work).join()


def pool(count):
    gevent.pool.Pool(20).map(lambda value: value, range(count))


def hub(count):
    loop = gevent.hub.get_hub().loop

    def work():
        for _ in range(count):
            loop.run_callback(lambda: None)
        gevent.sleep(0)
    gevent.spawn(work).join()


def failure(count):
    def work():
        for _ in range(count):
            result = gevent.event.AsyncResult()
            result.set_exception(ValueError('lost'))
            try:
                result.get()
            except ValueError:
                pass
    gevent.spawn(work).join()


def local(count):
    class Shared(gevent.local.local):
        pass
    shared = Shared()
    shared.value = 1

    def work():
        shared.value = 1
        for _ in range(count):
            shared.value = shared.value + 1
    gevent.spawn(work).join()


def tracer(count):
    greenlet.settrace(lambda event, arguments: None)
    try:
        switch(count)
    finally:
        greenlet.settrace(None)


def memory():
    count = 20_000
    gate = gevent.event.AsyncResult()
    held = []
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(count):
        held.append(gevent.spawn(gate.get))
    gevent.sleep(0)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / count


CASES = {
    'switch': lambda: timed(switch, 100_000),
    'raw-switch': lambda: timed(raw_switch, 400_000),
    'spawn-joinall': lambda: timed(spawn, 100_000),
    'queue-ping-pong': lambda: timed(queue, 50_000),
    'lock-uncontended': lambda: timed(semaphore, 200_000),
    'pool': lambda: timed(pool, 20_000),
    'hub': lambda: timed(hub, 100_000),
    'failure': lambda: timed(failure, 20_000),
    'local': lambda: timed(local, 200_000),
    'tracer': lambda: timed(tracer, 100_000),
    'memory': memory,
}

if __name__ == '__main__':
    import gevent.event
    print(CASES[sys.argv[1]]())
