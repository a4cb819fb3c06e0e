"""What the daemons' logger writes, in either form, is read back as it was; what is no log line is not lost."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.log_lines import json_line, text_line
from runtime.logs import Level
from ultra.log_records import Record, as_json, is_continuation, parse_line, shown

VALUES = {"time": "2026-03-01T08:00:00.123456Z", "level": "warning", "daemon": "ultralnk", "event": "call_ended"}
TIME = datetime(2026, 3, 1, 8, 0, 0, 123456, UTC)

values = st.text(max_size=20) | st.sampled_from(
    ['a "b" call_id=9:9', "x=y", "[call_id=9:9]", "\\", '\\" call_id=9:9', ""]
)


def record(line: str) -> Record:
    found = parse_line(line)
    assert found is not None, line
    return found


@given(values, values)
def test_both_forms_come_back(reason: str, name: str) -> None:
    keys = {**VALUES, "reason": reason, "call_id": "5:17", "names": [name], "number": 7}
    from_json, from_text = record(json_line(keys)), record(text_line(keys))
    for one in (from_json, from_text):
        assert (one.time, one.level) == (TIME, Level.WARNING)
        assert one.keys["event"] == "call_ended"
        assert one.concerns_call("5:17")
        assert not one.concerns_call("9:9")
    assert from_json.keys["reason"] == reason


def test_a_time_without_a_zone_is_local() -> None:
    local = datetime(2026, 3, 1, 8).astimezone()
    assert record("2026-03-01T08:00:00 INFO    ultralnk x").time == local.astimezone(UTC)


@pytest.mark.parametrize(
    "line",
    ["", "Traceback (most recent call last):", "log_file_failed file=x", "{not json}", '{"a": 1}', '{"time": 7}',
     '{"time": "x", "level": "info"}', '{"time": "2026-03-01T08:00:00Z", "level": "loud"}', "[]",
     "2026-13-01T08:00:00 INFO    ultralnk x"],
)  # fmt: skip
def test_what_is_no_log_line(line: str) -> None:
    assert parse_line(line) is None


def test_a_line_of_no_known_form_counts_as_an_error() -> None:
    assert Record("Segmentation fault").level is Level.ERROR
    assert json.loads(as_json(Record("Segmentation fault"))) == {
        "time": None, "level": None, "line": "Segmentation fault"
    }  # fmt: skip


def test_a_json_line_is_shown_as_text_with_its_level_coloured() -> None:
    one = record(json_line({**VALUES, "reason": "a b"}))
    plain = shown(one, coloured=False)
    assert plain.endswith('WARNING ultralnk call_ended reason="a b"')
    assert shown(one, coloured=True) == plain.replace("WARNING", "\x1b[33mWARNING\x1b[0m")


def test_no_control_character_reaches_the_terminal() -> None:
    assert shown(Record("a\x1b[2Jb"), coloured=False) == r"a\x1b[2Jb"


def test_a_traceback_follows_in_either_form() -> None:
    text = text_line({**VALUES, "exception": "Traceback:\n  boom"})
    first, *rest = text.split("\n")
    assert all(map(is_continuation, rest))
    assert not is_continuation(first)
    whole = Record(text, TIME, Level.WARNING, record(first).keys)
    assert json.loads(as_json(whole))["exception"] == "Traceback:\n  boom"
    assert json.loads(as_json(whole))["time"] == VALUES["time"]
