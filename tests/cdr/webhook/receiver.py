"""A receiver of the webhook as somebody else would write it: Python's own HTTP server, which checks each signature."""

import base64
import hmac
import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "whsec_" + base64.b64encode(b"only the two of us").decode()
KEY = b"only the two of us"
RESET = 0
RESET_AT_CLOSE = struct.pack("ii", 1, 0)


def reset_at_close(connection: socket.socket) -> None:
    """Its end will be an RST, not a FIN."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)


@dataclass
class Receiver:
    """``answer`` is what the next requests are answered, ``RESET`` as a balancer does with nobody behind it;
    ``refused`` conversations get 422 whatever it is.
    """

    port: int = 0
    answer: int = 200
    refused: set[str] = field(default_factory=set)
    seen: list[tuple[str, int]] = field(default_factory=list)
    """``webhook-id`` and what was answered, in their order."""
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Those that were taken, by their id."""
    forged: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/calls?token=secret"

    @property
    def taken(self) -> list[str]:
        return [one for one, answer in self.seen if answer == 200]

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """What a request is answered."""
        name = headers["webhook-id"]
        signed = hmac.digest(KEY, f"{name}.{headers['webhook-timestamp']}.".encode() + body, "sha256")
        if headers.get("webhook-signature") != "v1," + base64.b64encode(signed).decode():
            self.forged.append(name)
        answer = 422 if name.partition("/")[0] in self.refused else self.answer
        self.seen.append((name, answer))
        if answer == 200:
            self.messages[name] = json.loads(body)
        return answer


@contextmanager
def receiving(receiver: Receiver) -> Iterator[Receiver]:
    """It listens: on its port, or on any if it has none yet."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            body = self.rfile.read(length)
            if len(body) < length:  # who sent it was killed in the middle of it
                self.close_connection = True
                return
            self.send_response(receiver.take({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            """Says nothing."""

    class House(ThreadingHTTPServer):
        def get_request(self) -> tuple[socket.socket, Any]:
            connection, address = super().get_request()
            if receiver.answer == RESET:
                reset_at_close(connection)
                connection.close()
                raise ConnectionAbortedError  # the server takes the next one
            return connection, address

    with House(("127.0.0.1", receiver.port), Door) as server:
        receiver.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, name="receiver")
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()
