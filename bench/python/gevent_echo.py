"""An echo server on gevent: gevent_echo.py SIZE stream|exact. Prints its port, then its CPU time in microseconds whenever it reads a line."""
import resource
import sys

from gevent import socket, spawn
from gevent.fileobject import FileObject
from gevent.server import StreamServer

SIZE = int(sys.argv[1])
EXACT = sys.argv[2] == 'exact'


def receive_exactly(connection):
    pieces = []
    missing = SIZE
    while missing > 0:
        piece = connection.recv(missing)
        if not piece:
            return b''
        pieces.append(piece)
        missing -= len(piece)
    return pieces[0] if len(pieces) == 1 else b''.join(pieces)


def serve(connection, _address):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while True:
        data = receive_exactly(connection) if EXACT else connection.recv(65536)
        if not data:
            return
        connection.sendall(data)


def report():
    for _ in FileObject(sys.stdin, 'r'):
        usage = resource.getrusage(resource.RUSAGE_SELF)
        print(round((usage.ru_utime + usage.ru_stime) * 1e6), flush=True)


server = StreamServer(('127.0.0.1', 0), serve)
server.start()
print(server.server_port, flush=True)
spawn(report)
server.serve_forever()
