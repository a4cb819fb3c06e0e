"""The brokers under measurement: how each is started, subscribed to and published to, in its own protocol.

All on free loopback ports, in a temporary folder, ended by us. Limits that would make a peer drop or cut what it
cannot deliver at once are lifted, for what is measured is delivery.
"""

import json
import shutil
import socket
import subprocess
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from struct import pack
from typing import ClassVar

from bench.payload import device_number
from model.events import CallEventKind
from protocol.frame import HEADER_BYTES, pack_frame
from protocol.kinds import Kind, Role
from protocol.messages import Hello, Subscribe, pack_hello, pack_subscribe

MESSAGE_KIND = CallEventKind.ESTABLISHED


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Broker(ABC):
    """One broker. ``device`` None in a subscription means everything."""

    name: str
    folder: Path
    port: int

    @abstractmethod
    def command(self) -> list[str]:
        """The command line that starts it; configuration files are written to ``folder``."""

    @abstractmethod
    def subscribe(self, device: str | None) -> bytes:
        """What a subscriber sends."""

    @abstractmethod
    def is_subscribed(self, received: bytes) -> bool:
        """Whether the answer to ``subscribe`` is complete."""

    @abstractmethod
    def message(self, device: str | None, body: bytes) -> bytes:
        """What a publisher sends for one event, to a device's subscribers or (None) to those of everything."""

    @abstractmethod
    def delivered_bytes(self, device: str | None, body: bytes) -> int:
        """Size of one event on a subscriber's connection."""

    pulse_bytes: ClassVar[int] = 0
    """Size of what a subscriber is sent now and then that is no delivery."""

    def heartbeat(self) -> bytes:
        """What a subscriber must send every few seconds, if anything."""
        return b""

    def greet_publisher(self) -> bytes:
        """What a publisher sends first, if anything."""
        return b""

    def connect_publisher(self) -> socket.socket:
        publisher = socket.create_connection(("127.0.0.1", self.port))
        publisher.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        publisher.sendall(self.greet_publisher())
        return publisher

    def start(self) -> "subprocess.Popen[bytes]":
        """Start it; what it prints goes to a file in its folder."""
        with (self.folder / f"{self.name}.log").open("wb") as printed:
            return subprocess.Popen(self.command(), stdout=printed, stderr=subprocess.STDOUT, cwd=self.folder)


@dataclass(frozen=True)
class Ulp(Broker):
    """Our server process, session, filters and limits on; events come in over a unix socket."""

    pulse_bytes: ClassVar[int] = HEADER_BYTES
    limits: dict[str, float] = field(default_factory=dict)
    """Of ``ServerLimits``, other than the defaults."""

    def command(self) -> list[str]:
        program = [sys.executable, "-m", "bench.ulp_process"]
        return [*program, str(self.port), str(self._inlet), json.dumps(self.limits)]

    def start(self) -> "subprocess.Popen[bytes]":
        with (self.folder / f"{self.name}.log").open("wb") as printed:
            return subprocess.Popen(self.command(), stdout=printed, stderr=subprocess.STDOUT)

    @property
    def _inlet(self) -> Path:
        return self.folder / "inlet"

    def subscribe(self, device: str | None) -> bytes:
        devices = None if device is None else frozenset({device})
        hello = pack_frame(Kind.HELLO, 0, 0, pack_hello(Hello("bench", Role.CONSUMER)))
        return hello + pack_frame(Kind.SUBSCRIBE, 1, 1, pack_subscribe(Subscribe(devices=devices)))

    def is_subscribed(self, received: bytes) -> bool:
        return received[-HEADER_BYTES:].startswith(pack_frame(Kind.SNAPSHOT_END, 1, 0)[:8])

    def message(self, device: str | None, body: bytes) -> bytes:
        return pack_frame(MESSAGE_KIND, 1, 0, body)

    def delivered_bytes(self, device: str | None, body: bytes) -> int:
        return HEADER_BYTES + len(body)

    def heartbeat(self) -> bytes:
        return pack_frame(Kind.HEARTBEAT, 0, 0)

    def connect_publisher(self) -> socket.socket:
        publisher = socket.socket(socket.AF_UNIX)
        try:
            publisher.connect(str(self._inlet))
        except OSError:
            publisher.close()
            raise
        return publisher


