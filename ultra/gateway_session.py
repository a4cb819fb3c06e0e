"""One session with a daemon from the command line: where it listens, one question, and errors as people read them.

What every command of ``ultra`` that talks to a daemon shares. Decides nothing about what is asked.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

import click

from protocol.client import Address, UlpClient
from protocol.errors import UlpError, code_name
from protocol.kinds import Role
from protocol.limits import DEFAULT_PORT_GATEWAY
from protocol.messages import Hello
from protocol.requests import Reply, Request
from ultra.access import NO_ACCESS, Access, access_options
from ultra.event_lines import printable
from ultra.tail import INTERRUPTED

T = TypeVar("T")
Command = TypeVar("Command", bound=Callable[..., Any])

DEFAULT_SERVER: Final = f"127.0.0.1:{DEFAULT_PORT_GATEWAY}"


class ServerAddress(click.ParamType[Address]):
    name = "HOST:PORT"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        if isinstance(value, Address):
            return value
        try:
            return Address.parse(str(value), DEFAULT_PORT_GATEWAY)
        except ValueError as error:
            self.fail(str(error), param, ctx)


def server_option(command: Command) -> Command:
    """``--server HOST:PORT`` and how to get in there; the command gets ``server`` and ``access``."""
    option = click.option(
        "--server", type=ServerAddress(), default=DEFAULT_SERVER, show_default=True, help="The gateway to ask."
    )
    return option(access_options(command))


def hello(command: str, role: Role, access: Access = NO_ACCESS) -> Hello:
    """Who a command of ``ultra`` says it is, as the gateway's log shows it."""
    return Hello(f"ultra {command} {os.getpid()}", access.role(role))


async def connect(server: Address, command: str, role: Role, access: Access) -> UlpClient:
    """A session for a command that needs a role. Raises ``UlpError``."""
    said = hello(command, role, access)
    return await UlpClient.connect(server, said, credentials=access.credentials, tls=access.tls)


async def ask(
    server: Address, request: Request, command: str, role: Role = Role.ADMIN, access: Access = NO_ACCESS
) -> Reply:
    """One request in a session of its own. Raises ``UlpError``."""
    client = await connect(server, command, role, access)
    try:
        return await client.request(request)
    finally:
        await client.close()


def run_told(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine. A ``UlpError`` becomes ``Error: …`` and exit code 1, Ctrl-C 130; a reader of our
    output that has gone ends the command without a word."""
    try:
        return asyncio.run(coroutine)
    except UlpError as error:
        raise click.ClickException(printable(str(error))) from error
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        discard_output()
        sys.exit(0)


def discard_output() -> None:
    """After a BrokenPipeError: what is still in the buffer goes nowhere instead of failing at the exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def refusal_line(reply: Reply) -> str:
    """``wrong_state: 8001 is idle (generic/…)``."""
    said = f": {reply.text}" if reply.text else ""
    switch = f" ({reply.switch_error})" if reply.switch_error else ""
    return printable(f"{code_name(reply.code)}{said}{switch}")
