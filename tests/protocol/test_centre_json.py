"""An event's JSON form is read as it was written; whatever is wrong with one that people wrote is named by its key."""

import json
from typing import Any

import pytest
from hypothesis import given

from model.centre_events import CentreEvent
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
        (changed(seen="5"), "seen: expected EPOCH:NUMBER, two whole numbers, got '5'"),
        (changed(number=-1), "number: expected a whole number, 0 or more, got -1"),
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
