"""Fan-out: one publisher, many subscribers; ours against nats-server, redis-server and mosquitto in the same run.

Same payload bytes, same receiver, same window, same machine and minute for all. Each run has two parts: as fast as it
goes (deliveries per second), then at a tenth of that (median and p99 of the time from publisher to subscriber).
"""

import multiprocessing
import platform
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import c_uint64
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import RawValue
from pathlib import Path
from typing import Any

from bench.brokers import BROKERS, Broker, find_program, free_port
from bench.payload import device_number, event_body, stamp
from bench.receiver import Latencies, delivered_bytes, receive

DRAIN_SECONDS_MAX = 30.0
START_SECONDS_MAX = 15.0
CONNECT_SECONDS_MAX = 90.0
WINDOW_EVENTS = 1_024
"""Events on their way at most, for every broker alike: the slowest needs some ten seconds to deliver them."""

BATCH_EVENTS = 64
TICK_SECONDS = 0.001
LATENCY_SHARE = 10


@dataclass(frozen=True, slots=True)
class Load:
    """Who subscribes: ``one_device`` each to its own device, otherwise all to everything."""

    name: str
    subscribers: int
    one_device: bool

    @property
    def deliveries_per_event(self) -> int:
        return 1 if self.one_device else self.subscribers


LOADS = (
    Load("100 × all events", 100, one_device=False),
    Load("1,000 × all events", 1_000, one_device=False),
    Load("5,000 × one device", 5_000, one_device=True),
)


@dataclass(frozen=True, slots=True)
class Spans:
    """How long each part of a run lasts, in seconds."""

    warm_up: float = 1.0
    throughput: float = 4.0
    latency: float = 3.0


@dataclass(frozen=True, slots=True)
class Result:
    """What one broker did under one load. ``lost``: deliveries that never came."""

    broker: str
    load: str
    subscribers: int
    deliveries_per_second: int
    bytes_per_delivery: int
    latency_rate_per_second: int
    latency: Latencies
    lost: int


class Publisher:
    """Sends events over one connection and knows how many of their deliveries have come."""

    def __init__(self, broker: Broker, load: Load, counter: "c_uint64") -> None:
        self._connection: socket.socket = broker.connect_publisher()
        self._load = load
        self._counter = counter
        self._delivered_bytes = delivered_bytes(broker, load.one_device)
        self._starts_at = counter.value
        self.published = 0
        devices = range(load.subscribers) if load.one_device else range(BATCH_EVENTS)
        messages = [
            broker.message(device_number(index), event_body(index))
            if load.one_device
            else broker.message(None, event_body())
            for index in devices
        ]
        self._message_bytes = len(messages[0])
        self._stamp_at = messages[0].index(event_body(0))
        self._cycle = bytearray(b"".join(messages))
        self._cycle_events = len(messages)
        self._at = 0

    @property
    def delivered(self) -> int:
        """Deliveries counted by the receiver so far."""
        return (self._counter.value - self._starts_at) // self._delivered_bytes

    @property
    def on_their_way(self) -> float:
        """Events published and not delivered to everybody."""
        return self.published - self.delivered / self._load.deliveries_per_event

    def send(self, events: int) -> None:
        """The next events, with the time of sending in each."""
        now_us = time.monotonic_ns() // 1000
        while events > 0:
            count = min(events, self._cycle_events - self._at)
            for index in range(self._at, self._at + count):
                stamp(self._cycle, index * self._message_bytes + self._stamp_at, now_us)
            piece = memoryview(self._cycle)[self._at * self._message_bytes : (self._at + count) * self._message_bytes]
            self._connection.sendall(piece)
            self._at = (self._at + count) % self._cycle_events
            self.published += count
            events -= count

    def flat_out(self, seconds: float) -> float:
        """Publish as fast as the window allows; deliveries per second over that time."""
        began, first = time.monotonic(), self.delivered
        while (now := time.monotonic()) - began < seconds:
            if self.on_their_way < WINDOW_EVENTS:
                self.send(BATCH_EVENTS)
            else:
                time.sleep(TICK_SECONDS / 10)
        return (self.delivered - first) / (now - began)

    def paced(self, events_per_second: float, seconds: float) -> None:
        """Publish at an even pace."""
        began = time.monotonic()
        sent = 0
        while (elapsed := time.monotonic() - began) < seconds:
            due = int(elapsed * events_per_second)
            if due > sent:
                self.send(due - sent)
                sent = due
            time.sleep(TICK_SECONDS)

    def drain(self) -> int:
        """Wait for what is on its way; deliveries that did not come."""
        deadline = time.monotonic() + DRAIN_SECONDS_MAX
        while self.on_their_way > 0 and time.monotonic() < deadline:
            time.sleep(TICK_SECONDS)
        return max(0, self.published * self._load.deliveries_per_event - self.delivered)

    def close(self) -> None:
        self._connection.close()


