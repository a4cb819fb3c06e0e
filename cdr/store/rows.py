"""Records as rows and back."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar, get_type_hints

from cdr.records import Record, Spans
from cdr.store.schema import TEXT_MAX, TIMES, column_name

_EPOCH: Final = datetime(1970, 1, 1)
"""UTC; the columns hold it without saying so."""
_SPANS: Final = tuple(one.name for one in fields(Spans))
SEPARATOR: Final = ","

R = TypeVar("R")

_hints: dict[type, dict[str, Any]] = {}


def time_of(time_us: int) -> datetime:
    """A moment as the columns hold it: UTC, without a zone."""
    return _EPOCH + timedelta(microseconds=time_us)


def microseconds_of(time: datetime) -> int:
    """A moment of a column."""
    naive = time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo is not None else time
    return (naive - _EPOCH) // timedelta(microseconds=1)


def row_of(record: Record, zone: str) -> dict[str, Any]:
    """The row of a record. A text longer than its column is cut: what a switch sent must not stop the records."""
    row: dict[str, Any] = {}
    for one in fields(record):
        value = getattr(record, one.name)
        if isinstance(value, Spans):
            row |= {name: getattr(value, name) for name in _SPANS}
        elif one.name in TIMES:
            row[column_name(one.name)] = None if value is None else time_of(value)
        elif isinstance(value, tuple):
            row[one.name] = SEPARATOR.join(value)
        elif isinstance(value, str):
            row[one.name] = _storable(value, None if one.name in ("text", "parties") else TEXT_MAX)
        else:
            row[one.name] = value
    row["zone"] = zone
    return row


def record_of(kind: type[R], row: Mapping[str, Any]) -> R:
    """The record of a row."""
    hints = _hints.setdefault(kind, get_type_hints(kind))
    values: dict[str, Any] = {}
    for one in fields(kind):  # type: ignore[arg-type]
        hint = hints[one.name]
        if hint is Spans:
            values[one.name] = Spans(**{name: row[name] for name in _SPANS})
            continue
        value = row[column_name(one.name)]
        if one.name in TIMES:
            value = None if value is None else microseconds_of(value)
        elif one.name in ("parties", "missing"):
            value = tuple(value.split(SEPARATOR)) if value else ()
        elif isinstance(hint, type) and hint is not str and issubclass(hint, str):
            value = hint(value)
        elif hint is bool:
            value = bool(value)
        values[one.name] = value
    return kind(**values)


def _storable(text: str, characters_max: int | None) -> str:
    """Without what a database refuses in a text (NUL, half of a surrogate pair), and not too long."""
    if not text.isascii() or "\x00" in text:
        text = text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    return text if characters_max is None else text[:characters_max]
