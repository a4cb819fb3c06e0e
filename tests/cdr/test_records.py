"""Records: each names itself in its first field, and a part's spans are one for each state."""

from dataclasses import fields
from typing import get_args

from cdr.records import PartState, ProblemRecord, Record, Spans


def test_the_first_field_is_the_identity() -> None:
    for record in get_args(Record):
        assert fields(record)[0].name.endswith("_id")


def test_every_record_but_a_problem_has_a_revision() -> None:
    for record in get_args(Record):
        names = {one.name for one in fields(record)}
        assert ("revision" in names) == (record is not ProblemRecord)


def test_there_is_a_span_for_every_state() -> None:
    assert {one.name for one in fields(Spans)} == {f"{state.value}_us" for state in PartState}