class Nats(Broker):
    """nats-server, core NATS: subject ``e.DEVICE``, everything is ``e.>``."""

    def command(self) -> list[str]:
        config = self.folder / "nats.conf"
        config.write_text(
            f'host: "127.0.0.1"\nport: {self.port}\nwrite_deadline: "60s"\nmax_pending: 536870912\n'
            'ping_interval: "10m"\n'
        )
        return ["nats-server", "-c", str(config)]

    def subscribe(self, device: str | None) -> bytes:
        subject = "e.>" if device is None else f"e.{device}"
        return b'CONNECT {"verbose":false,"pedantic":false}\r\nSUB ' + subject.encode() + b" 1\r\nPING\r\n"

    def is_subscribed(self, received: bytes) -> bool:
        return b"PONG\r\n" in received

    def message(self, device: str | None, body: bytes) -> bytes:
        return b"PUB e.%s %d\r\n%s\r\n" % ((device or any_device()).encode(), len(body), body)

    def delivered_bytes(self, device: str | None, body: bytes) -> int:
        return len(b"MSG e.%s 1 %d\r\n%s\r\n" % ((device or any_device()).encode(), len(body), body))

    def greet_publisher(self) -> bytes:
        return b'CONNECT {"verbose":false,"pedantic":false}\r\n'


class Redis(Broker):
    """redis-server publish/subscribe: channel ``e.DEVICE``, everything is one channel ``e``."""

    def command(self) -> list[str]:
        options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--maxclients", "10000"]
        return ["redis-server", "--port", str(self.port), *options, "--client-output-buffer-limit", "pubsub 0 0 0"]

    def subscribe(self, device: str | None) -> bytes:
        return b"SUBSCRIBE %s\r\n" % self._channel(device)

    def is_subscribed(self, received: bytes) -> bool:
        return received.endswith(b":1\r\n")

    def message(self, device: str | None, body: bytes) -> bytes:
        return _resp(b"PUBLISH", self._channel(device), body)

    def delivered_bytes(self, device: str | None, body: bytes) -> int:
        return len(_resp(b"message", self._channel(device), body))

    def greet_publisher(self) -> bytes:
        return b"CLIENT REPLY OFF\r\n"

    def _channel(self, device: str | None) -> bytes:
        return b"e" if device is None else b"e.%s" % device.encode()


class Mosquitto(Broker):
    """mosquitto, MQTT 3.1.1, QoS 0: topic ``e/DEVICE``, everything is ``e/#``."""

    def command(self) -> list[str]:
        config = self.folder / "mosquitto.conf"
        config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\nmax_queued_messages 0\n"
            "max_queued_bytes 0\nset_tcp_nodelay true\nlog_dest stdout\nlog_type error\nmax_connections -1\n"
        )
        return ["mosquitto", "-c", str(config)]

    def subscribe(self, device: str | None) -> bytes:
        topic = _mqtt_text("e/#" if device is None else f"e/{device}")
        return self.greet_publisher() + b"\x82" + _mqtt_length(len(topic) + 3) + b"\x00\x01" + topic + b"\x00"

    def is_subscribed(self, received: bytes) -> bool:
        return len(received) >= 9

    def message(self, device: str | None, body: bytes) -> bytes:
        rest = _mqtt_text(f"e/{device or any_device()}") + body
        return b"\x30" + _mqtt_length(len(rest)) + rest

    def delivered_bytes(self, device: str | None, body: bytes) -> int:
        return len(self.message(device, body))

    def greet_publisher(self) -> bytes:
        rest = _mqtt_text("MQTT") + b"\x04\x02\x00\x00" + _mqtt_text("")
        return b"\x10" + _mqtt_length(len(rest)) + rest


def _resp(*words: bytes) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def _mqtt_text(text: str) -> bytes:
    return pack(">H", len(text)) + text.encode()


def _mqtt_length(length: int) -> bytes:
    digits = bytearray()
    while True:
        length, digit = divmod(length, 128)
        digits.append(digit | (0x80 if length else 0))
        if not length:
            return bytes(digits)


@dataclass(frozen=True)
class UlpWithJournal(Ulp):
    """The same with the gateway's journal as it is shipped: written before it leaves, fsync each second."""

    def command(self) -> list[str]:
        return [*super().command(), str(self.folder / "journal")]


BROKERS: dict[str, tuple[type[Broker], str]] = {
    "ulp": (Ulp, sys.executable),
    "ulp+journal": (UlpWithJournal, sys.executable),
    "nats-server": (Nats, "nats-server"),
    "redis-server": (Redis, "redis-server"),
    "mosquitto": (Mosquitto, "mosquitto"),
}


def find_program(program: str) -> str | None:
    """Where a broker's program is; Debian keeps some where a user's PATH does not look."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin")


def any_device() -> str:
    """The device that the all-event runs speak of."""
    return device_number(0)
