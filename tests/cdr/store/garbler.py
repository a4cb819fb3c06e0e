"""Something between a client and its database that changes what the database says."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from random import Random

CHUNK_BYTES = 65_536
ANSWERS_MAX = 60


class Garbler:
    """Passes everything on. While it ``garbles``, one of the first answers on each connection is random bytes, and its
    last."""

    def __init__(self, port: int, dice: Random) -> None:
        self._port = port
        self._dice = dice
        self.garbles = False
        self.garbled = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]

    def serve(self) -> None:
        """Until its listener is shut."""
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._port))
            for source, target, is_answer in ((client, server, False), (server, client, True)):
                threading.Thread(target=self._pass_on, args=(source, target, is_answer), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        good = self._dice.randrange(ANSWERS_MAX)
        with suppress(OSError):
            while chunk := source.recv(CHUNK_BYTES):
                good -= is_answer
                if good < 0 and self.garbles:
                    self.garbled += 1
                    target.sendall(self._changed(chunk))
                    break
                target.sendall(chunk)
        for one in (source, target):
            with one, suppress(OSError):  # the other thread has shut it
                one.shutdown(socket.SHUT_RDWR)

    def _changed(self, chunk: bytes) -> bytes:
        """All of it, or what follows its first bytes: a packet's head."""
        kept = self._dice.choice((0, 4, 5, len(chunk) // 2))
        return chunk[:kept] + self._dice.randbytes(max(len(chunk) - kept, 1))


@contextmanager
def garbling(port: int, dice: Random) -> Iterator[Garbler]:
    """One that stands before this port."""
    one = Garbler(port, dice)
    thread = threading.Thread(target=one.serve, name="garbler")
    thread.start()
    try:
        yield one
    finally:
        with suppress(OSError):
            one.listener.shutdown(socket.SHUT_RDWR)
        one.listener.close()
        thread.join()
