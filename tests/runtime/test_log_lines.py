"""No value can forge a line, and JSON gives back what was logged."""

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from runtime.log_lines import TRACEBACK_CHARS_MAX, VALUE_CHARS_MAX, escaped, json_line, text_line

HEAD = {"time": "2026-03-01T08:00:00Z", "level": "info", "daemon": "ultralnk", "event": "call_ended"}
ANY_TEXT = st.text(st.characters())


def test_a_text_line_reads_time_level_daemon_event_then_the_event_s_own_keys() -> None:
    line = text_line({"call_id": "c1", **HEAD, "seconds": 3, "cause": "busy tone", "devices": ["8001", "N 1"]})
    assert line == (
        '2026-03-01T08:00:00Z INFO    ultralnk call_ended call_id=c1 seconds=3 cause="busy tone" devices=[8001 "N 1"]'
    )


def test_a_json_line_begins_with_the_keys_that_every_line_has() -> None:
    line = json_line({"call_id": "c1", **HEAD, "name": "前台"})
    assert line == (
        '{"time": "2026-03-01T08:00:00Z", "level": "info", "daemon": "ultralnk", "event": "call_ended",'
        ' "call_id": "c1", "name": "前台"}'
    )


def test_a_forged_line_break_an_escape_sequence_and_a_direction_mark_are_shown_not_obeyed() -> None:
    line = text_line({**HEAD, "peer": "10.0.0.1\r\n2026 ERROR forged\x1b[2J\u202e"})
    assert line.endswith(r'peer="10.0.0.1\r\n2026 ERROR forged\x1b[2J\u202e"')


def test_quotes_and_backslashes_cannot_end_a_quoted_value_early() -> None:
    assert text_line({**HEAD, "name": 'a" level=error'}).endswith(r'name="a\" level=error"')
    assert text_line({**HEAD, "name": "a\\"}).endswith('name="a\\\\"')
    assert text_line({**HEAD, "name": ""}).endswith('name=""')


def test_a_traceback_follows_behind_bars_with_its_own_line_ends() -> None:
    line = text_line({**HEAD, "exception": "Traceback\nValueError: x\n2026 ERROR forged"})
    assert line.split("\n")[1:] == ["    │ Traceback", "    │ ValueError: x", "    │ 2026 ERROR forged"]


def test_long_values_keep_their_beginning_and_tracebacks_their_end() -> None:
    frame = json.loads(json_line({**HEAD, "frame": b"\xab" * VALUE_CHARS_MAX}))["frame"]
    assert frame.startswith("abab")
    assert frame.endswith(f"… ({2 * VALUE_CHARS_MAX} characters)")
    kept = json.loads(json_line({**HEAD, "exception": "x" * TRACEBACK_CHARS_MAX + "the end"}))["exception"]
    assert kept.startswith("…")
    assert kept.endswith("the end")


def test_what_json_cannot_hold_becomes_text() -> None:
    line = json.loads(json_line({**HEAD, "nan": math.nan, "ids": {7}, "inner": {1: b"\x01"}, "kind": ValueError}))
    assert (line["nan"], line["ids"], line["inner"]) == ("nan", [7], {"1": "01"})
    assert line["kind"] == "<class 'ValueError'>"


@given(key=ANY_TEXT, value=ANY_TEXT, event=ANY_TEXT)
def test_whatever_is_logged_makes_one_printable_line(key: str, value: str, event: str) -> None:
    values = {**HEAD, "event": event, f"k{key}": value}
    assert text_line(values).isprintable()
    assert json_line(values).isprintable()


@given(value=st.recursive(ANY_TEXT | st.integers() | st.booleans() | st.none(), st.lists, max_leaves=5))
def test_json_gives_back_what_was_logged(value: object) -> None:
    assert json.loads(json_line({**HEAD, "value": value}))["value"] == value


@given(text=ANY_TEXT)
def test_escaping_leaves_printable_text_alone_and_nothing_else(text: str) -> None:
    assert escaped(text).isprintable()
    assert (escaped(text) == text) == text.isprintable()
