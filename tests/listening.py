"""A server that does one thing with every connection, in a thread."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Door = Callable[[socket.socket], None]


@contextmanager
def listening(door: Door) -> Iterator[int]:
    """The port of one who does this with each connection and then closes it."""

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    door(connection)
                except ConnectionError:
                    continue

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, name="listener")
        thread.start()
        try:
            port: int = listener.getsockname()[1]
            yield port
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
