"""What a screen shows of a mirror: each device with its state, each call with who is in it. Pure.

The state of a device is ``model.device_view``'s; here it is only put beside its number and counted.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from model.device_view import device_state
from model.ids import DeviceNumber
from model.mirror import Mirror
from model.states import ConnectionState, DeviceState, LinkState, PortKind
from model.view import Call, Connection, Link


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A device of port.cfg and its state."""

    number: DeviceNumber
    kind: PortKind
    name: str
    state: DeviceState


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call: ``party_from`` and ``party_to`` as it began, ``parties`` who is in it now, ``state`` in one word."""

    call: Call
    party_from: str
    party_to: str
    parties: str
    state: str
    seconds: int


def device_rows(mirror: Mirror, link: Link) -> list[DeviceRow]:
    """Every device, by number; ``link`` is the one to judge by, which need not be the mirror's last."""
    taken: dict[DeviceNumber, list[tuple[Connection, Call]]] = {}
    for call in mirror.calls.values():
        for connection in call.connections:
            for number in {connection.device, connection.trunk}:
                taken.setdefault(number, []).append((connection, call))
    return [
        DeviceRow(device.number, device.kind, device.name, device_state(device, link, taken.get(device.number, ())))
        for device in sorted(mirror.devices.values(), key=lambda device: (len(device.number), device.number))
    ]


def counts(rows: Iterable[DeviceRow]) -> Counter[DeviceState]:
    """How many devices are in each state."""
    return Counter(row.state for row in rows)


def call_rows(mirror: Mirror, now_us: int) -> list[CallRow]:
    """Every call, the oldest first: what hangs stands on top."""
    names = {device.number: device.name for device in mirror.devices.values()}
    return [
        CallRow(
            call,
            named(call.calling, names.get(call.calling, "")) or "anonymous",
            named(call.called, names.get(call.called, "")) or "?",
            ", ".join(_party(connection, call) for connection in call.connections),
            call_word(call),
            max(now_us - call.began_us, 0) // 1_000_000,
        )
        for call in sorted(mirror.calls.values(), key=lambda call: (call.began_us, call.call_id))
    ]


def call_word(call: Call) -> str:
    """The state of a call in one word: the first that is true of its connections."""
    states = Counter(connection.state for connection in call.connections)
    connected = states[ConnectionState.CONNECTED]
    for state, word in (
        (ConnectionState.FAIL, "failed"),
        (ConnectionState.QUEUED, "queued"),
        (ConnectionState.ALERTING, "ringing"),
        (ConnectionState.HOLD, "held"),
        (ConnectionState.INITIATED, "off hook"),
    ):
        if states[state]:
            return word
    if connected > 2:
        return "conference"
    if connected == 2:
        return "talking"
    left = connected == 1 and call.calling not in {call.connections[0].device, call.connections[0].trunk}
    return "hanging up" if left else "dialling"


def no_connection(mirror: Mirror, reason: str) -> Link:
    """The link as somebody sees it who has lost the gateway: down, so that nothing old is shown as true."""
    return replace(mirror.link, state=LinkState.DOWN, reason=reason)


def named(number: str, name: str) -> str:
    """A number with its name; the name alone where it holds the number (``座席 8001``)."""
    return name if number and number in name else f"{number} {name}".strip()


def _party(connection: Connection, call: Call) -> str:
    """The device; of an outside party its trunk, and its number where ``calling`` and ``called`` do not tell it."""
    if not connection.trunk or connection.trunk == connection.device:
        return connection.device or "anonymous"
    told = connection.device in (call.calling, call.called)
    return connection.trunk if told else f"{connection.trunk}/{connection.device or 'anonymous'}"
