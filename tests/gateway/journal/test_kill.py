"""A real process that appends and is killed, again and again: what it said is held, and no number comes twice."""

import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.journal import Frames, Fsync
from tests.gateway.journal.stage import MANY_BYTES, NOW_US, SMALL, frame, opened
from tests.rules.source_tree import ROOT

ROUNDS = 6
ROUNDS_DEEP = 400


def said_until_killed(folder: Path, policy: Fsync, seed: int, bytes_max: int) -> dict[int, bytes]:
    """Start the process, kill it after so much was heard, and return what it said: events by number."""
    command = [sys.executable, "-m", "tests.gateway.journal.appender", str(folder), policy.value, str(seed)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        heard = process.stdout.read(bytes_max)
        process.kill()
        heard += process.stdout.read()
        errors = process.stderr.read()
    assert errors == b""
    events = {}
    for line in heard.splitlines(keepends=True):
        if line.endswith(b"\n"):  # one cut short was committed too, and is read below as what was not said
            number, _, body = line[:-1].partition(b" ")
            events[int(number)] = frame(int(number), body)
    return events


def kill_again_and_again(folder: Path, policy: Fsync, rounds: int) -> None:
    chance = random.Random(rounds)
    said: dict[int, bytes] = {}
    for seed in range(rounds):
        events = said_until_killed(folder, policy, seed, chance.choice((1, 5_000, 100_000, 400_000)))
        assert not said.keys() & events.keys(), "a number came twice"
        said |= events
        if seed % 3 == 1:
            continue  # the next process finds what this one left
        again = opened(folder, replace(SMALL, fsync=policy, segment_bytes=20_000))
        recovered, journal = again.recovered, again.journal
        assert (recovered.reason, recovered.holes) == (None, ())
        assert recovered.next_number > max(said)
        assert recovered.checkpoint is not None
        assert recovered.checkpoint.content == b"%d" % recovered.checkpoint.number * 100
        held: dict[int, bytes] = {}
        while len(held) < journal.last:
            answer = journal.read(len(held), MANY_BYTES)
            assert isinstance(answer, Frames)
            held |= zip(range(len(held) + 1, answer.last + 1), answer.frames, strict=True)
        assert {number: held[number] for number in said} == said
        journal.close(NOW_US)


@pytest.mark.parametrize("policy", list(Fsync))
def test_killed_again_and_again(tmp_path: Path, policy: Fsync) -> None:
    kill_again_and_again(tmp_path, policy, ROUNDS)


@pytest.mark.deep
@pytest.mark.timeout(1_800)
def test_killed_many_times(tmp_path: Path) -> None:
    kill_again_and_again(tmp_path, Fsync.NEVER, ROUNDS_DEEP)
