"""A subscriber that is too slow: it reads so many bytes a second, or nothing once its process is stopped.

``python -m bench.laggard PORT NAME BYTES_PER_SECOND``. Says ``live`` when its snapshot is whole, reads at its pace and
keeps its session alive, and says ``closed`` when the server has closed the connection.
"""

import socket
import sys
import time

from protocol.frame import HEADER_BYTES, pack_frame
from protocol.kinds import Kind, Role
from protocol.messages import Hello, Subscribe, pack_hello, pack_subscribe

SECONDS_MAX = 60.0
"""A laggard that nobody closes gives up."""


RECEIVE_BUFFER_BYTES = 16 * 1024
"""Of its socket: what the kernel would hold for it is not what is measured."""


def lag(port: int, name: str, bytes_per_second: int) -> None:
    """Be slow until closed."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        connection.settimeout(SECONDS_MAX)
        connection.connect(("127.0.0.1", port))
        hello = pack_frame(Kind.HELLO, 0, 0, pack_hello(Hello(name, Role.CONSUMER)))
        connection.sendall(hello + pack_frame(Kind.SUBSCRIBE, 1, 1, pack_subscribe(Subscribe())))
        _until_live(connection)
        print("live", flush=True)
        try:
            while connection.recv(bytes_per_second):
                time.sleep(1.0)
                connection.sendall(pack_frame(Kind.HEARTBEAT, 0, 0))
        except ConnectionError as error:
            print(f"closed: {error}", flush=True)
        else:
            print("closed", flush=True)


def _until_live(connection: socket.socket) -> None:
    received = b""
    end = pack_frame(Kind.SNAPSHOT_END, 1, 0)[:8]
    while end not in received:
        piece = connection.recv(HEADER_BYTES * 1024)
        if not piece:
            raise ConnectionError("closed before its snapshot was whole")
        received += piece


if __name__ == "__main__":
    lag(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