def measure(name: str, load: Load, spans: Spans) -> Result:
    """Start a broker, load it, end it."""
    counter = RawValue(c_uint64, 0)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        broker = BROKERS[name][0](name, Path(folder), free_port())
        with _running(broker), _receiving(broker, load, counter) as control:
            publisher = Publisher(broker, load, counter)
            publisher.flat_out(spans.warm_up)
            rate = publisher.flat_out(spans.throughput)
            lost = publisher.drain()
            control.send("probe")
            events_per_second = rate / LATENCY_SHARE / load.deliveries_per_event
            publisher.paced(events_per_second, spans.latency)
            lost = max(lost, publisher.drain())
            control.send("stop")
            latency = control.recv()
            publisher.close()
            if not isinstance(latency, Latencies):
                raise TypeError(f"the receiver answered {latency!r}")
            return Result(
                broker=name,
                load=load.name,
                subscribers=load.subscribers,
                deliveries_per_second=int(rate),
                bytes_per_delivery=delivered_bytes(broker, load.one_device),
                latency_rate_per_second=int(rate / LATENCY_SHARE),
                latency=latency,
                lost=lost,
            )


@contextmanager
def _running(broker: Broker) -> Iterator[None]:
    process = broker.start()
    try:
        deadline = time.monotonic() + START_SECONDS_MAX
        while True:
            try:
                broker.connect_publisher().close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    printed = (broker.folder / f"{broker.name}.log").read_text(errors="replace")
                    raise RuntimeError(f"{broker.name} did not start: {printed[-500:]}") from None
                time.sleep(0.02)
        yield
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def _receiving(broker: Broker, load: Load, counter: "c_uint64") -> Iterator["Connection[object, object]"]:
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("fork")
    receiver = context.Process(
        target=receive, args=(broker, load.subscribers, load.one_device, counter, there), daemon=True
    )
    receiver.start()
    there.close()
    try:
        if not here.poll(CONNECT_SECONDS_MAX) or here.recv() != "ready":
            raise RuntimeError(f"{broker.name}: the subscribers were not connected in {CONNECT_SECONDS_MAX} s")
        yield here
    finally:
        receiver.terminate()
        receiver.join()
        here.close()


def run(
    brokers: tuple[str, ...] = tuple(BROKERS), loads: tuple[Load, ...] = LOADS, spans: Spans | None = None
) -> Iterator[Result | str]:
    """Each load for each broker; a line of text instead of a result for a broker that is not installed."""
    for load in loads:
        for name in brokers:
            if find_program(BROKERS[name][1]) is None:
                yield f"{name} is not installed: its Debian package has that name"
                continue
            yield measure(name, load, spans or Spans())


def summary(results: list[Result]) -> dict[str, Any]:
    """The JSON object: ``ratio`` is ours ÷ nats-server at 1,000 all-event subscribers, ``with_journal`` that with the
    journal on; None when one is missing."""
    rates = {(result.broker, result.load): result.deliveries_per_second for result in results}
    ours, nats = rates.get(("ulp", LOADS[1].name)), rates.get(("nats-server", LOADS[1].name))
    kept = rates.get(("ulp+journal", LOADS[1].name))
    return {
        "bench": "fanout",
        "ratio": round(ours / nats, 2) if ours and nats else None,
        "with_journal": round(kept / nats, 2) if kept and nats else None,
        "ours_deliveries_per_second": ours,
        "nats_deliveries_per_second": nats,
        "payload_bytes": len(event_body()),
        "machine": f"{platform.machine()}, {multiprocessing.cpu_count()} cores, Python {platform.python_version()}",
        "results": [asdict(result) for result in results],
    }
