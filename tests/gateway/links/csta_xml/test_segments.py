"""Answers in pieces: before or after their announcement, complete or given up, never half."""

import pytest

from gateway.links.csta_xml.messages import ConnectionID, SnapshotDeviceData, SnapshotDeviceInfo
from gateway.links.csta_xml.segments import EARLY_ANSWERS_MAX, ROWS_MAX, SEGMENTS_SECONDS, Row, SegmentedAnswers


class Gathering:
    """Answers with a clock by hand; what became of each."""

    def __init__(self) -> None:
        self.now = 0.0
        self.answers = SegmentedAnswers(lambda: self.now)
        self.known: list[list[str] | None] = []

    def announce(self, cross_ref: str) -> None:
        self.answers.announced(cross_ref, self._complete)

    def piece(self, cross_ref: str, calls: str, segment: int | None, *, last: bool = False) -> None:
        rows = tuple(SnapshotDeviceInfo(ConnectionID(call)) for call in calls.split())
        self.answers.piece(SnapshotDeviceData(cross_ref, segment, last, rows))

    def _complete(self, rows: tuple[Row, ...] | None) -> None:
        self.known.append(None if rows is None else [calls_of(row) for row in rows])


def calls_of(row: Row) -> str:
    assert isinstance(row, SnapshotDeviceInfo)
    assert row.connection_identifier is not None
    return row.connection_identifier.call_id


@pytest.mark.parametrize("early", [0, 1, 2])
def test_after_and_before_the_announcement(early: int) -> None:
    one = Gathering()
    for step in range(3):
        if step == early:
            one.announce("X")
        if step == 0:
            one.piece("X", "1 2", 1)
        elif step == 1:
            one.piece("X", "3", 2, last=True)
    assert one.known == [["1", "2", "3"]]
    assert one.answers.deadline() is None


def test_two_at_a_time_do_not_mix() -> None:
    one = Gathering()
    one.announce("X")
    one.announce("Y")
    one.piece("Y", "7", None)
    one.piece("X", "1", None, last=True)
    one.piece("Y", "8", None, last=True)
    assert one.known == [["1"], ["7", "8"]]


def test_a_missing_piece_is_no_answer() -> None:
    one = Gathering()
    one.announce("X")
    one.piece("X", "1", 1)
    one.piece("X", "3", 3, last=True)
    assert one.known == [None]


def test_one_that_does_not_go_on_is_given_up() -> None:
    one = Gathering()
    one.announce("X")
    one.now = SEGMENTS_SECONDS - 1
    one.piece("X", "1", 1)
    one.now += SEGMENTS_SECONDS - 1
    one.answers.expire()
    assert one.known == []
    one.now += 1
    one.answers.expire()
    assert one.known == [None]


def test_a_reference_used_again() -> None:
    one = Gathering()
    one.announce("X")
    one.announce("X")
    assert one.known == [None]
    one.piece("X", "5", 1, last=True)
    assert one.known == [None, ["5"]]


def test_limits() -> None:
    one = Gathering()
    one.announce("X")
    many = "1 " * 1_000
    for number in range(ROWS_MAX // 1_000 + 1):
        one.piece("X", many, number)
    assert one.known == [None]
    for number in range(2 * EARLY_ANSWERS_MAX):
        one.piece(f"early{number}", "1", 1)
    assert len(one.answers._gathered) == EARLY_ANSWERS_MAX
    one.now = 2 * SEGMENTS_SECONDS
    one.answers.expire()
    assert one.answers.deadline() is None
