"""The interface on a real socket, over a database with some records, and users of each role."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from structlog.testing import capture_logs

from cdr.api.access import Access
from cdr.api.application import application
from cdr.api.asking import Asking
from cdr.api.serving import listen, serve
from runtime.loopback import LoopbackAddress
from runtime.tasks import owned_by
from runtime.users_file import User, user_of
from tests.asking import Answer, get
from tests.waiting import until

PASSWORD = "correct horse"


@cache
def users() -> dict[str, User]:
    """One of each role; making them takes a tenth of a second each."""
    named = {"boss": "supervisor", "root": "admin", "app": "consumer"}
    made = {name: user_of(name, role, PASSWORD) for name, role in named.items()}
    return {**made, "ann": user_of("ann", "agent", PASSWORD, "8001"), "bob": user_of("bob", "agent", PASSWORD)}


def log_in(name: str, password: str = PASSWORD) -> str:
    return "Authorization: Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


@dataclass
class Interface:
    """Where it listens."""

    port: int
    access: Access

    async def get(self, path: str, user: str = "boss", password: str = PASSWORD) -> Answer:
        return await get(self.port, path, log_in(user, password), "Connection: close")

    async def json(self, path: str, user: str = "boss") -> Any:
        answer = await self.get(path, user)
        assert answer.status == 200, answer
        return json.loads(answer.body)


@asynccontextmanager
async def interface(url: str) -> AsyncIterator[Interface]:
    """It listens inside."""
    access, asking = Access(users()), Asking(url, ZoneInfo("UTC"))
    with capture_logs() as logged:
        async with asyncio.TaskGroup() as group:
            spawn = owned_by(group)
            serving = spawn(
                serve(application(access, asking), listen(LoopbackAddress("127.0.0.1", 0)), spawn), name="api"
            )
            await until(lambda: logged)
            yield Interface(int(logged[0]["listen"].rpartition(":")[2]), access)
            serving.cancel()
    asking.close()
