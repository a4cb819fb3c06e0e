"""``ultra logs``: what the daemons of a site have logged, merged by time, filtered, and followed as it grows.

Where the files are stands in ``etc/*.toml``, read without judging them: a broken configuration must not hide the log
that explains it. Changes nothing.
"""

from __future__ import annotations

import asyncio
import heapq
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from runtime.logs import Level
from runtime.problems import why_unreadable
from runtime.toml_file import TomlFile, read_toml
from ultra.gateway_session import run_told
from ultra.log_files import Follower, read_records
from ultra.log_records import Record, as_json, shown

COMMANDS: Final = {"ultralnk": "gateway", "ultracdr": "cdr"}
"""Daemons go by the name of their settings file; the name of their command is understood too."""

POLL_SECONDS: Final = 0.2
"""Between two looks at the files: a line is seen at once, for eyes, and the look costs nothing."""

FOLLOWED_LINES: Final = 20
"""Of what was there before, to begin with when following."""

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Source:
    """A daemon and its log file; None: it logs to standard error."""

    daemon: str
    file: Path | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records are shown."""

    level: Level = Level.DEBUG
    call: str | None = None

    def accepts(self, record: Record) -> bool:
        return record.level >= self.level and (self.call is None or record.concerns_call(self.call))


@click.command()
@click.argument("daemon", required=False)
@click.option(
    "--follow", "-f", is_flag=True, help="Go on with what comes, until Ctrl-C; logrotate does not disturb it."
)
@click.option("--level", type=click.Choice([one.name.lower() for one in Level]), help="This level and worse [debug].")
@click.option("--call", metavar="ID", help="Only lines with this call_id, conversation_id or switch_call_id.")
@click.option("--lines", "-n", type=click.IntRange(0), metavar="N", help="At most the last N [all; 20 with --follow].")
@click.option("--json", "json_wanted", is_flag=True, help="One JSON object a line.")
@click.option(
    "--etc",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("etc"),
    show_default=True,
    help="Folder of the daemons' toml files, which say where the logs are.",
)
def logs(
    daemon: str | None,
    follow: bool,
    level: str | None,
    call: str | None,
    lines: int | None,
    json_wanted: bool,
    etc: Path,
) -> None:
    """Show the daemons' logs: of DAEMON, or of all, merged by time.

    Logs are read from the file that [log] file in ETC/<daemon>.toml names. Lines of no known form are shown too; only
    --call leaves them out.
    """
    sources = _chosen(sources_in(etc), daemon, etc)
    files = [source.file for source in sources if source.file is not None]
    for source in sources:
        if source.file is None:
            _note(
                f"{source.daemon} logs to standard error: see who started it (journalctl, the terminal of `ultra up`),"
                f" or set [log] file in {etc}/{source.daemon}.toml"
            )
    if not files:
        sys.exit(1)
    wanted = Wanted(Level.named(level) if level else Level.DEBUG, call)
    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def show(record: Record) -> None:
        click.echo(as_json(record) if json_wanted else shown(record, coloured=coloured))

    if follow:
        run_told(_follow(files, wanted, FOLLOWED_LINES if lines is None else lines, show))
    else:
        run_told(_once(files, wanted, lines, show))


def sources_in(etc: Path) -> list[Source]:
    """Every daemon that has settings in a folder, as far as its file can be understood. Pure but for the reading."""
    return [Source(path.stem, _log_file(path)) for path in sorted(etc.glob("*.toml")) if _is_settings(path)]


def _document(path: Path) -> dict[str, Any]:
    file = read_toml(path)
    return file.document if isinstance(file, TomlFile) else {}


def _is_settings(path: Path) -> bool:
    """A licence lies beside them and is no daemon's settings."""
    return "signature" not in _document(path)


def _log_file(path: Path) -> Path | None:
    table = _document(path).get("log")
    named = table.get("file") if isinstance(table, dict) else None
    return Path(os.path.normpath(path.parent / named)) if isinstance(named, str) else None


def _chosen(sources: list[Source], daemon: str | None, etc: Path) -> list[Source]:
    if not sources:
        raise click.ClickException(f"the folder {etc} has no daemon's toml file; name it with --etc")
    if daemon is None:
        return sources
    name = COMMANDS.get(daemon, daemon)
    chosen = [source for source in sources if source.daemon == name]
    if not chosen:
        known = ", ".join(source.daemon for source in sources)
        raise click.ClickException(f"no daemon {daemon!r} has a toml file in {etc}; there are: {known}")
    return chosen


def merged(streams: Iterable[Iterable[Record]]) -> Iterator[Record]:
    """Records of several logs by time; each log keeps its own order, and what has no time stays behind its
    predecessor."""
    timed = [_timed(stream, number) for number, stream in enumerate(streams)]
    return (record for _, _, record in heapq.merge(*timed, key=lambda row: row[:2]))


def _timed(stream: Iterable[Record], number: int) -> Iterator[tuple[datetime, int, Record]]:
    latest = _LONG_AGO
    for record in stream:
        # A clock that was set back must not make a log lose its order.
        latest = max(latest, record.time) if record.time is not None else latest
        yield latest, number, record


async def _once(files: list[Path], wanted: Wanted, lines: int | None, show: Callable[[Record], None]) -> None:
    readable = [file for file in files if _is_readable(file)]
    records = (record for record in merged(map(read_records, readable)) if wanted.accepts(record))
    for record in records if lines is None else deque(records, maxlen=lines):
        show(record)
    if not readable:
        sys.exit(1)


async def _follow(files: list[Path], wanted: Wanted, lines: int, show: Callable[[Record], None]) -> None:
    for file in files:
        _is_readable(file)
    followers = [Follower(file) for file in files]
    try:
        before = (record for record in merged(one.poll() for one in followers) if wanted.accepts(record))
        for record in deque(before, maxlen=lines):
            show(record)
        while True:
            sys.stdout.flush()
            await asyncio.sleep(POLL_SECONDS)
            for record in merged([one.poll() for one in followers]):
                if wanted.accepts(record):
                    show(record)
    finally:
        for one in followers:
            one.close()


def _is_readable(file: Path) -> bool:
    try:
        file.open("rb").close()
    except FileNotFoundError:
        _note(f"{file} is not there: its daemon has not logged anything yet, or writes elsewhere")
        return False
    except OSError as error:
        _note(f"{file} cannot be read: {why_unreadable(error).render()}")
        return False
    return True


def _note(words: str) -> None:
    click.echo(words, err=True)
