"""``ultra replay``: a capture played by the gateway's own code, with the clock of the file; its events as they were.

Prints what ``ultra tail`` would have printed. What was captured is compared with what is played, step by step, and the
first difference ends it. Without a gateway, a switch or a network.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import click
import structlog

from gateway.capture.header import Header
from gateway.capture.layout import BadCapture, Record
from gateway.capture.masked_copy import MaskedCopy
from gateway.capture.numbers_masked import NumberMask
from gateway.capture.player import Player, Published
from gateway.capture.reading import PartReader, files_of
from gateway.capture.scenario import ScenarioWriter, writer_for
from gateway.capture.software import software
from runtime.clock import MICROSECONDS
from runtime.logs import LevelName, LogSettings, open_log
from runtime.texts import Language, Text, counted, text
from ultra.event_lines import Show, human_lines, json_lines
from ultra.gateway_session import discard_output
from ultra.saying import fail, say
from ultra.tail import INTERRUPTED

SCENARIOS: Final = Path("tests/scenarios/asterisk")

GROWTH_SECONDS: Final = 0.1
"""Between two looks at a file that is still being written: a gateway writes once a second."""


class _Speed(click.ParamType[float | None]):
    """A factor above 0, or `max`: no waiting."""

    name = "N|max"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float | None:
        if value is None or value == "max":
            return None
        try:
            factor = float(str(value))
        except ValueError:
            self.fail(f"{value} is no number, and not max", param, ctx)
        if not factor > 0:
            self.fail("a speed is above 0", param, ctx)
        return factor


@click.command()
@click.argument("captures", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@click.option("--tail", "is_tailing", is_flag=True, help="Wait for what is still being written.")
@click.option("--until", type=click.IntRange(min=1), metavar="NUMBER", help="End after this event.")
@click.option(
    "--speed", type=_Speed(), default="max", show_default=True, help="1: as it happened; 10: ten times as fast."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, as `ultra tail --json`.")
@click.option("--quiet", is_flag=True, help="No events: only whether all is as it was.")
@click.option(
    "--frames",
    type=click.File("wb"),
    metavar="FILE",
    help="Write the frames' bytes, one after the other, as subscribers got them.",
)
@click.option("--scenario", metavar="NAME", help="Write a scenario test NAME.txt (captures of the Asterisk link).")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=SCENARIOS,
    show_default=True,
    help="The folder of scenarios.",
)
@click.option(
    "--masked",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Write a copy with other telephone numbers into FOLDER.",
)
@click.option("--logs", is_flag=True, help="What the gateway logs meanwhile, on standard error.")
@click.option("--lang", type=click.Choice([one.value for one in Language]), help="Language [the shell's].")
def replay(
    captures: tuple[Path, ...],
    is_tailing: bool,
    until: int | None,
    speed: float | None,
    as_json: bool,
    quiet: bool,
    frames: IO[bytes] | None,
    scenario: str | None,
    into: Path,
    masked: Path | None,
    logs: bool,
    lang: str | None,
) -> None:
    """Play captures of a gateway: the same events, byte for byte, at any speed.

    A FILE is a part of a capture ([capture] in gateway.toml), or a folder for all parts in it. Each can be played
    without those before it. Exits 1 where a file is damaged, or where it is played otherwise than it happened: with
    the file, the byte and what was expected there.
    """
    _log_nothing() if not logs else open_log(LogSettings(level=LevelName.INFO), daemon="replay")
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    show = None if quiet else json_lines if as_json else human_lines(colour=colour)
    course = Course(is_tailing=is_tailing, until=until, speed=speed, is_scenario=scenario is not None, masked=masked)
    try:
        for published in course.run(captures, lambda words: say(words, lang, to_error=True)):
            _put(published, show, frames)
        say(course.account(), lang, to_error=True)
        if scenario is not None:
            _write_scenario(into / f"{scenario}.txt", course.writer, lang)
    except BadCapture as error:
        fail(text("it ends here: {reason}", reason=str(error)), lang)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        discard_output()


def _put(published: Published, show: Show | None, frames: IO[bytes] | None) -> None:
    if show is not None:
        sys.stdout.write(show(published.epoch, published.event) + "\n")
    if frames is not None:
        frames.write(published.frame)


def _write_scenario(path: Path, writer: ScenarioWriter | None, lang: str | None) -> None:
    if writer is None:
        fail(text("a scenario is made of a capture of the Asterisk link, and this is none"), lang)
    lines = writer.lines
    if not lines:
        fail(text("the capture holds no event of a call from a moment on at which the switch was known"), lang)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    except OSError as error:
        fail(text("{file} cannot be written: {reason}", file=str(path), reason=error.strerror or str(error)), lang)
    say(text("{file} is written; read it, and change what should be otherwise", file=str(path)), lang, to_error=True)


def _log_nothing() -> None:
    """What is logged in a replay was logged when it happened."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger("critical"), logger_factory=structlog.ReturnLoggerFactory()
    )


