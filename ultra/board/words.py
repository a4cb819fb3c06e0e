"""Words in cells: a Chinese character is two wide, and nothing may be wider than its column. Pure."""

from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from model.view import Condition
from runtime.clock import MICROSECONDS

WRAPPED_LINES_MAX: Final = 3
"""For the reason of the link's state: the longest that a link gives fits on 80 columns."""

_DAY: Final = 86_400
_HOUR: Final = 3_600


def duration(seconds: int) -> str:
    """``0:07``, ``12:30``, ``3:05:00``, ``2d 04h``."""
    if seconds >= _DAY:
        return f"{seconds // _DAY}d {seconds % _DAY // _HOUR:02}h"
    if seconds >= _HOUR:
        return f"{seconds // _HOUR}:{seconds % _HOUR // 60:02}:{seconds % 60:02}"
    return f"{seconds // 60}:{seconds % 60:02}"


def since(time_us: int, now_us: int) -> str:
    """How long ago a time was; a clock that is behind it counts as no time at all."""
    return duration(max(now_us - time_us, 0) // MICROSECONDS)


def condition_words(condition: Condition, now_us: int) -> str:
    """``consumer_behind cdr for 2:05: …``: trouble that lasts, what it is about, since when, why."""
    about = " ".join(filter(None, condition.about))
    return f"{about} for {since(condition.since_us, now_us)}: {condition.text}"


def fitted(words: str, columns: int) -> str:
    """At most so wide; what is cut ends in …"""
    if cell_len(words) <= columns:
        return words
    return set_cell_size(words, columns - 1).rstrip() + "…" if columns > 0 else ""


def padded(words: str, columns: int) -> str:
    """Exactly so wide."""
    return set_cell_size(fitted(words, columns), max(columns, 0))


def spread(left: str, right: str, width: int) -> str:
    """Both at their ends of a line; the left one gives way."""
    return padded(left, width - cell_len(right)) + right if cell_len(right) < width else fitted(left, width)


def wrapped(words: str, style: str, width: int) -> list[Text]:
    """On as many lines as are needed, up to ``WRAPPED_LINES_MAX``; the later ones indented."""
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}"
        if cell_len(longer) > width and lines[-1]:
            lines.append(f"   {word}")
        else:
            lines[-1] = longer
    first, rest = lines[: WRAPPED_LINES_MAX - 1], lines[WRAPPED_LINES_MAX - 1 :]
    if rest:
        first.append("   " + " ".join(line.strip() for line in rest))
    return [Text(fitted(line, width), style=style) for line in first]
