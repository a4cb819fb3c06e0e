"""The live screen as one picture: ``picture`` takes what was seen and the terminal's size and gives what to draw. Pure.

Top down: which gateway, the link with its reason (never a still screen without its cause), trouble that lasts, the
licence, a grid of each kind of port, the calls in the room that is left. It never needs more lines than the terminal
has.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.text import Text

from model.states import LinkState
from model.view import Licence, Link
from ultra.board.grid import grid, heading
from ultra.board.rows import CallRow, DeviceRow, call_rows, device_rows, no_connection
from ultra.board.states import (
    GROUPS,
    LINK_STYLES,
    STYLE_BAD,
    STYLE_GOOD,
    STYLE_QUIET,
    STYLE_WAITING,
)
from ultra.board.words import condition_words, duration, fitted, padded, since, spread, wrapped
from ultra.event_lines import printable
from ultra.watching import Watch

CALL_LINES_MIN: Final = 8
"""Kept for the calls, their heading included, before the grids get the rest."""

_STATE_COLUMNS: Final = 10
_TIME_COLUMNS: Final = 7
_CALL_COLUMNS: Final = 8


@dataclass(frozen=True, slots=True)
class Moment:
    """When a picture is drawn: wall time for what people read, monotonic seconds for rates and waits."""

    wall_us: int
    clock: str
    """The time of day to show."""
    now: float


@dataclass(frozen=True, slots=True)
class Note:
    """A line that somebody adds below the licence: the demo says what it checked."""

    text: str
    style: str = ""


def picture(watch: Watch, moment: Moment, width: int, height: int, notes: Sequence[Note] = ()) -> Text:
    """The whole screen: at most ``height`` lines of at most ``width`` cells."""
    lines = [_title(watch, moment, width)]
    if watch.mirror is None:
        lines += wrapped(_trouble_words(watch, moment) or "waiting for the snapshot", STYLE_WAITING, width)
        lines += [_note(note, width) for note in notes]
        return _joined(lines, height)
    link = watch.mirror.link
    if trouble := _trouble_words(watch, moment):
        link = no_connection(watch.mirror, trouble)
        lines += wrapped(trouble, STYLE_BAD, width)
    else:
        lines += _link_lines(link, moment, width)
    for _, condition in sorted(watch.mirror.conditions.items()):
        lines += wrapped(printable(condition_words(condition, moment.wall_us)), STYLE_BAD, width)
    lines.append(_licence_line(watch.mirror.licence, width))
    lines += [_note(note, width) for note in notes]
    calls = call_rows(watch.mirror, moment.wall_us)
    room = height - len(lines) - CALL_LINES_MIN
    lines += _grids(device_rows(watch.mirror, link), width, room)
    lines += _calls(watch, calls, moment, width, height - len(lines), link.state.is_up)
    return _joined(lines, height)


def _title(watch: Watch, moment: Moment, width: int) -> Text:
    left, right = f" ultra view  {watch.server}", f"{moment.clock}  q quits "
    return Text(spread(left, right, width), style="reverse")


def _trouble_words(watch: Watch, moment: Moment) -> str:
    if watch.trouble is None:
        return ""
    wait = max(watch.retry_at - moment.now, 0.0)
    again = f"trying again in {wait:.0f} s" if wait >= 1 else "trying again"
    return printable(f"no connection to the gateway: {watch.trouble}; {again}; what is shown is no longer known")


def _link_lines(link: Link, moment: Moment, width: int) -> list[Text]:
    state = link.state.name.lower().replace("_", " ")
    told = f"link {state.upper()} for {since(link.since_us, moment.wall_us)}"
    words = f"{told}  {printable(link.interface)}  {printable(link.reason)}".rstrip()
    lines = wrapped(words, "" if link.state is LinkState.UP else LINK_STYLES[link.state], width)
    if link.state is LinkState.UP:
        lines[0].stylize(LINK_STYLES[link.state], 6, 6 + len(state))
    return lines


def _licence_line(licence: Licence, width: int) -> Text:
    customer = f" {printable(licence.customer)}" if licence.customer else ""
    words = f" licence {licence.kind}{customer}: {licence.seats_needed} of {licence.seats} seats needed"
    if licence.reason and licence.kind != "valid":
        words += f"; {printable(licence.reason)}"
    style = STYLE_WAITING if licence.seats_needed > licence.seats else ""
    return Text(fitted(words, width), style=style)


def _note(note: Note, width: int) -> Text:
    return Text(fitted(f" {printable(note.text)}", width), style=note.style)


def _grids(rows: list[DeviceRow], width: int, room: int) -> list[Text]:
    """A heading with counts and a grid for each kind of port there is, in at most ``room`` lines."""
    kinds = [(title, [row for row in rows if row.kind is kind]) for kind, title in GROUPS]
    present = [(title, of_kind) for title, of_kind in kinds if of_kind]
    left = room - len(present)
    lines: list[Text] = []
    for index, (title, of_kind) in enumerate(present):
        lines.append(heading(title, of_kind, width))
        # Those that come after keep at least one line each.
        cells = grid(of_kind, width, left - (len(present) - index - 1))
        left -= len(cells)
        lines += cells
    return lines


# -- calls -----------------------------------------------------------------------------------------------------------


def _calls(watch: Watch, rows: list[CallRow], moment: Moment, width: int, room: int, is_known: bool) -> list[Text]:
    if room <= 0:
        return []
    rates = (
        f"{watch.call_rate.per_second(moment.now):.1f} calls/s, {watch.event_rate.per_second(moment.now):.1f} events/s"
    )
    heading = Text(spread(f" 通话 Calls {len(rows)}", f"{rates} ", width), style="bold")
    body = room - 2
    if body <= 0:
        return [heading]
    if not rows:
        return [heading, Text("  no calls", style=STYLE_QUIET)]
    shown = rows if len(rows) <= body else rows[: body - 1]
    lines = [heading, _call_head(width), *(_call_line(row, width, is_known) for row in shown)]
    if len(shown) < len(rows):
        lines.append(Text(fitted(f"  … and {len(rows) - len(shown)} younger ones", width), style=STYLE_QUIET))
    return lines


def _call_head(width: int) -> Text:
    return Text(_call_columns("CALL", "FROM → TO", "NOW IN IT", "STATE", "TIME", width), style=STYLE_QUIET)


def _call_line(row: CallRow, width: int, is_known: bool) -> Text:
    line = Text(
        _call_columns(
            str(row.call.call_id.number),
            printable(f"{row.party_from} → {row.party_to}"),
            printable(row.parties),
            row.state if is_known else "unknown",
            duration(row.seconds),
            width,
        )
    )
    line.stylize(_CALL_STYLES.get(row.state, "") if is_known else STYLE_WAITING)
    return line


def _call_columns(call: str, way: str, parties: str, state: str, time: str, width: int) -> str:
    free = max(width - _CALL_COLUMNS - _STATE_COLUMNS - _TIME_COLUMNS - 4, 8)
    way_columns = free * 3 // 5
    line = " ".join(
        (
            padded(f" {call}", _CALL_COLUMNS),
            padded(way, way_columns),
            padded(parties, free - way_columns),
            padded(state, _STATE_COLUMNS),
            time.rjust(_TIME_COLUMNS - 1),
        )
    )
    return fitted(line, width)


_CALL_STYLES: Final = {
    "talking": STYLE_GOOD,
    "conference": STYLE_GOOD,
    "ringing": STYLE_WAITING,
    "queued": STYLE_WAITING,
    "held": "bold magenta",
    "failed": "bold red",
}


def _joined(lines: list[Text], height: int) -> Text:
    whole = Text("\n", no_wrap=True, overflow="crop", end="").join(lines[:height])
    whole.no_wrap = True
    return whole
