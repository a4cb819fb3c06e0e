"""A storm: a thousand subscribers lose their connection and come back in the same instant, to a site with many calls.

How long until the last of them is live again, what that does to the latency of the events published meanwhile, and what
it costs the server: memory, and the longest pause of its loop. Everything that the thousand are given is checked.
"""

import json
import multiprocessing
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from bench.brokers import free_port
from bench.crowd import Crowd, compared_with
from bench.slow import allow_files, share_of

CALM_SECONDS = 5.0
"""Before and after the storm."""

LIVE_SECONDS_MAX = 120.0
BATCH = 100
"""Subscribers that connect together on a usual day."""

STAYERS = 16
"""Subscribers that keep their connection, in a process of their own: through them the events' latency is seen."""

WRONG_MAX = 20
"""Of what is wrong so much is told."""

Answer = TypeVar("Answer")


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
    with _site(port, plan) as server, _process(stay, port) as stayers, _process(come_back, port, plan) as crowd:
        live = _answer(crowd, int)
        _calm(stayers, server, plan)
        before, server_before = _latency(stayers), _ask(server)
        crowd.send("storm")
        took = _answer(crowd, list)
        storm, server_storm = _latency(stayers), _ask(server)
        _calm(stayers, server, plan)
        after, server_after = _latency(stayers), _ask(server)
        stayers.send("stop")
        crowd.send("stop")
        first, events = _answer(stayers, tuple)
        given, wrong, returns = _answer(crowd, tuple)
    wrong += compared_with(first, events, given)
    seen = Seen(
        live=live,
        live_again=len(took),
        first_live_seconds=round(took[0], 2) if took else 0.0,
        half_live_seconds=round(took[len(took) // 2], 2) if took else 0.0,
        all_live_seconds=round(took[-1], 2) if took else 0.0,
        snapshots=len(given),
        snapshot_bytes=max(map(len, given.values()), default=0),
        returns=returns,
        before=before,
        storm=storm,
        after=after,
        wrong=wrong[:WRONG_MAX],
    )
    return Outcome(plan, seen, server_before, server_storm, server_after)


def summary(outcome: Outcome) -> dict[str, Any]:
    """The JSON object."""
    return {"bench": "storm", **asdict(outcome)}


def come_back(control: "Connection[object, object]", port: int, plan: Plan) -> None:
    """The process of those who come back: how many are live; at ``storm`` how long each took to be live again; at
    ``stop`` the snapshots they were given in it, what was wrong, and how many connections were made again."""
    crowd = Crowd(port, plan.subscribers)
    live = 0
    for begin in range(0, plan.subscribers, BATCH):
        some = crowd.followers[begin : begin + BATCH]
        crowd.connect(some)
        live += len(crowd.until_live(some, LIVE_SECONDS_MAX))
    control.send(live)
    _turn_until(crowd, control)
    since, returns = crowd.found.newest, crowd.found.returns
    crowd.connect(crowd.followers)
    control.send(crowd.until_live(crowd.followers, LIVE_SECONDS_MAX))
    _turn_until(crowd, control)
    found = crowd.found
    given = {n: bytes(taken.frames) for n, taken in found.snapshots.items() if n >= since and taken.is_whole}
    control.send((given, found.wrong, found.returns - returns))
    crowd.close()


def stay(control: "Connection[object, object]", port: int) -> None:
    """The process of those who stay: at ``latency`` what they saw since they were asked the last time; at ``stop`` the
    snapshot and all events of one of them."""
    crowd = Crowd(port, STAYERS)
    for follower in crowd.followers:
        follower.delays_us = array("q")
    first = crowd.followers[0]
    first.kept = []
    crowd.connect(crowd.followers)
    while _turn_until(crowd, control) == "latency":
        delays = sorted(delay for follower in crowd.followers for delay in follower.delays_us or ())
        for follower in crowd.followers:
            follower.delays_us = array("q")
        largest = delays[-1] if delays else 0
        control.send(Latency(len(delays), share_of(delays, 50), share_of(delays, 99), largest))
    control.send((bytes(crowd.found.snapshots[first.snapshot].frames), first.kept))
    crowd.close()


def _turn_until(crowd: Crowd, control: "Connection[object, object]") -> object:
    """Do what is due until something is asked; what."""
    while not control.poll():
        crowd.turn()
    return control.recv()


def _latency(stayers: "Connection[object, object]") -> Latency:
    stayers.send("latency")
    return _answer(stayers, Latency)


def _calm(stayers: "Connection[object, object]", server: "subprocess.Popen[bytes]", plan: Plan) -> None:
    """Let what was before pass, then time go by in which nothing happens but events."""
    time.sleep(plan.calm_seconds / 5)
    _ask(server)
    time.sleep(plan.calm_seconds / 5)
    _latency(stayers)
    time.sleep(plan.calm_seconds)


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
def _process(follow: Callable[..., None], *arguments: object) -> Iterator["Connection[object, object]"]:
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=follow, args=(there, *arguments))
    process.start()
    there.close()
    try:
        yield here
    finally:
        process.terminate()
        process.join()
        here.close()


def _answer(control: "Connection[object, object]", kind: type[Answer]) -> Answer:
    answer = control.recv()
    if not isinstance(answer, kind):
        raise TypeError(f"a process answered {answer!r}")
    return answer
