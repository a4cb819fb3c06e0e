"""Which port of port.cfg an Asterisk channel stands for, and which trunk port it occupies.

A channel is named after its endpoint (``PJSIP/8001-0000002a``). An endpoint of a TRUNK line carries outside parties:
the channel takes the lowest free port of the lines that name the endpoint, the party keeps its own number.
"""

from collections.abc import Sequence
from heapq import heappop, heappush

from gateway.portcfg import Port, PortKind
from model.ids import DeviceNumber

NUMBER_LENGTH_MAX = 64
"""Telephone numbers end at 15 digits, SIP user parts of people at some thirty characters."""

WITHHELD = frozenset({"anonymous", "unknown", "restricted", "unavailable", "private"})
"""What networks write where the number would stand (RFC 3323 4.1.1.3 and habit)."""


def endpoint_of(channel_name: str) -> str:
    """The endpoint a channel is named after: all but Asterisk's own ``-%08x`` at the end."""
    return channel_name.rpartition("-")[0] or channel_name


def plain_number(text: str) -> DeviceNumber:
    """A number as a party sent it, made fit to be a key: printable, bounded, no blanks; empty when there is none."""
    if text.isalnum():  # nearly all are
        return DeviceNumber(text[:NUMBER_LENGTH_MAX])
    return DeviceNumber("".join(c for c in text if c.isprintable() and not c.isspace())[:NUMBER_LENGTH_MAX])


def caller_number(text: str) -> DeviceNumber:
    """A caller's number as the network told it; empty for one who withholds it."""
    return DeviceNumber("") if text.lower() in WITHHELD else plain_number(text)


def dialled_number(dial_string: str) -> DeviceNumber:
    """The number in a DialString: ``13900002222@trunk``, ``8001``, ``PJSIP/8001``, ``sip:8001@10.0.0.1``."""
    tail = dial_string.rpartition("/")[2].partition("@")[0]
    return plain_number(tail.removeprefix("sip:"))


class Devices:
    """The ports as Asterisk names them. ``set_ports`` may be called at any time; channels keep what they have."""

    def __init__(self, ports: Sequence[Port]) -> None:
        self._free: dict[str, list[DeviceNumber]] = {}
        self._taken: dict[str, tuple[str, DeviceNumber]] = {}
        self.set_ports(ports)

    def set_ports(self, ports: Sequence[Port]) -> None:
        """Take a port.cfg read anew."""
        self._numbers = {port.number: DeviceNumber(port.number) for port in ports if port.kind is not PortKind.TRUNK}
        self._by_endpoint: dict[str, DeviceNumber] = {}
        self._queues: dict[str, DeviceNumber] = {}
        self._trunks: dict[str, list[DeviceNumber]] = {}
        for port in ports:
            number = DeviceNumber(port.number)
            if port.kind is PortKind.TRUNK:
                self._trunks.setdefault(port.endpoint, []).append(number)
            elif port.kind is PortKind.QUEUE:
                for name in (port.endpoint.removeprefix("Queue/"), port.device, port.number):
                    self._queues.setdefault(name, number)
            else:
                self._by_endpoint.setdefault(port.endpoint, number)
        taken = {trunk for _, trunk in self._taken.values()}
        self._free = {
            endpoint: sorted(trunk for trunk in trunks if trunk not in taken)
            for endpoint, trunks in self._trunks.items()
        }

    def is_trunk(self, endpoint: str) -> bool:
        """Whether port.cfg has TRUNK lines for this endpoint."""
        return endpoint in self._trunks

    def number_of(self, endpoint: str) -> DeviceNumber:
        """The device behind an endpoint that is no trunk: its port, else the endpoint's own name."""
        return self._by_endpoint.get(endpoint) or plain_number(endpoint.partition("/")[2] or endpoint)

    def endpoint_for(self, number: DeviceNumber) -> str | None:
        """The endpoint of a port, for the actions of a request."""
        for endpoint, device in self._by_endpoint.items():
            if device == number:
                return endpoint
        return None

    def queue(self, name: str, extension: str) -> DeviceNumber:
        """The QUEUE port of a queue: by endpoint, device or number, else by the number dialled, else its name."""
        return self._queues.get(name) or self._queues.get(extension) or plain_number(name)

    def take_trunk(self, endpoint: str, uniqueid: str) -> DeviceNumber | None:
        """The lowest free trunk port for a new channel, None when all are taken."""
        free = self._free.get(endpoint)
        if not free:
            return None
        trunk = heappop(free)
        self._taken[uniqueid] = (endpoint, trunk)
        return trunk

    def release_trunk(self, uniqueid: str) -> None:
        """The channel is gone; its port is free again, if port.cfg still has it."""
        endpoint, trunk = self._taken.pop(uniqueid, ("", DeviceNumber("")))
        if trunk in self._trunks.get(endpoint, ()):
            heappush(self._free[endpoint], trunk)
