"""The server of select.mjs in Python: select_idle.py Python|gevent COUNT. Prints its port, then the cost of each call as JSON."""
import json
import sys
import time

if sys.argv[1] == 'gevent':
    from gevent import select, selectors, socket
    Selector = selectors.GeventSelector
else:
    import select
    import selectors
    import socket
    Selector = selectors.DefaultSelector

COUNT = int(sys.argv[2])
# How long each call is repeated, in seconds: before the measurement, and for it.
WARM_UP = 0.5
MEASURED = 1


def measure(call):
    repeat(call, WARM_UP)
    before = time.process_time()
    calls = repeat(call, MEASURED)
    return (time.process_time() - before) / calls * 1e6


def repeat(call, seconds):
    end = time.perf_counter() + seconds
    calls = 0
    while time.perf_counter() < end:
        call()
        calls += 1
    return calls


server = socket.create_server(('127.0.0.1', 0), backlog=1024)
print(server.getsockname()[1], flush=True)
connections = [server.accept()[0] for _ in range(COUNT + 1)]
selector = Selector()
for connection in connections:
    selector.register(connection, 1)
selector.select()
found = {'selector': measure(selector.select)}
selector.close()
poller = select.poll()
for connection in connections:
    poller.register(connection, 1)
found['poll'] = measure(poller.poll)
try:
    found['select'] = measure(lambda: select.select(connections, [], []))
except ValueError:  # a descriptor above FD_SETSIZE
    found['select'] = None
print(json.dumps(found), flush=True)
