"""Scenarios: lines in, the same lines with what comes out of them."""

from gateway.links.asterisk.ami import Event
from gateway.links.asterisk.scenario import read_event, transcript_of, write_event

LINES = [
    "# A call that comes to nothing.",
    "at 0 ms",
    "Newchannel Channel=PJSIP/8001-1 Uniqueid=u1 ChannelStateDesc=Ring CallerIDNum=8001 Exten=8002",
    "at 9 ms",
    "Hangup Channel=PJSIP/8001-1 Uniqueid=u1 Cause=16",
]


def test_what_comes_out_stands_behind_what_went_in() -> None:
    text = transcript_of(LINES).text
    assert [line for line in text.splitlines() if not line.startswith(" ")] == LINES
    assert "    SERVICE_INITIATED 8001 (u1: u1) newCall from=8001 to=8002\nat 9 ms" in text
    assert transcript_of(text.splitlines()).text == text, "what stood there before is written anew"


def test_an_event_s_line_is_read_as_it_was_written() -> None:
    kept = {"Channel": "PJSIP/8001-1", "CallerIDName": "Li 'Si' x=1"}
    event = Event("Newchannel", kept | {"Exten": "", "A": "<unknown>"})
    line = write_event(event, event.fields)
    assert read_event(line) == Event("Newchannel", kept)
    assert write_event(event, ["Channel"]) == "Newchannel Channel=PJSIP/8001-1"
