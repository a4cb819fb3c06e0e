"""The ULP server on asyncio: the only part of ``protocol``, beside ``client/``, that knows sockets and clocks."""

from protocol.server.entrance import Entrance, NotLoopback, check_address, is_loopback
from protocol.server.hooks import Hooks, Spawn
from protocol.server.tls import ServerTls
from protocol.server.ulp_server import UlpServer

__all__ = ["Entrance", "Hooks", "NotLoopback", "ServerTls", "Spawn", "UlpServer", "check_address", "is_loopback"]
