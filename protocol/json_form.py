"""The one JSON form of each kind: for ``ultra tail --json``, the web socket and the tests. Pure.

It follows the declaration: a key for each field of the body, in its order, behind ``epoch, number, kind, time``. Ids
are ``EPOCH:NUMBER``, times ISO 8601 in UTC with microseconds (the key drops its ``_us``), states and kinds their
lower-case names, causes the standard's spelling. An absent field is left out.
"""

import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Final

from model.causes import Cause
from model.centre_events import AgentEvent, CentreEvent, IvrEvent, SeenEvent, VisitEvent
from model.events import CallEvent, ConditionEvent, DeviceEvent, Event, LicenceEvent, LinkEvent
from model.ids import EventId, RequestRef
from protocol.errors import code_name
from protocol.kinds import Kind
from protocol.messages import Gap

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_IN_BODY: Final = frozenset({"kind", "number", "received_us"})

Json = dict[str, Any]


def kind_of(event: Event | CentreEvent) -> Kind:
    """The ULP kind of an event."""
    if isinstance(event, CallEvent | AgentEvent | VisitEvent | IvrEvent):
        return Kind(event.kind)
    if isinstance(event, DeviceEvent):
        return Kind.DEVICE_CHANGED
    if isinstance(event, LinkEvent):
        return Kind.LINK_CHANGED
    if isinstance(event, LicenceEvent):
        return Kind.LICENCE_CHANGED
    if isinstance(event, ConditionEvent):
        return Kind.CONDITION_CHANGED
    return Kind.SEEN if isinstance(event, SeenEvent) else Kind.MODEL_MISMATCH


def iso_time(time_us: int) -> str:
    """Microseconds since 1970 UTC as ``2026-01-31T08:09:10.000001Z``."""
    return (_EPOCH + timedelta(microseconds=time_us)).isoformat(timespec="microseconds").replace("+00:00", "Z")


def event_json(epoch: int, event: Event | CentreEvent) -> Json:
    """The canonical form of an event of an epoch; ``time`` is when the gateway received it."""
    form: Json = {
        "epoch": epoch,
        "number": event.number,
        "kind": kind_of(event).name.lower(),
        "time": iso_time(event.received_us),
    }
    for one in fields(event):
        if one.name in _NOT_IN_BODY:
            continue
        value = getattr(event, one.name)
        if value is None or (one.name == "joined" and not value):
            continue
        if one.name == "joined":
            form["joined"] = [{"winner": str(winner), "loser": str(loser)} for winner, loser in value]
        elif one.name == "change":
            form["devices"] = [_form(value)]
        else:
            form[_key(one.name)] = _form_of(one.name, value)
    return form


def gap_json(gap: Gap, time_us: int) -> Json:
    """A gap in the same four keys: ``number`` is the first event that will not come."""
    return {
        "epoch": gap.epoch,
        "number": gap.first,
        "kind": "gap",
        "time": iso_time(time_us),
        "last": gap.last,
        "reason": code_name(gap.code),
    }


def json_line(form: Json) -> str:
    """One line, UTF-8 text kept readable, keys in their order."""
    return json.dumps(form, ensure_ascii=False, separators=(", ", ": "))


def value_json(value: Any) -> Any:
    """The form of a call, device, link, licence or whole snapshot."""
    return _form(value)


def _key(name: str) -> str:
    return name.removesuffix("_us")


def _form_of(name: str, value: Any) -> Any:
    return iso_time(value) if name.endswith("_us") and isinstance(value, int) else _form(value)


def _form(value: Any) -> Any:
    match value:
        case Cause():
            return value.text
        case Enum():
            return value.name.lower()
        case EventId() | None:
            return None if value is None else str(value)
        case RequestRef():
            return {"session": value.session, "number": value.number}
        case tuple():
            return [_form(item) for item in value]
        case str() | bool() | int():
            return value
    return {_key(one.name): _form_of(one.name, getattr(value, one.name)) for one in fields(value)}
