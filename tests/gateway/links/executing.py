"""A command to a link, awaited."""

import asyncio

from gateway.links.base import CommandTarget, Link
from model.commands import Command, Outcome
from model.ids import RequestRef


async def executed(link: Link, command: Command, target: CommandTarget, request: RequestRef) -> Outcome:
    """What the link makes of it."""
    answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    link.execute(command, target, request, answered.set_result)
    return await answered
