"""The AMI benchmark measures what it says: both sides take the same bytes, and every call is told."""

import pytest
from panoramisk.message import Message

from bench import ami
from gateway.links.asterisk.ami import AmiParser, Event


@pytest.mark.parametrize("name", ["filtered", "whole"])
def test_every_call_is_told_from_beginning_to_end(name: str) -> None:
    chunks = [ami.streams()[name]]
    assert ami.ours(chunks) == ami.ours_with_model(chunks) == ami.CALLS


def test_both_parsers_see_the_same_blocks() -> None:
    stream = ami.streams()["whole"]
    raws = [raw for raw in stream.removeprefix(ami.BANNER).decode().split("\r\n\r\n")[:100] if raw]
    theirs = [Message.from_line(raw) for raw in raws]
    ours = AmiParser().receive(stream)[1 : len(raws) + 1]
    for one, other in zip(ours, theirs, strict=True):
        assert isinstance(one, Event)
        assert {"Event": one.name, **one.fields} == {key: value for key, value in other.items() if key != "content"}


def test_a_round_that_does_less_is_found() -> None:
    with pytest.raises(AssertionError, match="told 0 of"):
        ami.measure("filtered", "nobody", b"", lambda _: 0)


def test_the_outcome_has_its_ratio() -> None:
    outcome = ami.run(json=True)
    assert isinstance(outcome["ratio"], float)
    assert outcome["ratio"] < 2
