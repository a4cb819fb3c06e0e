"""The receiver's counting and its percentiles."""

import multiprocessing
import socket
import threading
from ctypes import c_uint64
from multiprocessing.sharedctypes import RawValue
from pathlib import Path

from bench.brokers import Nats
from bench.payload import event_body
from bench.receiver import Pulses, _latencies, delivered_bytes, receive
from tests.waiting import until_blocking


def test_it_counts_every_byte_after_the_subscription(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        broker = Nats("nats-server", tmp_path, listener.getsockname()[1])
        counter = RawValue(c_uint64, 0)
        here, there = multiprocessing.Pipe()
        receiver = threading.Thread(target=receive, args=(broker, 2, False, counter, there), daemon=True)
        receiver.start()
        connections = []
        for _ in range(2):
            connection, _ = listener.accept()
            connection.sendall(b"INFO {}\r\nPONG\r\n")
            connections.append(connection)
        assert here.recv() == "ready"
        message = b"MSG e.10000 1 %d\r\n%s\r\n" % (len(event_body()), event_body())
        for connection in connections:
            connection.sendall(message * 3)
        until_blocking(lambda: counter.value == 6 * delivered_bytes(broker, one_device=False))
        here.send("probe")
        connections[0].sendall(message)
        until_blocking(lambda: counter.value == 7 * delivered_bytes(broker, one_device=False))
        here.send("stop")
        latency = here.recv()
        assert latency.samples == 1
        receiver.join()
        for connection in connections:
            connection.close()
        here.close()
        there.close()


def test_percentiles() -> None:
    latency = _latencies(list(range(1_000, 0, -1)))
    assert (latency.samples, latency.median_us, latency.p99_us) == (1_000, 501, 991)
    assert _latencies([]).samples == 0


def test_a_broker_s_heartbeats_are_no_deliveries() -> None:
    pulses = Pulses(16, 174)
    received = [5 * 174, 5 * 174 + 16, 16 * 20, 7 * 174 + 3 * 16]
    assert pulses.bytes_among(received) == (0 + 1 + 20 + 3) * 16
    assert pulses.bytes_among([5 * 174 + 90]) == 0, "a delivery that is not whole yet"
    assert pulses.are_sent


def test_a_broker_without_heartbeats_has_none() -> None:
    pulses = Pulses(0, 174)
    assert pulses.bytes_among([174, 190, 16]) == 0
    assert not pulses.are_sent
