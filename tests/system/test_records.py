"""The judge of the system tests is judged: what is lost, doubled, or told wrongly does not pass."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from protocol.archive import Hole
from tests.system.records import SHORT_US, Life, differing, judged_calls, read_record

Line = dict[str, Any]


def snapshot(number: int, **calls: str) -> Line:
    return {"kind": "snapshot", "epoch": 7, "number": number, "calls": calls}


def event(number: int, switch_id: str, call_id: str, *, ended: bool = False) -> Line:
    call = {"call_id": call_id, "switch_call_id": switch_id, "ended": ended}
    return {"epoch": 7, "number": number, "kind": "established", "calls": [call]}


def gap(first: int, last: int, reason: str = "journal_hole") -> Line:
    return {"epoch": 7, "number": first, "kind": "gap", "last": last, "reason": reason}


GOOD = (
    snapshot(3, a="7:1"),
    event(4, "b", "7:4"),
    event(5, "a", "7:1", ended=True),
    gap(6, 8),
    snapshot(9, b="7:4"),
    event(10, "b", "7:4", ended=True),
)


def life(*calls: tuple[str, int, int]) -> Life:
    one = Life([{"call_id": name, "began_us": began, "ended_us": ended} for name, began, ended in calls])
    one.heard_again(0)
    one.heard_no_more(100 * SHORT_US)
    return one


BOTH = life(("a", 0, 5 * SHORT_US), ("b", 0, 5 * SHORT_US))


def written(folder: Path, lines: list[Line]) -> Path:
    path = folder / "record.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_a_good_record(tmp_path: Path) -> None:
    record = read_record(written(tmp_path, list(GOOD)))
    assert (record.epoch, record.gaps, record.passed_over) == (7, [Hole(6, 8)], 1)
    assert sorted(record.lines) == [4, 5, 10]
    assert judged_calls(record, [BOTH]) == "calls 2, calls that lived only while nobody heard 0"


@pytest.mark.parametrize(
    "harm",
    [
        lambda lines: lines.pop(1),
        lambda lines: lines.insert(1, lines[1]),
        lambda lines: lines.insert(2, snapshot(4)),
        lambda lines: lines.pop(3),
        lambda lines: lines.pop(4),
        lambda lines: lines.__setitem__(3, gap(7, 8)),
        lambda lines: lines.__setitem__(3, gap(6, 8, "not_held")),
        lambda lines: lines.__setitem__(4, snapshot(7)),
        lambda lines: lines[5].__setitem__("epoch", 8),
    ],
    ids=["lost", "doubled", "snapshot", "no gap", "no snapshot", "late gap", "other gap", "old snapshot", "epoch"],
)
def test_a_record_with_a_fault(tmp_path: Path, harm: Callable[[list[Line]], object]) -> None:
    lines = json.loads(json.dumps(GOOD))
    harm(lines)
    with pytest.raises(AssertionError):
        read_record(written(tmp_path, lines))


@pytest.mark.parametrize(
    ("lines", "lives"),
    [
        ([*GOOD[:5]], [BOTH]),
        ([*GOOD[:3], event(6, "a", "7:1")], [BOTH]),
        ([snapshot(3), event(4, "a", "7:4"), event(5, "a", "7:5")], [life(("a", 0, 1))]),
        ([*GOOD], [life(("a", 0, 1))]),
        ([*GOOD], [life(("a", 0, 1), ("b", 4 * SHORT_US, 5 * SHORT_US), ("c", SHORT_US, 3 * SHORT_US))]),
    ],
    ids=["not ended", "heard of after its end", "two ids", "never had", "overlooked"],
)
def test_calls_with_a_fault(tmp_path: Path, lines: list[Line], lives: list[Life]) -> None:
    record = read_record(written(tmp_path, lines))
    with pytest.raises(AssertionError):
        judged_calls(record, lives)


@pytest.mark.parametrize("times", [(SHORT_US, SHORT_US + 9), (4 * SHORT_US, 9 * SHORT_US)], ids=["short", "late"])
def test_a_call_that_nobody_need_have_heard_of(tmp_path: Path, times: tuple[int, int]) -> None:
    """One that was over soon, and one that began when the gateway had got no further."""
    record = read_record(written(tmp_path, list(GOOD)))
    one = life(("a", 0, 1), ("b", 3 * SHORT_US, 9 * SHORT_US), ("c", *times))
    assert judged_calls(record, [one]).endswith("nobody heard 1")


def test_calls_of_two_lives_with_the_same_ids(tmp_path: Path) -> None:
    down, up = ({"epoch": 7, "kind": "link_changed", "link": {"state": state}} for state in ("down", "up"))
    lines = [
        snapshot(3, a="7:1"),
        {**down, "number": 4},
        {**up, "number": 5},
        event(6, "a", "7:1", ended=True),
        event(7, "a", "7:7", ended=True),
    ]
    record = read_record(written(tmp_path, lines))
    assert judged_calls(record, [life(("a", 0, 1)), life(("a", 0, 1))]) == (
        "calls 2, calls that lived only while nobody heard 0"
    )
    with pytest.raises(AssertionError, match="two ids"):
        judged_calls(record, [life(("a", 0, 1))])


def test_the_same_number_with_two_events() -> None:
    assert differing({1: b"a", 2: b"b"}, {2: b"c", 3: b"d"}) == [2]
