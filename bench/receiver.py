"""The one receiver for all brokers: a process with one epoll that throws bytes away and counts them.

Bytes are taken from the kernel with MSG_TRUNC, without being copied. For latency some connections are read for real
and the time stamps in their events are compared with the clock all processes of this machine share.
"""

import select
import socket
import time
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
    connections = [_subscribe(broker, device_number(index) if one_device else None) for index in range(subscribers)]
    control.send("ready")
    poll = select.epoll()
    by_descriptor = {connection.fileno(): connection for connection in connections}
    for descriptor in by_descriptor:
        poll.register(descriptor, select.EPOLLIN)
    poll.register(control.fileno(), select.EPOLLIN)
    step = 1 if one_device else max(1, subscribers // PROBES_ALL_EVENTS)
    probes = {connection.fileno() for connection in connections[::step]}
    delays_us = _count(poll, by_descriptor, probes, counter, control, broker, connections)
    control.send(_latencies(delays_us))
    for connection in connections:
        connection.close()


class _Heartbeats:
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
) -> list[int]:
    scratch = memoryview(bytearray(SCRATCH_BYTES))
    heartbeats = _Heartbeats(broker.heartbeat(), connections)
    is_probing = False
    delays_us: list[int] = []
    received = 0
    while True:
        for descriptor, _ in poll.poll(REPORT_SECONDS * 1000, 256):
            connection = by_descriptor.get(descriptor)
            if connection is None:
                if control.recv() == "stop":
                    return delays_us
                is_probing = True
            elif is_probing and descriptor in probes:
                length = connection.recv_into(scratch)
                now_us = time.monotonic_ns() // 1000
                received += length
                delays_us += [now_us - sent_us for sent_us in stamps_in(scratch[:length])]
            else:
                received += connection.recv_into(scratch, SCRATCH_BYTES, socket.MSG_TRUNC)
        counter.value = received
        heartbeats.send_due()


def _subscribe(broker: Broker, device: str | None) -> socket.socket:
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
