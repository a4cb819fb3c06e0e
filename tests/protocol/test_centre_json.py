"""An event's JSON form is read as it was written; whatever is wrong with one that people wrote is named by its key."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.centre_events import CentreEvent
from protocol.centre_codec import decode_centre, pack_centre_event
from protocol.centre_json import UnfitJson, centre_event_of
from protocol.json_form import event_json, json_line
from tests.protocol.centre_samples import centre_events

GOOD: dict[str, Any] = {
    "kind": "agent_state_changed",
    "time": "2026-01-31T08:09:10.000001Z",
    "seen": "1:5",
    "session": {
        "session_id": "9:1",
        "agent": "7001",
        "name": "Ada",
        "device": "8001",
        "state": "ready",
        "since": "2026-01-31T08:09:10Z",
        "began": "2026-01-31T08:00:00+00:00",
    },
}


@given(centre_events)
def test_what_is_written_is_read(event: CentreEvent) -> None:
    assert centre_event_of(json.loads(json_line(event_json(7, event))), 0) == event


def test_the_number_is_the_line_s_unless_it_is_said() -> None:
    assert centre_event_of(GOOD, 12).number == 12
    assert centre_event_of({**GOOD, "number": 3}, 12).number == 3


def changed(**changes: Any) -> dict[str, Any]:
    return {**GOOD, **changes}


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ([], r"expected a JSON object, got \[\]"),
        (changed(kind="established"), "kind: expected one of agent_logged_in, .* got 'established'"),
        (changed(kind=7), "kind: expected one of .* got 7"),
        (changed(time="yesterday"), "time: expected a time like 2026-01-31T.* got 'yesterday'"),
        (changed(time="2026-01-31T08:09:10"), "time: expected a time like"),
        (changed(time="0001-01-01T00:00:00+23:59"), "time: expected a time like"),
        (changed(time=["2026-01-31T08:09:10Z"]), "time: expected a time like"),
        (changed(kind=["agent_logged_in"]), "kind: expected one of agent_logged_in, .* got \\['agent"),
        (changed(kind={}), "kind: expected one of agent_logged_in, .* got {}"),
        (changed(seen="5"), "seen: expected EPOCH:NUMBER, two whole numbers below 2.64, got '5'"),
        (changed(seen=f"{2**64}:1"), "seen: expected EPOCH:NUMBER"),
        (changed(seen=f"1:{2**64}"), "seen: expected EPOCH:NUMBER"),
        (changed(seen={"epoch": 1}), "seen: expected EPOCH:NUMBER"),
        (changed(number=-1), "number: expected a whole number, 0 to 18446744073709551615, got -1"),
        (changed(number=2**64), "number: expected a whole number"),
        (changed(**{"x" * 90: 1}), f"^{'x' * 37}…: unknown key"),
        (changed(session={**GOOD["session"], "state": ["ready"]}), "session.state: expected one of logged_o"),
        (changed(session={**GOOD["session"], "agent": "7\ud800"}), "session.agent: character 2 is half of one"),
        (changed(session={**GOOD["session"], "name": "A" * 4096}), "session.name: expected a text of at most 4095 b"),
        (changed(number=True), "number: expected a whole number"),
        (changed(sesion={}), "sesion: unknown key; expected kind, number, time, seen, session"),
        (changed(session="Ada"), "session: expected a JSON object, got 'Ada'"),
        (
            changed(session={**GOOD["session"], "state": "asleep"}),
            "session.state: expected one of logged_o.*asleep",
        ),
        (changed(session={**GOOD["session"], "agent": 7001}), "session.agent: expected a text, got 7001"),
        (changed(session={**GOOD["session"], "skills": []}), "session.skills: unknown key"),
        ({key: value for key, value in GOOD.items() if key != "seen"}, "seen: is missing"),
    ],
)
def test_what_is_wrong_is_named(form: object, said: str) -> None:
    with pytest.raises(UnfitJson, match=said):
        centre_event_of(form, 1)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([2**16, 2**32, 2**64]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


EDGES = ["0:0", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000+00:00", "9999-12-31T23:59:59.999999-01:00"]


def places(form: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every key of a form and of what it holds, as a path."""
    for key, value in form.items():
        yield (*path, key)
        if isinstance(value, dict):
            yield from places(value, (*path, key))


@given(centre_events, st.data())
def test_what_was_read_can_be_told_whatever_somebody_wrote(event: CentreEvent, data: st.DataObject) -> None:
    form = json.loads(json_line(event_json(7, event)))
    *path, key = data.draw(st.sampled_from(sorted(places(form))))
    inner = form
    for one in path:
        inner = inner[one]
    inner[key] = data.draw(JSON_VALUES | st.text(st.characters(), max_size=3) | st.sampled_from(EDGES))
    try:
        read = centre_event_of(form, 1)
    except UnfitJson:
        return
    kind, body = pack_centre_event(read)
    assert decode_centre(kind, read.number, body) == read
    json_line(event_json(7, read))
