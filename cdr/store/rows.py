"""Records as rows and back."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from operator import attrgetter
from typing import Any, Final, TypeVar, get_type_hints

from cdr.records import ConversationRecord, Record, Spans
from cdr.store.schema import TEXT_MAX, TIMES, column_name

_EPOCH: Final = datetime(1970, 1, 1)
"""UTC; the columns hold it without saying so."""
_SPANS: Final = tuple(one.name for one in fields(Spans))
SEPARATOR: Final = ","
LISTS: Final = frozenset({"parties", "missing"})
"""Fields with several texts, each without the separator."""

R = TypeVar("R", bound=Record)

_hints: dict[type, dict[str, Any]] = {}


def time_of(time_us: int) -> datetime:
    """A moment as the columns hold it: UTC, without a zone."""
    return _EPOCH + timedelta(microseconds=time_us)


def microseconds_of(time: datetime) -> int:
    """A moment of a column."""
    naive = time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo is not None else time
    return (naive - _EPOCH) // timedelta(microseconds=1)


class _Shape:
    """How a kind of record becomes a row: where each column's value is had, and what is done with some of them."""

    def __init__(self, kind: type[Any]) -> None:
        paths: dict[str, str] = {}
        changes: dict[str, Callable[[Any], Any]] = {}
        hints = get_type_hints(kind)
        for one in fields(kind):
            name, hint = column_name(one.name), hints[one.name]
            if hint is Spans:
                paths |= {span: f"{one.name}.{span}" for span in _SPANS}
                continue
            paths[name] = f"{one.name}.value" if isinstance(hint, type) and issubclass(hint, StrEnum) else one.name
            if one.name in TIMES:
                changes[name] = _time_or_none
            elif one.name in LISTS:
                changes[name] = _joined
            elif hint is str and not one.name.endswith("_id"):  # identities are of our own making
                changes[name] = _whole if one.name == "text" else _cut
        self._names = tuple(paths)
        self._values = attrgetter(*paths.values())
        self._changes = [(at, changes[name]) for at, name in enumerate(paths) if name in changes]

    def row(self, record: Record) -> dict[str, Any]:
        """The row, without what comes with the site."""
        values = list(self._values(record))
        for at, change in self._changes:
            values[at] = change(values[at])
        return dict(zip(self._names, values, strict=True))


_shape_of = cache(_Shape)


def row_of(record: Record, zone: str) -> dict[str, Any]:
    """The row of a record. A text longer than its column is cut: what a switch sent must not stop the records."""
    kind: Any = type(record)
    row = _shape_of(kind).row(record)
    row["zone"] = zone
    if kind is ConversationRecord:
        row["masked"] = ""  # as it is now, its numbers can be read
    return row


def record_of(kind: type[R], row: Mapping[str, Any]) -> R:
    """The record of a row."""
    hints = _hints.setdefault(kind, get_type_hints(kind))
    values: dict[str, Any] = {}
    for one in fields(kind):
        hint = hints[one.name]
        if hint is Spans:
            values[one.name] = Spans(**{name: row[name] for name in _SPANS})
            continue
        value = row[column_name(one.name)]
        if one.name in TIMES:
            value = None if value is None else microseconds_of(value)
        elif one.name in LISTS:
            value = tuple(value.split(SEPARATOR)) if value else ()
        elif isinstance(hint, type) and hint is not str and issubclass(hint, str):
            value = hint(value)
        elif hint is bool:
            value = bool(value)
        values[one.name] = value
    return kind(**values)


def _time_or_none(time_us: int | None) -> datetime | None:
    return None if time_us is None else _EPOCH + timedelta(microseconds=time_us)


def _joined(texts: tuple[str, ...]) -> str:
    return _whole(SEPARATOR.join(texts))


def _whole(text: str) -> str:
    """Without what a database refuses in a text: NUL, half of a surrogate pair."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _cut(text: str) -> str:
    if len(text) <= TEXT_MAX and text.isascii() and "\x00" not in text:
        return text
    return _whole(text)[:TEXT_MAX]
