"""The page of reasons: what makes it 503, its lines for people, its JSON for programs."""

import json

from runtime.health import Reason, is_good, page
from runtime.problems import Severity

ERROR = Reason("link_not_up", "down: 到 PBX 的电缆")
WARNING = Reason("licence_grace", "ends\nnot ready\x1b[31m", Severity.WARNING)


def test_nothing_to_say() -> None:
    told = page("ready", [], as_json=False)
    assert (told.status, told.body) == (200, b"ready\n")
    assert json.loads(page("ready", [], as_json=True).body) == {"ready": True, "reasons": []}


def test_a_warning_is_told_and_stops_nobody_and_forges_no_line() -> None:
    told = page("ready", [WARNING], as_json=False)
    assert (told.status, told.body.decode().splitlines()) == (
        200,
        ["ready", "warning licence_grace: ends␊not ready␛[31m"],
    )
    assert is_good([WARNING])


def test_an_error_is_503_and_stands_first() -> None:
    told = page("ready", [WARNING, ERROR], as_json=False)
    assert told.status == 503
    assert told.body.decode().splitlines()[:2] == ["not ready", "error link_not_up: down: 到 PBX 的电缆"]
    assert not is_good([WARNING, ERROR])


def test_json() -> None:
    told = page("ready", [WARNING, ERROR], as_json=True)
    assert (told.status, told.content_type) == (503, "application/json")
    assert json.loads(told.body) == {
        "ready": False,
        "reasons": [
            {"code": "link_not_up", "severity": "error", "text": "down: 到 PBX 的电缆"},
            {"code": "licence_grace", "severity": "warning", "text": "ends\nnot ready\x1b[31m"},
        ],
    }


def test_what_is_no_text_at_all_is_answered_all_the_same() -> None:
    for as_json in (False, True):
        assert page("ready", [Reason("odd", "\udc80")], as_json=as_json).status == 503
