"""What consumers have kept of a stream, held against itself, against each other's, and against the switch's account.

Pure but for reading the files. A record is stretches of events, each behind a snapshot, with a gap between two.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from protocol.archive import Hole

LAG_US = 1_000_000
"""What a gateway under this load may lag behind the switch: what is on its way when it is killed nobody has heard."""


@dataclass
class Life:
    """One of the switch's, from start to end, by its own clock: its account at the end, and when it was heard."""

    account: list[dict[str, Any]] = field(default_factory=list)
    heard: list[tuple[int, int]] = field(default_factory=list)
    unheard_since: int | None = 0
    _up_us: int = 0

    def heard_no_more(self, now_us: int) -> None:
        """The gateway or its link is about to go."""
        if self.unheard_since is None:
            self.heard.append((self._up_us, now_us))
        self.unheard_since = now_us

    def heard_again(self, now_us: int) -> None:
        """The link is up."""
        self.unheard_since = None
        self._up_us = now_us

    def must_be_known(self, call: dict[str, Any]) -> bool:
        """Whether a gateway heard the switch for long enough while the call lived."""
        ended_us = call["ended_us"] if call["ended_us"] is not None else self.heard[-1][1]
        return any(min(ended_us, b) - max(call["began_us"], a) > LAG_US for a, b in self.heard)


@dataclass(frozen=True)
class Stretch:
    """A snapshot's number and calls (by the switch's id), and every event after it."""

    number: int
    calls: dict[str, str]
    lines: dict[int, bytes]


@dataclass(frozen=True)
class Record:
    """A consumer's; ``gaps`` stand between its stretches."""

    epoch: int
    stretches: list[Stretch]
    gaps: list[Hole]

    @property
    def lines(self) -> dict[int, bytes]:
        """Every event, by its number."""
        return {number: line for one in self.stretches for number, line in one.lines.items()}

    @property
    def passed_over(self) -> int:
        """Events between a gap and the snapshot that made up for it: they are in the snapshot."""
        return sum(after.number - gap.last for gap, after in zip(self.gaps, self.stretches[1:], strict=True))


def read_record(path: Path) -> Record:
    """One epoch, every number of a stretch once, every gap where the stretch before it ends and told as what it is."""
    content = path.read_bytes().splitlines()
    lines = [json.loads(line) for line in content]
    assert {one["epoch"] for one in lines} == {lines[0]["epoch"]}, "one epoch through everything"
    assert lines[0]["kind"] == "snapshot"
    stretches: list[Stretch] = []
    gaps: list[Hole] = []
    expected = 0
    for line, one in zip(content, lines, strict=True):
        number = one["number"]
        if one["kind"] == "gap":
            assert (one["reason"], number) == ("journal_hole", expected), (one, expected)
            gaps.append(Hole(number, one["last"]))
            expected = one["last"]
        elif one["kind"] == "snapshot":
            assert len(gaps) == len(stretches), "a snapshot makes up for a gap"
            assert number >= expected, (one, gaps)
            stretches.append(Stretch(number, one["calls"], {}))
            expected = number + 1
        else:
            assert number == expected, "every number once, and after a gap comes its snapshot"
            stretches[-1].lines[number] = line
            expected += 1
    return Record(lines[0]["epoch"], stretches, gaps)


def differing(one: dict[int, bytes], other: dict[int, bytes]) -> list[int]:
    """Numbers under which two have different events; to be none."""
    return [number for number in sorted(one.keys() & other.keys()) if one[number] != other[number]]


def judged_calls(record: Record, lives: Sequence[Life]) -> str:
    """Hold the record's calls against the switch's account; what was found, in words.

    A stretch hears of a call until it ends, once, and no call lives in it under two ids. With the last one all have
    ended. Over all stretches: no call that the switch never had, none overlooked that a gateway should have heard of.
    """
    known: Counter[str] = Counter()
    had = Counter(call["call_id"] for life in lives for call in life.account)
    for stretch in record.stretches:
        switch_ids = {call_id: switch_id for switch_id, call_id in stretch.calls.items()}
        ended: Counter[str] = Counter()
        for line in stretch.lines.values():
            for call in json.loads(line).get("calls", ()):
                assert not ended[call["call_id"]], "a call that has ended is heard of no more"
                switch_ids[call["call_id"]] = call["switch_call_id"]
                ended[call["call_id"]] += call["ended"]
        within = Counter(switch_ids.values())
        assert all(within[one] <= had[one] for one in within), "a call that the switch never had, or under two ids"
        known |= within
    assert set(+ended) == set(switch_ids), "every call begun has ended"
    unseen = overlooked = 0
    for switch_id, lived in _by_switch_id(lives).items():
        missing = len(lived) - known[switch_id]
        unseen += max(0, missing)
        overlooked += max(0, sum(life.must_be_known(call) for life, call in lived) - known[switch_id])
    assert overlooked == 0, f"calls that a gateway should have heard of, of {[life.heard for life in lives]}"
    return f"calls {len(known)}, calls that lived only while nobody heard {unseen}"


def _by_switch_id(lives: Iterable[Life]) -> dict[str, list[tuple[Life, dict[str, Any]]]]:
    found: dict[str, list[tuple[Life, dict[str, Any]]]] = {}
    for life in lives:
        for call in life.account:
            found.setdefault(call["call_id"], []).append((life, call))
    return found
