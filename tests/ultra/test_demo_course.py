"""What a summary counts as inconsistent."""

from dataclasses import replace

import pytest

from ultra.demo_course import Summary

GOOD = Summary(
    seconds=10.0, epoch=7, link="up", events=50, calls_begun=9, calls_ended=9, calls_begun_at_simulator=9, checks=3
)


def test_a_good_one_has_nothing_to_say() -> None:
    assert GOOD.inconsistencies == []


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (replace(GOOD, calls_live=2), "2 calls left over"),
        (replace(GOOD, mismatches=1), "1 mismatches"),
        (replace(GOOD, gaps=1), "1 gaps"),
        (replace(GOOD, ends_without_call=1), "1 calls that ended without having begun"),
        (replace(GOOD, gateway_errors=1), "1 errors in the daemons' logs"),
        (replace(GOOD, record_problems=2), "2 problems in the records"),
        (replace(GOOD, calls_begun=8), "8 calls begun, 9 at the simulator"),
        (replace(GOOD, link="down", link_reason="cut"), "the link was down at the end: cut"),
        (replace(GOOD, link=""), "the link was never seen at the end: "),
        (replace(GOOD, checks=0), "it ended before anything could be compared"),
        (replace(GOOD, differences=["call 1: …"]), "call 1: …"),
    ],
)
def test_whatever_is_not_as_it_must_be_is_said(bad: Summary, words: str) -> None:
    assert bad.inconsistencies == [words]
