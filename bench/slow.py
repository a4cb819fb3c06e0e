"""Slow consumers: do two that do not keep up change anything for the many who do?

Subscribers of all events, and beside them one whose process is stopped and one that reads 1 KB a second, in turns
with and without these two, in the same run. What became of the two is what the server's own log says.
"""

import json
import multiprocessing
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import c_uint64
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import RawValue
from pathlib import Path
from typing import Any

from bench.brokers import Broker, Ulp, free_port
from bench.fanout import Load, Publisher, _running
from bench.payload import MARK, STAMP_BYTES, sent_us
from bench.receiver import Heartbeats, Pulses, delivered_bytes, subscribe

CONNECT_SECONDS_MAX = 120.0
FILES_MAX = 16_384
SCRATCH_BYTES = 1 << 20
TURN_SECONDS = 0.1
"""Between two batches of events: ten writes a second to each subscriber."""

STOPPED, CREEPING = "stopped", "creeping"
CREEPING_BYTES_PER_SECOND = 1_024
SLOW_ONES = 2


@dataclass(frozen=True, slots=True)
class Plan:
    """How a run goes. ``subscribers`` count the two slow ones; ``phase_seconds`` is the longest a phase lasts."""

    subscribers: int = 1_000
    events_per_second: int = 3_000
    rounds: int = 3
    phase_seconds: float = 25.0
    limits: dict[str, float] | None = None


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a slow one, by the server's log; ``code`` empty: it was still there when the phase ended."""

    name: str
    code: str
    after_seconds: float
    behind_events: int
    waiting_bytes: int


