"""What consumers have kept of a stream, held against itself, against each other's, and against the switch's account.

Pure but for reading the files. A record is stretches of events, each behind a snapshot, with a gap between two.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from protocol.archive import Hole

SHORT_US = 1_000_000
"""A call that was there for less, while the link came up, may have ended before anybody asked for it."""


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

    def overlooked(self, known: Counter[str], since_us: int) -> list[dict[str, Any]]:
        """Calls that are not known, and lived for long enough while the gateway heard the switch, and somebody the
        gateway. What the switch says comes in order: how far the gateway got is told by the last call that began there
        and is known."""
        heard = []
        for a, b in ((max(begins, since_us), ends) for begins, ends in self.heard):
            begun = [call["began_us"] for call in self.account if a <= call["began_us"] <= b and known[call["call_id"]]]
            heard.append((a, max(begun, default=a)))
        return [
            call
            for call in self.account
            if not known[call["call_id"]]
            and any(min(call["ended_us"] or b, b) - max(call["began_us"], a) > SHORT_US for a, b in heard)
        ]


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


def judged_calls(record: Record, lives: Sequence[Life], since_us: int = 0) -> str:
    """Hold the record's calls against the switch's account; what was found, in words. It begins ``since_us`` of the
    first life's clock, or when that was heard first.

    A stretch hears of a call until it ends, once, and no call lives in it under two ids, unless an earlier life of the
    switch has used its id. With the last one all have ended. Over all stretches: no call that the switch never had,
    none overlooked.
    """
    known: list[Counter[str]] = [Counter() for _ in lives]
    had = [{call["call_id"] for call in life.account} for life in lives]
    life_of = [index for index, life in enumerate(lives) for _ in life.heard]
    twice: list[tuple[int, str]] = []
    losses = 0
    for stretch in record.stretches:
        begun = {call_id: (0, switch_id) for switch_id, call_id in stretch.calls.items()}
        ended: Counter[str] = Counter()
        was_up = True
        for line in stretch.lines.values():
            event = json.loads(line)
            if event["kind"] == "link_changed":
                is_up = event["link"]["state"] == "up"
                losses += was_up and not is_up
                was_up = is_up
            for call in event.get("calls", ()):
                assert not ended[call["call_id"]], "a call that has ended is heard of no more"
                life = life_of[losses] if len(lives) > 1 else 0
                begun.setdefault(call["call_id"], (life, call["switch_call_id"]))
                ended[call["call_id"]] += call["ended"]
        twice += [one for one, count in Counter(begun.values()).items() if count > 1]
        for life, switch_id in begun.values():
            assert switch_id in had[life], f"the switch never had call {switch_id} in its life {life}"
            known[life][switch_id] += 1
    assert set(+ended) == set(begun), "every call begun has ended"
    # A new switch may use an id while the old one's call is still remembered for late reports (TOMBSTONE_US).
    assert all(any(switch_id in had[before] for before in range(life)) for life, switch_id in twice), (
        f"two ids: {twice}"
    )
    overlooked = [
        life.overlooked(calls, 0 if at else since_us) for at, (life, calls) in enumerate(zip(lives, known, strict=True))
    ]
    assert not any(overlooked), f"should have been heard of: {overlooked}, heard {[life.heard for life in lives]}"
    calls = sum(map(len, known))
    again = f", taken for two since a new switch used their id again {len(twice)}" if twice else ""
    return f"calls {calls}, calls that lived only while nobody heard {sum(map(len, had)) - calls}{again}"
