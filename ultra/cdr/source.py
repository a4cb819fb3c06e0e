"""Which database a command of ``ultra cdr`` reads, and which of its conversations: options that the commands share."""

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from cdr.moments import moment_of
from cdr.records import Direction, Result
from cdr.site_files import read_cdr_site
from cdr.store.diagnosis import StoreFailed
from cdr.store.engine import check_address
from cdr.store.reader import Filter, Reader
from runtime.problems import render
from runtime.texts import language_from

Command = TypeVar("Command", bound=Callable[..., Any])
CONFIG: Final = Path("etc/cdr.toml")


@dataclass(frozen=True, slots=True)
class Source:
    """A database, and the time zone in which days and hours are meant."""

    url: str
    zone: ZoneInfo

    @contextmanager
    def reader(self) -> Iterator[Reader]:
        """The database, open to read; what is wrong with it ends the command in words."""
        with failures_told():
            reader = Reader.open(self.url)
            try:
                yield reader
            finally:
                reader.close()


@contextmanager
def failures_told() -> Iterator[None]:
    """What a database does not do becomes ``Error: …`` and exit code 1, in the shell's language."""
    try:
        yield
    except StoreFailed as failed:
        raise click.ClickException(failed.diagnosis.render(language_from())) from failed


def source_options(command: Command) -> Command:
    """``--config``, ``--database``, ``--zone``; the command gets ``source``."""

    @click.option("--config", type=click.Path(path_type=Path), default=CONFIG, show_default=True, help="Names both.")
    @click.option("--database", metavar="URL", envvar="ULTRA_CDR_DATABASE", help="Another one [$ULTRA_CDR_DATABASE].")
    @click.option("--zone", metavar="NAME", help="Days and hours of this time zone [the site's].")
    @functools.wraps(command)
    def with_source(*arguments: Any, config: Path, database: str | None, zone: str | None, **options: Any) -> Any:
        return command(*arguments, source=source_of(config, database, zone), **options)

    return with_source  # type: ignore[return-value]


def source_of(config: Path, database: str | None, zone: str | None) -> Source:
    """From the settings' file, unless an option says otherwise."""
    url, name = database, zone or "UTC"
    if url is not None:
        with failures_told():
            check_address(url)
    else:
        site = read_cdr_site(config)
        if not site.can_start or site.settings is None:
            told = "\n".join(render(problem, language_from()) for problem in site.problems)
            raise click.ClickException(f"{told}\nor name the database: --database URL")
        url, name = site.url, zone or site.settings.records.zone
    try:
        return Source(url, ZoneInfo(name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise click.UsageError(f'--zone: "{name}" is no time zone; expected a name like Asia/Shanghai') from error


def filter_options(command: Command) -> Command:
    """Which conversations; the command gets ``wanted``. Needs ``source`` to understand days."""

    @click.option("--from", "begins", metavar="TIME", help="Begun then or later: 2026-01-31, today, 2h (ago) …")
    @click.option("--to", "ends", metavar="TIME", help="Begun before that.")
    @click.option("--caller", default="", metavar="NUMBER")
    @click.option("--called", default="", metavar="NUMBER", help="The number that was dialled.")
    @click.option("--device", default="", metavar="NUMBER", help="Took part, in whatever role.")
    @click.option("--agent", default="", metavar="NUMBER", help="Took part.")
    @click.option("--queue", default="", metavar="NAME")
    @click.option("--trunk", default="", metavar="NUMBER")
    @click.option("--direction", type=click.Choice([one.value for one in Direction]), default=None)
    @click.option("--result", type=click.Choice([one.value for one in Result]), default=None)
    @click.option("--incomplete", is_flag=True, help="Only those of which something is missing.")
    @functools.wraps(command)
    def with_filter(
        *arguments: Any, source: Source, begins: str | None, ends: str | None, incomplete: bool, **options: Any
    ) -> Any:
        texts = {name: options.pop(name) or "" for name in FILTER_TEXTS}
        wanted = Filter(
            _moment("--from", begins, source), _moment("--to", ends, source), **texts, incomplete=incomplete
        )
        return command(*arguments, source=source, wanted=wanted, **options)

    return with_filter  # type: ignore[return-value]


FILTER_TEXTS: Final = ("caller", "called", "device", "agent", "queue", "trunk", "direction", "result")


def _moment(option: str, text: str | None, source: Source) -> int | None:
    if text is None:
        return None
    try:
        return moment_of(text, source.zone, time.time_ns() // 1000)
    except ValueError as error:
        raise click.UsageError(f"{option}: {error}") from error
