"""The cause table: the standard's spelling to our number and back, each once."""

from pathlib import Path

import pytest

from model.causes import CAUSE_BY_TEXT, CAUSE_BY_WIRE, Cause
from tests import csta_schema
from tests.csta_schema.checker import Schema

OURS = {Cause.NONE: (0, ""), Cause.OTHER: (1, "other"), Cause.RECONCILED: (2, "reconciled")}
"""Not in the standard: no cause told, one this table does not know, and what a comparison with the switch brought."""

STANDARD_FIRST_WIRE = 10
"""Below it stand our own."""


@pytest.mark.parametrize("cause", Cause, ids=lambda cause: cause.name)
def test_each_cause_is_found_by_its_text_and_by_its_number(cause: Cause) -> None:
    assert CAUSE_BY_TEXT[cause.text] is cause
    assert CAUSE_BY_WIRE[cause.wire] is cause


def test_no_two_causes_share_a_text_or_a_number() -> None:
    assert len(Cause) == len(CAUSE_BY_TEXT) == len(CAUSE_BY_WIRE)


def test_ours_stand_below_the_standard_s() -> None:
    assert {cause: cause.value for cause in Cause if cause.wire < STANDARD_FIRST_WIRE} == OURS


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause not in OURS], ids=lambda cause: cause.name)
def test_the_name_is_the_standard_s_text_in_our_spelling(cause: Cause) -> None:
    """``aCDBusy`` is ACD_BUSY: the words are the same, so a cause in a log is found in ECMA-269."""
    assert cause.name.replace("_", "").lower() == cause.text.lower()


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("aCDBusy", Cause.ACD_BUSY),
        ("callForwardNoAnswer", Cause.CALL_FORWARD_NO_ANSWER),
        ("dTMFDigitDetected", Cause.DTMF_DIGIT_DETECTED),
        ("singleStepTransfer", Cause.SINGLE_STEP_TRANSFER),
        ("callRejected", Cause.CALL_REJECTED),
    ],
)
def test_the_spelling_of_the_standard(text: str, cause: Cause) -> None:
    assert CAUSE_BY_TEXT[text] is cause


def test_the_table_is_the_schema_s_and_one_of_a_later_edition() -> None:
    schema = Schema.read((Path(csta_schema.__file__).parent / "schema.txt").read_text(encoding="utf-8"))
    ours = {cause.text for cause in Cause} - {text for _, text in OURS.values()}
    assert ours - schema.enums["EventCause"] == {"callRejected"}
    assert schema.enums["EventCause"] - ours == set()
