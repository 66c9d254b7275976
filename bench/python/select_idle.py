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
# Calls whose cost grows with the number of registered sockets would otherwise take minutes.
CALLS = max(100, min(2000, 1000000 // COUNT))


def measure(call):
    for _ in range(CALLS // 10):
        call()
    before = time.process_time()
    for _ in range(CALLS):
        call()
    return (time.process_time() - before) / CALLS * 1e6


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
