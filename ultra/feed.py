"""``ultra feed``: a scenario file, served as the stream of a CTI server or an IVR over ULP.

For applications that are built before those daemons run, and for tests: the file is the whole history, so that whoever
comes back goes on where it was, over a restart too.
"""

import asyncio
import json
import os
import stat
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import click

from model.centre import CentreSnapshot
from model.centre_events import CentreEvent
from model.centre_mirror import CentreMirror
from model.commands import Command, Outcome, Refusal
from protocol.centre_json import UnfitJson, centre_event_of
from protocol.errors import Code
from protocol.kinds import Role
from protocol.requests import Reply, Request
from protocol.server import Hooks, UlpServer
from runtime.logs import LogSettings, open_log
from runtime.tasks import Daemon, StartRefused, run_daemon
from ultra.sim import Address

STDIN: Final = "-"
EPOCH_DEFAULT: Final = 1
LINE_BYTES_MAX: Final = 1024 * 1024
"""An event of ours has a few hundred."""
READ_BYTES: Final = 64 * 1024
STREAMS: Final = ("cti", "ivr")


class Feed:
    """The events of a file, published in their order. ``publish`` gives the next one its number."""

    def __init__(self, name: str, epoch: int, daemon: Daemon) -> None:
        self._mirror = CentreMirror(CentreSnapshot(0))
        hooks = Hooks(self._mirror.snapshot, _no_call_control, _no_admin, daemon.spawn, lambda: time.time_ns() // 1000)
        self.server = UlpServer(name, epoch, hooks, server_name=name.partition("/")[2] or name)

    def publish(self, line: bytes) -> None:
        """The event of a line; ``UnfitJson`` says what is wrong with it, and nothing has happened."""
        if len(line) > LINE_BYTES_MAX:
            raise UnfitJson(f"expected a JSON object of at most {LINE_BYTES_MAX} bytes, the line is longer")
        try:
            form = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UnfitJson(f"expected a JSON object: {error}") from None
        event: CentreEvent = centre_event_of(form, self.server.stream.last + 1)
        if event.number != self.server.stream.last + 1:
            raise UnfitJson(f"number: expected {self.server.stream.last + 1}, numbers have no hole; got {event.number}")
        self._mirror.apply(event)
        self.server.publish(event)


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--stream", type=click.Choice(STREAMS), default="cti", show_default=True, help="Whose stream it is.")
@click.option("--listen", type=Address(), default="127.0.0.1:0", show_default=True, help="Where clients connect.")
@click.option("--name", default="", help="The stream's name [site/cti or site/ivr].")
@click.option("--epoch", type=click.IntRange(1, 2**53 - 1), default=EPOCH_DEFAULT, show_default=True)
def feed(file: str, stream: str, listen: tuple[str, int], name: str, epoch: int) -> None:
    """Serve a file of events, one JSON object a line, as a CTI server or an IVR would. FILE -: standard input."""
    open_log(LogSettings(), daemon="feed")
    path = None if file == STDIN else Path(file)
    try:
        history = [] if path is None else path.read_bytes().split(b"\n")
    except OSError as error:
        raise click.ClickException(f"{file}: {error}") from error

    async def run(daemon: Daemon) -> None:
        fed = Feed(name or f"site/{stream}", epoch, daemon)
        for at, line in enumerate(history, start=1):
            if line.strip():
                try:
                    fed.publish(line)
                except UnfitJson as error:
                    raise StartRefused(f"{file}:{at}: {error}") from error
        try:
            port = await fed.server.start(*listen)
        except OSError as error:
            raise StartRefused(f"{listen[0]}:{listen[1]}: {error.strerror}") from error
        click.echo(f"listening on {listen[0]}:{port}")
        if path is None:
            daemon.spawn(_from_stdin(fed), name="feed stdin")
        await daemon.stopped()
        await fed.server.stop()

    sys.exit(run_daemon("feed", run))


async def _from_stdin(fed: Feed) -> None:
    """Each line as it comes; a bad one is refused with a word on standard error, and the next one is read."""
    at = 0
    async for line in _lines():
        at += 1
        if not line.strip():
            continue
        try:
            fed.publish(line)
        except UnfitJson as error:
            click.echo(f"line {at}: {error}", err=True)


async def _lines() -> AsyncIterator[bytes]:
    """Of standard input, a file or a pipe; of one that is too long only as much as shows that. Not read in a thread:
    one that waits for a line would keep the process."""
    line = b""
    async for received in _received():
        *ended, rest = received.split(b"\n")
        for piece in ended:
            yield line + piece
            line = b""
        line = (line + rest)[: LINE_BYTES_MAX + 1]
    if line:
        yield line


async def _received() -> AsyncIterator[bytes]:
    if stat.S_ISREG(os.fstat(sys.stdin.fileno()).st_mode):
        while received := sys.stdin.buffer.read(READ_BYTES):
            yield received
        return
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while received := await reader.read(READ_BYTES):
        yield received


async def _no_call_control(_session: int, _number: int, _command: Command, _role: Role) -> Outcome:
    return Outcome(Refusal.NOT_SUPPORTED)


async def _no_admin(_request: Request, _role: Role) -> Reply:
    return Reply(Code.NOT_SUPPORTED)