@dataclass(frozen=True, slots=True)
class Round:
    """Latency of all who keep up in two neighbouring phases, with the slow ones and without; microseconds."""

    with_median_us: int
    with_p99_us: int
    without_median_us: int
    without_p99_us: int
    samples: int

    @property
    def ratio(self) -> float:
        return round(self.with_p99_us / self.without_p99_us, 2)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Every round, and what became of its slow ones. ``lost``: deliveries to the others that never came."""

    rounds: list[Round]
    fates: list[Fate]
    lost: int

    @property
    def middle(self) -> Round:
        """The round of the median ratio: on a machine with other work a single one says little."""
        return sorted(self.rounds, key=lambda each: each.ratio)[len(self.rounds) // 2]


def run(plan: Plan | None = None) -> Outcome:
    """The whole run, in processes of its own."""
    plan = plan or Plan()
    allow_files()
    counter = RawValue(c_uint64, 0)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        broker = Ulp("ulp", Path(folder), free_port(), plan.limits or {})
        crowd = plan.subscribers - SLOW_ONES
        with _running(broker), _crowd(broker, crowd, counter) as control:
            publisher = Publisher(broker, Load("slow", crowd, one_device=False), counter)
            fates: list[Fate] = []
            for number in range(plan.rounds):
                with _slow_ones(broker, number) as slow_ones:
                    took = _phase(control, publisher, plan, plan.phase_seconds, slow_ones)
                    fates += [one.fate() for one in slow_ones]
                _phase(control, publisher, plan, took, [])
            lost = publisher.drain()
            control.send("stop")
            phases = control.recv()
            publisher.close()
    assert isinstance(phases, list)
    pairs = zip(phases[::2], phases[1::2], strict=True)
    return Outcome([_round(sorted(with_two), sorted(without)) for with_two, without in pairs], fates, lost)


def summary(outcome: Outcome) -> dict[str, Any]:
    """The JSON object."""
    return {"bench": "slow", "ratio": outcome.middle.ratio, "middle": asdict(outcome.middle), **asdict(outcome)}


class SlowOne:
    """A slow subscriber's process, and what the server's log says of it."""

    def __init__(self, broker: Broker, kind: str, number: int) -> None:
        self.name = f"{kind}-{number}"
        self._log = broker.folder / f"{broker.name}.log"
        command = [sys.executable, "-m", "bench.laggard", str(broker.port), self.name]
        self.process = subprocess.Popen([*command, str(CREEPING_BYTES_PER_SECOND)], stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"live\n"
        if kind == STOPPED:
            self.process.send_signal(signal.SIGSTOP)
        self._since = time.time()

    def fate(self) -> Fate:
        """What became of it."""
        lines = [json.loads(line) for line in self._log.read_text().splitlines() if f'"{self.name}"' in line]
        ended = next((line for line in lines if line["event"] == "session_ended"), None)
        if ended is None:
            return Fate(self.name, "", 0.0, 0, 0)
        lag: dict[str, Any] = next((line for line in lines if line["event"] == "slow_consumer_closed"), {})
        after = round(ended["timestamp"] - self._since, 1)
        return Fate(self.name, ended["code"], after, lag.get("behind_events", 0), lag.get("waiting_bytes", 0))

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def _slow_ones(broker: Broker, number: int) -> Iterator[list[SlowOne]]:
    held: list[SlowOne] = []
    try:
        held += [SlowOne(broker, kind, number) for kind in (STOPPED, CREEPING)]
        yield held
    finally:
        for one in held:
            one.end()


def _phase(
    control: "Connection[object, object]", publisher: Publisher, plan: Plan, seconds: float, slow_ones: list[SlowOne]
) -> float:
    """Publish in batches at an even pace until the time is over or both slow ones are closed; how long it took."""
    control.send("begin")
    began = time.monotonic()
    batch = max(1, int(plan.events_per_second * TURN_SECONDS))
    turns = 0
    while (elapsed := time.monotonic() - began) < seconds:
        if elapsed >= turns * TURN_SECONDS:
            publisher.send(batch)
            turns += 1
            if slow_ones and turns % 5 == 0 and all(one.fate().code for one in slow_ones):
                break
        time.sleep(0.001)
    control.send("end")
    publisher.drain()
    return elapsed


@contextmanager
def _crowd(broker: Broker, count: int, counter: "c_uint64") -> Iterator["Connection[object, object]"]:
    here, there = multiprocessing.Pipe()
    crowd = multiprocessing.get_context("fork").Process(target=follow, args=(broker, count, counter, there))
    crowd.start()
    there.close()
    try:
        if not here.poll(CONNECT_SECONDS_MAX) or here.recv() != "ready":
            raise RuntimeError(f"the subscribers were not connected in {CONNECT_SECONDS_MAX} s")
        yield here
    finally:
        crowd.terminate()
        crowd.join()
        here.close()


def follow(broker: Broker, count: int, counter: "c_uint64", control: "Connection[object, object]") -> None:
    """Subscribe so many times, say ``ready``; between ``begin`` and ``end`` take the latency of the first event of all
    that is read from any connection at a time; at ``stop`` hand them over, a list for each phase."""
    connections = {held.fileno(): held for held in (subscribe(broker, None) for _ in range(count))}
    control.send("ready")
    poll = select.epoll()
    for descriptor in (*connections, control.fileno()):
        poll.register(descriptor, select.EPOLLIN)
    heartbeats = Heartbeats(broker.heartbeat(), list(connections.values()))
    pulses = Pulses(broker.pulse_bytes, delivered_bytes(broker, one_device=False))
    received = dict.fromkeys(connections, 0)
    scratch = bytearray(SCRATCH_BYTES)
    phases: list[array[int]] = []
    is_measured = False
    while True:
        ready = poll.poll(0.01, 256)
        for descriptor, _ in ready:
            connection = connections.get(descriptor)
            if connection is None:
                match control.recv():
                    case "begin":
                        phases.append(array("q"))
                        is_measured = True
                    case "end":
                        is_measured = False
                    case _:
                        control.send(phases)
                        return
                continue
            length = connection.recv_into(scratch)
            received[descriptor] += length
            if is_measured:
                at = scratch.find(MARK, STAMP_BYTES, length)
                if at >= 0:
                    phases[-1].append(time.monotonic_ns() // 1000 - sent_us(scratch, at))
        if not ready:
            counter.value = sum(received.values()) - pulses.bytes_among(received.values())
        heartbeats.send_due()


def _round(with_two: list[int], without: list[int]) -> Round:
    return Round(
        with_median_us=share_of(with_two, 50),
        with_p99_us=share_of(with_two, 99),
        without_median_us=share_of(without, 50),
        without_p99_us=share_of(without, 99),
        samples=len(with_two) + len(without),
    )


def share_of(ordered: list[int], percent: int) -> int:
    """A percentile of values in order; 0 of none."""
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else 0


def allow_files() -> None:
    """Let this process and its children hold some thousand sockets each."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES_MAX if most == resource.RLIM_INFINITY else most, most))
