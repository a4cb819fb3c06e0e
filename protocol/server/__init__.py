"""The ULP server on asyncio: the only part of ``protocol``, beside ``client/``, that knows sockets and clocks."""

from protocol.server.ulp_server import Hooks, NotLoopback, Spawn, UlpServer, check_loopback

__all__ = ["Hooks", "NotLoopback", "Spawn", "UlpServer", "check_loopback"]