@dataclass(slots=True)
class Course:
    """Files played one after the other. ``speed`` None: without waiting."""

    is_tailing: bool = False
    until: int | None = None
    speed: float | None = None
    is_scenario: bool = False
    masked: Path | None = None
    """Where to write a copy with other numbers."""
    mask: NumberMask | None = None
    writer: ScenarioWriter | None = None
    """Of the scenario, once a part is played."""
    steps: int = 0
    events: int = 0
    happened_seconds: float = 0.0
    """How long it took when it happened, gaps between files left out."""
    _began: float = 0.0

    def run(self, captures: tuple[Path, ...], tell: Callable[[Text], None]) -> Iterator[Published]:
        """What is published, in order. BadCapture ends it."""
        self._began = time.perf_counter()
        files = files_of(captures)
        last: Player | None = None
        while files:
            path = files.pop(0)
            player, part = self._player(path.name), PartReader(path)
            try:
                yield from self._part(player, part, last, tell)
            finally:
                part.close()
                if isinstance(player, MaskedCopy):
                    player.end()
                    self.mask = player.mask
            if self._is_over(player):
                return
            if not part.rest.is_ended:
                tell(_cut_off(path.name, part.rest.torn_bytes))
            last = player
            if self.is_tailing and not files and part.rest.next_file:
                files.append(path.with_name(part.rest.next_file))

    def _player(self, file: str) -> Player:
        return Player(file) if self.masked is None else MaskedCopy(file, self.masked, self.mask)

    def account(self) -> Text:
        """What was played, and how fast."""
        took = max(time.perf_counter() - self._began, 1e-6)
        return text(
            "{events} events of {steps} steps, all as they were: {happened} s in {took} s, {times} times as fast",
            events=self.events,
            steps=self.steps,
            took=f"{took:.1f}",
            happened=f"{self.happened_seconds:.1f}",
            times=f"{self.happened_seconds / took:.0f}",
        )

    def _part(
        self, player: Player, part: PartReader, last: Player | None, tell: Callable[[Text], None]
    ) -> Iterator[Published]:
        pace = Pace(self.speed)
        first_us = last_us = 0
        while True:
            for record in part.records():
                header = player.header
                if self.speed is not None and (came_us := player.time_of(record)) is not None:
                    pace.wait_for(came_us)
                yield from self._record(player, record)
                first_us, last_us = first_us or player.wall_us, player.wall_us
                if header is None and player.header is not None:
                    for words in _about(player.header, last):
                        tell(words)
                if self._is_over(player):
                    break
            else:
                if self.is_tailing and not part.rest.is_ended:
                    sys.stdout.flush()
                    time.sleep(GROWTH_SECONDS)
                    continue
            self.happened_seconds += (last_us - first_us) / MICROSECONDS
            return

    def _record(self, player: Player, record: Record) -> Iterator[Published]:
        steps = player.steps
        for published in player.play(record):
            if self.until is not None and published.event.number > self.until:
                return
            self.events += 1
            yield published
        self.steps += player.steps - steps
        if self.is_scenario and player.is_loaded:
            self.writer = self.writer or writer_for(player)
            if self.writer is not None and player.steps > steps and player.step is not None:
                self.writer.take(player.step)

    def _is_over(self, player: Player) -> bool:
        return self.until is not None and player.is_loaded and player.works.owner.model.number >= self.until


@dataclass(slots=True)
class Pace:
    """Keeps a replay to the time of its file. ``speed`` None: does not."""

    speed: float | None
    _began_us: int = 0
    _began: float = 0.0

    def wait_for(self, came_us: int) -> None:
        """Until it is time for what came then."""
        if self.speed is None:
            return
        if not self._began_us:
            self._began_us, self._began = came_us, time.monotonic()
        due = self._began + (came_us - self._began_us) / MICROSECONDS / self.speed
        if (seconds := due - time.monotonic()) > 0:
            sys.stdout.flush()
            time.sleep(seconds)


def _about(header: Header, last: Player | None) -> Iterator[Text]:
    yield text(
        "part {part} of {capture}, {began}: {interface} {profile}, from event {epoch}:{number} on",
        part=header.part,
        capture=header.capture,
        began=header.began,
        interface=header.interface,
        profile=header.profile,
        epoch=header.epoch,
        number=header.next_number,
    )
    if header.software != software():
        yield text(
            "it was made by {then}, and this is {now}: it may be played otherwise", then=header.software, now=software()
        )
    if last is not None and last.header is not None and last.header.capture == header.capture:
        number = last.works.owner.model.number + 1
        if number < header.next_number:
            yield text("events {first} to {last} are in none of these files", first=number, last=header.next_number - 1)


def _cut_off(file: str, torn_bytes: int) -> Text:
    if torn_bytes:
        return counted(
            "{file} is cut off: {count} byte of a record that is not whole is left out",
            "{file} is cut off: {count} bytes of a record that is not whole are left out",
            torn_bytes,
            file=file,
        )
    return text("{file} is cut off, or is still being written", file=file)
