"""A storm: a thousand subscribers lose their connection and come back in the same instant, to a site with many calls.

How long until the last of them is live again, what that does to the latency of the events published meanwhile, and what
it costs the server: memory, and the longest pause of its loop. Everything that the thousand are given is checked.
"""

import json
import multiprocessing
import subprocess
import sys
import tempfile
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from typing import Any

from bench.brokers import free_port
from bench.crowd import Crowd, Follower, compared_with
from bench.slow import allow_files, share_of

CALM_SECONDS = 5.0
"""Before and after the storm."""

LIVE_SECONDS_MAX = 120.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How large it is."""

    subscribers: int = 1_000
    calls: int = 10_000
    events_per_second: int = 20
    calm_seconds: float = CALM_SECONDS


@dataclass(frozen=True, slots=True)
class Latency:
    """Of events, from the switch's report to a subscriber that kept its connection, in microseconds."""

    samples: int
    median_us: int
    p99_us: int
    max_us: int


@dataclass(frozen=True, slots=True)
class Seen:
    """What the subscribers saw. ``wrong``: holes, snapshots that are not the state, frames that should not be there."""

    live: int
    live_again: int
    first_live_seconds: float
    half_live_seconds: float
    all_live_seconds: float
    snapshots: int
    snapshot_bytes: int
    returns: int
    before: Latency
    storm: Latency
    after: Latency
    wrong: list[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The whole: what subscribers saw, and what the server used before, in and after the storm."""

    plan: Plan
    seen: Seen
    server_before: dict[str, float]
    server_storm: dict[str, float]
    server_after: dict[str, float]


def run(plan: Plan | None = None) -> Outcome:
    """The whole run, in processes of its own."""
    plan = plan or Plan()
    allow_files()
    port = free_port()
    with _site(port, plan) as server, _crowd(port, plan) as control:
        _next(control, "calm")
        _ask(server)
        _next(control, "stormy")
        before = _ask(server)
        control.send("storm")
        _next(control, "live")
        storm = _ask(server)
        control.send("after")
        _next(control, "checking")
        after = _ask(server)
        seen = control.recv()
    assert isinstance(seen, Seen)
    return Outcome(plan, seen, before, storm, after)


def summary(outcome: Outcome) -> dict[str, Any]:
    """The JSON object."""
    return {"bench": "storm", **asdict(outcome)}


def follow(port: int, plan: Plan, control: "Connection[object, object]") -> None:
    """The crowd's process."""
    crowd = Crowd(port, plan.subscribers)
    for stayer in crowd.stayers:
        stayer.delays_us = array("q")
    crowd.stayers[0].kept = []
    crowd.connect(crowd.stayers)
    crowd.until_live(crowd.stayers, LIVE_SECONDS_MAX)
    live = 0
    for begin in range(0, plan.subscribers, 100):  # one after the other, as they come on a usual day
        live += len(crowd.until_live(_connected(crowd, crowd.others[begin : begin + 100]), LIVE_SECONDS_MAX))
    control.send("calm")
    crowd.turns(1.0)
    _take_delays(crowd.stayers)
    crowd.turns(plan.calm_seconds)
    before = _take_delays(crowd.stayers)
    control.send("stormy")
    while not control.poll():
        crowd.turn()
    control.recv()
    _take_delays(crowd.stayers)
    since, returns = crowd.found.newest, crowd.found.returns
    took = crowd.until_live(_connected(crowd, crowd.others), LIVE_SECONDS_MAX)
    storm = _take_delays(crowd.stayers)
    control.send("live")
    while not control.poll():
        crowd.turn()
    control.recv()
    _take_delays(crowd.stayers)
    crowd.turns(plan.calm_seconds)
    after = _take_delays(crowd.stayers)
    control.send("checking")
    found = crowd.found
    given = {number: taken for number, taken in found.snapshots.items() if number >= since}
    wrong = found.wrong + list(compared_with(crowd.stayers[0], found, since))
    control.send(
        Seen(
            live=live,
            live_again=len(took),
            first_live_seconds=round(took[0], 2) if took else 0.0,
            half_live_seconds=round(took[len(took) // 2], 2) if took else 0.0,
            all_live_seconds=round(took[-1], 2) if took else 0.0,
            snapshots=len(given),
            snapshot_bytes=max((len(taken.frames) for taken in given.values()), default=0),
            returns=found.returns - returns,
            before=before,
            storm=storm,
            after=after,
            wrong=wrong[:20],
        )
    )
    crowd.close()


def _connected(crowd: Crowd, followers: list[Follower]) -> list[Follower]:
    crowd.connect(followers)
    return followers


def _take_delays(stayers: list[Follower]) -> Latency:
    """The latencies since they were taken the last time."""
    delays: list[int] = []
    for stayer in stayers:
        assert stayer.delays_us is not None
        delays += stayer.delays_us
        stayer.delays_us = array("q")
    delays.sort()
    return Latency(len(delays), share_of(delays, 50), share_of(delays, 99), delays[-1] if delays else 0)


@contextmanager
def _site(port: int, plan: Plan) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "bench.busy_site", str(port), str(plan.calls), str(plan.events_per_second)]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        try:
            _ask(server)
            yield server
        finally:
            server.kill()
            server.communicate()


def _ask(server: "subprocess.Popen[bytes]") -> dict[str, float]:
    """What the server used since it was asked the last time."""
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(b"\n")
    server.stdin.flush()
    told: dict[str, float] = json.loads(server.stdout.readline() or "{}")
    if not told:
        raise RuntimeError("the server has ended")
    return told


@contextmanager
def _crowd(port: int, plan: Plan) -> Iterator["Connection[object, object]"]:
    here, there = multiprocessing.Pipe()
    crowd = multiprocessing.get_context("fork").Process(target=follow, args=(port, plan, there))
    crowd.start()
    there.close()
    try:
        yield here
    finally:
        crowd.terminate()
        crowd.join()
        here.close()


def _next(control: "Connection[object, object]", wanted: str) -> None:
    said = control.recv()
    if said != wanted:
        raise RuntimeError(f"the crowd said {said!r} instead of {wanted!r}")
