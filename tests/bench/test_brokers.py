"""What we say to each broker, by the letter of its protocol; that they answer is shown in test_fanout.py."""

from pathlib import Path

import pytest

from bench.brokers import BROKERS, Broker, Mosquitto, Nats, Redis, Ulp, any_device, find_program, free_port
from bench.payload import event_body
from protocol.frame import HEADER_BYTES, pack_frame
from protocol.kinds import Kind

BODY = b"x" * 158


def test_nats(tmp_path: Path) -> None:
    nats = Nats("nats-server", tmp_path, 4222)
    assert nats.message("10000", BODY) == b"PUB e.10000 158\r\n" + BODY + b"\r\n"
    assert b"SUB e.> 1\r\n" in nats.subscribe(None)
    assert b"SUB e.10007 1\r\n" in nats.subscribe("10007")
    assert nats.delivered_bytes(None, BODY) == len("MSG e.10000 1 158\r\n") + 158 + 2
    assert not nats.is_subscribed(b"INFO {}\r\n")
    assert nats.is_subscribed(b"INFO {}\r\nPONG\r\n")
    assert str(tmp_path) in nats.command()[-1]


def test_redis(tmp_path: Path) -> None:
    redis = Redis("redis-server", tmp_path, 6379)
    assert redis.subscribe("10007") == b"SUBSCRIBE e.10007\r\n"
    assert redis.message(None, b"ab").startswith(b"*3\r\n$7\r\nPUBLISH\r\n$1\r\ne\r\n")
    assert redis.message("10000", b"ab") == b"*3\r\n$7\r\nPUBLISH\r\n$7\r\ne.10000\r\n$2\r\nab\r\n"
    assert redis.delivered_bytes("10000", b"ab") == len(b"*3\r\n$7\r\nmessage\r\n$7\r\ne.10000\r\n$2\r\nab\r\n")


def test_mosquitto(tmp_path: Path) -> None:
    mosquitto = Mosquitto("mosquitto", tmp_path, 1883)
    message = mosquitto.message("10000", BODY)
    assert message[:3] == b"\x30" + bytes([(2 + 7 + 158) % 128 | 0x80, (2 + 7 + 158) // 128])
    assert message[3:12] == b"\x00\x07e/10000"
    assert mosquitto.greet_publisher() == b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x00\x00\x00"
    assert mosquitto.delivered_bytes(None, BODY) == len(message)
    assert not mosquitto.is_subscribed(b"\x20\x02\x00\x00")


def test_ulp(tmp_path: Path) -> None:
    ulp = Ulp("ulp", tmp_path, 7400)
    assert ulp.delivered_bytes(None, BODY) == HEADER_BYTES + 158
    assert ulp.is_subscribed(b"more" + pack_frame(Kind.SNAPSHOT_END, 1, 9))
    assert not ulp.is_subscribed(pack_frame(Kind.SUBSCRIBED, 1, 1))
    assert ulp.heartbeat() == pack_frame(Kind.HEARTBEAT, 0, 0)


@pytest.mark.parametrize("name", BROKERS)
def test_the_payload_stands_in_every_broker_s_message(name: str, tmp_path: Path) -> None:
    broker: Broker = BROKERS[name][0](name, tmp_path, free_port())
    assert event_body() in broker.message(any_device(), event_body())


def test_programs_are_found_where_debian_keeps_them() -> None:
    assert find_program("sh") is not None
    assert find_program("no-such-broker") is None
