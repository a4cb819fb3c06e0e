"""What a server needs of its daemon."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from model.commands import Command, Outcome
from protocol.filters import AnySnapshot
from protocol.kinds import Role
from protocol.requests import AlarmRow, Reply, Request


class Spawn(Protocol):
    """Starts a coroutine as a named task that the daemon owns."""

    def __call__(self, coro: Coroutine[Any, Any, None], *, name: str) -> object: ...


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the server needs of its daemon.

    ``snapshot`` gives the state at exactly the last published number; a value that did not change is best the same
    object in the next one. ``on_request`` (session, number, command, role) and ``on_admin`` (request, role) answer when
    the switch or the daemon has answered; an exception of theirs is a bug and goes to the owner of ``spawn``.
    ``now_us`` is the time of day, ``alarms`` are those since the start.
    """

    snapshot: Callable[[], AnySnapshot]
    on_request: Callable[[int, int, Command, Role], Awaitable[Outcome]]
    on_admin: Callable[[Request, Role], Awaitable[Reply]]
    spawn: Spawn
    now_us: Callable[[], int]
    alarms: Callable[[], tuple[AlarmRow, ...]] = tuple
