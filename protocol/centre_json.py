"""Events of the CTI server and the IVR from their JSON form: what ``protocol.json_form`` writes, read again.

For scenario files, which people write: whatever is not as it must be is named by its key, with what was expected.
"""

from dataclasses import MISSING, fields
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any, Final, TypeVar, get_args, get_type_hints

from model.centre import AgentSession, IvrSession, QueueVisit
from model.centre_events import (
    AgentEvent,
    AgentEventKind,
    CentreEvent,
    IvrEvent,
    IvrEventKind,
    SeenEvent,
    VisitEvent,
    VisitEventKind,
)
from model.ids import EventId
from protocol.limits import FIELD_BYTES_MAX
from protocol.times import time_of

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EVENTS: Final[dict[str, tuple[type[CentreEvent], IntEnum | None]]] = {
    **{kind.name.lower(): (AgentEvent, kind) for kind in AgentEventKind},
    **{kind.name.lower(): (VisitEvent, kind) for kind in VisitEventKind},
    **{kind.name.lower(): (IvrEvent, kind) for kind in IvrEventKind},
    "seen": (SeenEvent, None),
}
_HEAD: Final = ("epoch", "number", "kind", "time")
_NESTED: Final = (AgentSession, QueueVisit, IvrSession)
_WHOLE_MAX: Final = {"number": 2**64 - 1, "priority": 2**16 - 1}
"""What a number's place on the wire holds; of those not named here 32 bits."""
_ID_PART_MAX: Final = 2**64 - 1
_TEXT_BYTES_MAX: Final = FIELD_BYTES_MAX // 16
"""So that all the texts of one thing go into one field of a body."""
_NO_ID: Final = EventId(0, 0)
"""On the wire, as a time of 0: there is none, where there may be none."""
_SHOWN_MAX: Final = 40

T = TypeVar("T")


class UnfitJson(ValueError):
    """The form is none of an event; the text names the key and what was expected there."""


def centre_event_of(form: object, number: int) -> CentreEvent:
    """The event of a form; ``number`` where it names none. ``UnfitJson`` names the key."""
    if not isinstance(form, dict):
        raise UnfitJson(f"expected a JSON object, got {_shown(form)}")
    said = form.get("kind")
    if not isinstance(said, str) or said not in _EVENTS:
        raise UnfitJson(f"kind: expected one of {', '.join(sorted(_EVENTS))}, got {_shown(said)}")
    cls, kind = _EVENTS[said]
    values = {
        **{key: value for key, value in form.items() if key not in _HEAD},
        "number": form.get("number", number),
        "received": form.get("time"),
    }
    given = {} if kind is None else {"kind": kind}
    return _value_of(cls, values, "", given)


def _value_of(cls: type[T], form: object, path: str, given: dict[str, Any] | None = None) -> T:
    if not isinstance(form, dict):
        raise UnfitJson(f"{path.rstrip('.')}: expected a JSON object, got {_shown(form)}")
    known = given or {}
    hints = get_type_hints(cls)
    left = dict(form)
    values: dict[str, Any] = dict(known)
    for one in fields(cls):  # type: ignore[arg-type]
        if one.name in known:
            continue
        key = one.name.removesuffix("_us")
        if key not in left:
            if one.default is MISSING:
                raise UnfitJson(f"{path}{_told(key)}: is missing")
            continue
        values[one.name] = _read(one.name, hints[one.name], left.pop(key), f"{path}{_told(key)}")
    if left:
        raise UnfitJson(f"{path}{_cut(min(left))}: unknown key; expected {', '.join(_keys(cls))}")
    return cls(**values)


def _told(key: str) -> str:
    return "time" if key == "received" else key


def _keys(cls: type) -> list[str]:
    return [_told(one.name.removesuffix("_us")) for one in fields(cls)]


def _read(name: str, hint: Any, value: object, path: str) -> Any:
    options = get_args(hint)
    may_be_none = type(None) in options
    if value is None and may_be_none:
        return None
    kind = next((one for one in options if one is not type(None)), hint)
    kind = getattr(kind, "__supertype__", kind)
    kind = getattr(kind, "__supertype__", kind)  # an id of an id
    if name.endswith("_us"):
        return (_time_of(value, path) or None) if may_be_none else _time_of(value, path)
    if kind in _NESTED:
        return _value_of(kind, value, f"{path}.")
    if kind is EventId:
        said = _id_of(value, path)
        return None if may_be_none and said == _NO_ID else said
    if isinstance(kind, type) and issubclass(kind, IntEnum):
        names = {one.name.lower(): one for one in kind}
        if not isinstance(value, str) or value not in names:
            raise UnfitJson(f"{path}: expected one of {', '.join(names)}, got {_shown(value)}")
        return names[value]
    return _whole_of(name, value, path) if kind is int else _text_of(value, path)


def _whole_of(name: str, value: object, path: str) -> int:
    at_most = _WHOLE_MAX.get(name, 2**32 - 1)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= at_most:
        raise UnfitJson(f"{path}: expected a whole number, 0 to {at_most}, got {_shown(value)}")
    return value


def _text_of(value: object, path: str) -> str:
    if not isinstance(value, str):
        raise UnfitJson(f"{path}: expected a text, got {_shown(value)}")
    try:
        in_bytes = value.encode()
    except UnicodeEncodeError as error:
        raise UnfitJson(f"{path}: character {error.start + 1} is half of one (a lone surrogate)") from None
    if len(in_bytes) > _TEXT_BYTES_MAX:
        raise UnfitJson(f"{path}: expected a text of at most {_TEXT_BYTES_MAX} bytes, got {len(in_bytes)}")
    return value


def _id_of(value: object, path: str) -> EventId:
    try:
        said = EventId.parse(value) if isinstance(value, str) else None
    except ValueError:
        said = None
    if said is None or max(said.epoch, said.number) > _ID_PART_MAX:
        raise UnfitJson(f"{path}: expected EPOCH:NUMBER, two whole numbers below 2^64, got {_shown(value)}")
    return said


def _time_of(value: object, path: str) -> int:
    expected = f"{path}: expected a time like 2026-01-31T08:09:10.000001Z, got {_shown(value)}"
    try:
        when = datetime.fromisoformat(value) if isinstance(value, str) else None
        if when is None or when.tzinfo is None:
            raise UnfitJson(expected)
        return time_of((when - _EPOCH) // timedelta(microseconds=1))
    except ValueError:
        raise UnfitJson(expected) from None


def _shown(value: object) -> str:
    return _cut(repr(value))


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_MAX else f"{text[: _SHOWN_MAX - 3]}…"
