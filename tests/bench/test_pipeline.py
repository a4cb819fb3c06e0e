"""A short run of the pipeline bench in a process of its own: its pieces fit together, its figures are those promised.

No time is asserted: how fast it is, the bench says, not the test.
"""

import json
import subprocess
import sys
from typing import Any

import pytest

from bench.pipeline import CHUNK_BYTES, CHUNKS_A_TURN, PORT_CFG, Recording, parse_and_walk
from gateway.links.csta_xml.framing import EVENT_INVOKE_ID, frame
from gateway.portcfg import parse
from model.states import PortKind
from tests.rules.source_tree import ROOT

SHORT = """
import json
from bench import pipeline
pipeline.EVENTS, pipeline.ROUNDS = 400, 1
print(json.dumps(pipeline.run()))
"""
"""The same bench with fewer events; its process ends with it, so nobody else sees the other numbers."""

EVENTS = [b"<ConnectionClearedEvent><cause>normal</cause></ConnectionClearedEvent>", b"<HeldEvent/>"]


@pytest.fixture(scope="module")
def figures() -> dict[str, Any]:
    """What a short run prints as its last line."""
    ran = subprocess.run([sys.executable, "-c", SHORT], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-2_000:]
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


def test_the_recording_is_replayed_and_makes_events(figures: dict[str, Any]) -> None:
    """Each event of the switch was read by both sides; most are repeats, but every call has some that are news."""
    assert 0 < figures["events_published"] < figures["csta_events"]
    assert figures["bytes_per_event"] > 100


def test_the_figures_have_what_the_command_line_prints(figures: dict[str, Any]) -> None:
    assert figures["bench"] == "pipeline"
    assert set(figures) == {
        "bench",
        "ratio",
        "csta_events",
        "bytes_per_event",
        "ratios",
        "with_capture",
        "without_journal",
        "events_published",
        "ours",
        "theirs",
    }
    for side in (figures["ours"], figures["theirs"]):
        assert set(side) == {"who", "microseconds_per_event", "events_per_second"}
        assert side["microseconds_per_event"] > 0
        assert side["events_per_second"] > 0
    ours, theirs = (figures[side]["microseconds_per_event"] for side in ("ours", "theirs"))
    assert figures["ratio"] == pytest.approx(ours / theirs, rel=0.02), "ours ÷ theirs, and rounded"


def test_a_recording_gives_what_followed_its_opening_as_a_busy_socket_would() -> None:
    answer = frame(7, b"<MonitorStartResponse/>")
    frames = [frame(EVENT_INVOKE_ID, EVENTS[n % 2]) for n in range(2 * CHUNKS_A_TURN * CHUNK_BYTES // len(EVENTS[0]))]
    recorded = Recording((answer, frames[0][:5]), frames[0][5:] + answer + b"".join(frames[1:]))
    turns = list(recorded.turns())
    assert len(turns) > 1
    assert b"".join(chunk for chunks, _ in turns for chunk in chunks) == recorded.rest
    assert all(len(chunk) == CHUNK_BYTES for chunks, _ in turns[:-1] for chunk in chunks)
    said = [body for _, bodies in turns for body in bodies]
    assert said == [EVENTS[n % 2] for n in range(len(frames))], "events alone: answers are what both sides leave out"
    assert sum(map(len, turns[0][0])) == CHUNKS_A_TURN * CHUNK_BYTES, "each side has the same bytes in a turn"


def test_parsing_nothing_is_no_measurement() -> None:
    assert parse_and_walk(EVENTS) >= 0
    with pytest.raises(AssertionError):
        parse_and_walk([])


def test_the_site_has_every_kind_of_device_that_the_traffic_uses() -> None:
    kinds = [port.kind for port in parse(PORT_CFG, "port.cfg").ports]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        PortKind.TRUNK: 200,
        PortKind.EXT: 1_000,
        PortKind.QUEUE: 1,
    }
