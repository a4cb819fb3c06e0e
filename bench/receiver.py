"""The one receiver for all brokers: a process with one epoll that throws bytes away and counts them.

Bytes are taken from the kernel with MSG_TRUNC, without being copied. For latency some connections are read for real
and the time stamps in their events are compared with the clock all processes of this machine share.
"""

import select
import socket
import time
from collections.abc import Iterable
from ctypes import c_uint64
from dataclasses import dataclass
from multiprocessing.connection import Connection

from bench.brokers import Broker, any_device
from bench.payload import device_number, event_body, stamps_in

SCRATCH_BYTES = 1 << 20
PROBES_ALL_EVENTS = 16
"""Connections read for real among the all-event subscribers, spread evenly over the order of connecting."""

HEARTBEAT_SECONDS = 4.0
CONNECT_SECONDS_MAX = 20.0
REPORT_SECONDS = 0.001
"""How long an epoll waits before the counters are looked at again."""

PULSES_MAX = 40
"""Heartbeats of a broker that are told from deliveries on one connection: minutes of them."""

PULSES_COUNTED_SECONDS = 0.25
"""Between two counts of them while there is no pause; two milliseconds each with 5,000 connections."""


@dataclass(frozen=True, slots=True)
class Latencies:
    """What the probes saw, in microseconds."""

    samples: int
    median_us: int
    p99_us: int


def receive(
    broker: Broker, subscribers: int, one_device: bool, counter: "c_uint64", control: "Connection[object, object]"
) -> None:
    """Connect, say ``ready``, count bytes into ``counter`` until told ``stop``; ``probe`` starts the latency part."""
    connections = [subscribe(broker, device_number(index) if one_device else None) for index in range(subscribers)]
    control.send("ready")
    poll = select.epoll()
    by_descriptor = {connection.fileno(): connection for connection in connections}
    for descriptor in by_descriptor:
        poll.register(descriptor, select.EPOLLIN)
    poll.register(control.fileno(), select.EPOLLIN)
    step = 1 if one_device else max(1, subscribers // PROBES_ALL_EVENTS)
    probes = {connection.fileno() for connection in connections[::step]}
    pulses = Pulses(broker.pulse_bytes, delivered_bytes(broker, one_device))
    delays_us = _count(poll, by_descriptor, probes, counter, control, broker, connections, pulses)
    control.send(_latencies(delays_us))
    for connection in connections:
        connection.close()


class Pulses:
    """A broker's own heartbeats among the bytes received, which are no deliveries.

    The bytes of one connection are a number of deliveries and a few heartbeats, both of known size; which, follows
    from the remainder. Without this 5,000 connections' heartbeats count as hundreds of events that never came.
    """

    def __init__(self, pulse_bytes: int, delivery_bytes: int) -> None:
        """``pulse_bytes``: of one heartbeat, 0 for a broker that sends none."""
        self._delivery_bytes = delivery_bytes
        pulses = range(PULSES_MAX if pulse_bytes else 0, -1, -1)
        self._bytes_by_remainder = {count * pulse_bytes % delivery_bytes: count * pulse_bytes for count in pulses}
        self.are_sent = bool(pulse_bytes)

    def bytes_among(self, received: Iterable[int]) -> int:
        """Bytes of heartbeats among those received on some connections; a delivery half received counts none."""
        known, size = self._bytes_by_remainder, self._delivery_bytes
        return sum(known.get(count % size, 0) for count in received)


class Heartbeats:
    """The subscribers' heartbeats, spread over the interval as they are among clients of their own."""

    def __init__(self, heartbeat: bytes, connections: list[socket.socket]) -> None:
        self._heartbeat = heartbeat
        self._connections = connections
        self._began = time.monotonic()
        self._sent = 0

    def send_due(self) -> None:
        if not self._heartbeat:
            return
        due = int((time.monotonic() - self._began) / HEARTBEAT_SECONDS * len(self._connections))
        while self._sent < due:
            self._connections[self._sent % len(self._connections)].send(self._heartbeat)
            self._sent += 1


def _count(
    poll: select.epoll,
    by_descriptor: dict[int, socket.socket],
    probes: set[int],
    counter: "c_uint64",
    control: "Connection[object, object]",
    broker: Broker,
    connections: list[socket.socket],
    pulses: Pulses,
) -> list[int]:
    scratch = memoryview(bytearray(SCRATCH_BYTES))
    heartbeats = Heartbeats(broker.heartbeat(), connections)
    is_probing = False
    delays_us: list[int] = []
    received = dict.fromkeys(by_descriptor, 0)
    everything = pulse_bytes = 0
    pulses_due = 0.0
    while True:
        ready = poll.poll(REPORT_SECONDS * 1000, 256)
        for descriptor, _ in ready:
            connection = by_descriptor.get(descriptor)
            if connection is None:
                if control.recv() == "stop":
                    return delays_us
                is_probing = True
                continue
            if is_probing and descriptor in probes:
                length = connection.recv_into(scratch)
                now_us = time.monotonic_ns() // 1000
                delays_us += [now_us - sent_us for sent_us in stamps_in(scratch[:length])]
            else:
                length = connection.recv_into(scratch, SCRATCH_BYTES, socket.MSG_TRUNC)
            received[descriptor] += length
            everything += length
        now = time.monotonic()
        if pulses.are_sent and (now >= pulses_due or not ready):
            pulse_bytes = pulses.bytes_among(received.values())
            pulses_due = now + PULSES_COUNTED_SECONDS
        counter.value = everything - pulse_bytes
        heartbeats.send_due()


def subscribe(broker: Broker, device: str | None) -> socket.socket:
    """A connection that has subscribed, to a device or to everything."""
    connection = socket.create_connection(("127.0.0.1", broker.port), timeout=CONNECT_SECONDS_MAX)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.sendall(broker.subscribe(device))
    answer = b""
    while not broker.is_subscribed(answer):
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError(f"{broker.name} closed the connection: {answer[-200:]!r}")
        answer += piece
    connection.setblocking(False)
    return connection


def _latencies(delays_us: list[int]) -> Latencies:
    if not delays_us:
        return Latencies(0, 0, 0)
    delays_us.sort()
    count = len(delays_us)
    return Latencies(count, delays_us[count // 2], delays_us[min(count - 1, count * 99 // 100)])


def delivered_bytes(broker: Broker, one_device: bool) -> int:
    """Size of one delivery, the same for every device."""
    return broker.delivered_bytes(any_device() if one_device else None, event_body())
