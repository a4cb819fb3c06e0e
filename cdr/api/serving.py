"""The interface on a socket of this machine, beside the daemon's other work."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog
import uvicorn
from fastapi import FastAPI

from runtime.loopback import LoopbackAddress
from runtime.tasks import Spawn, StartRefused

log = structlog.get_logger("cdr.api")

REQUESTS_AT_A_TIME: Final = 64
KEEP_ALIVE_SECONDS: Final = 15


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the daemon's."""
        yield


def listen(address: LoopbackAddress) -> socket.socket:
    """A socket that listens; StartRefused when the address cannot be had."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        return socket.create_server((address.host, address.port), family=family)
    except OSError as error:
        raise StartRefused(f"cannot listen on {address}: {error.strerror}; see [api] listen") from error


async def serve(app: FastAPI, listening: socket.socket, spawn: Spawn) -> None:
    """Answer on a socket until it is cancelled; the socket is closed then."""
    server = _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            limit_concurrency=REQUESTS_AT_A_TIME,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
    )
    host, port = listening.getsockname()[:2]
    log.info("api_listening", listen=f"{host}:{port}")
    serving = spawn(server.serve([listening]), name="api requests")
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = server.force_exit = True
        await asyncio.wait({serving})
        listening.close()
