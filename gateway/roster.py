"""Which devices the gateway serves now: port.cfg as last accepted, the seats, and devices that wait to be released.

A new port.cfg or licence is taken over without dropping a call: a device no longer named is kept until it is idle, an
extension in a live call keeps its seat until then. Pure; who is busy is asked through a function.
"""

from collections.abc import Callable, Iterable

from gateway.portcfg import Port
from gateway.seats import SeatPlan, assign
from model.ids import DeviceNumber
from model.states import PortKind
from model.view import Device
from runtime.texts import Language


class Roster:
    """Ports in force and their seats. Call ``settle`` after every change, and while ``unsettled``."""

    def __init__(self, ports: Iterable[Port], seats: int, is_busy: Callable[[DeviceNumber], bool]) -> None:
        self._ports = {port.number: port for port in ports}
        self._leaving: dict[DeviceNumber, Port] = {}
        self._seats = seats
        self._is_busy = is_busy
        self._plan: SeatPlan = assign(self._ports.values(), seats)

    @property
    def unsettled(self) -> bool:
        """Whether something waits for a call to end."""
        return bool(self._leaving) or not self._plan.settled

    @property
    def seats_needed(self) -> int:
        """Extensions that port.cfg names."""
        return sum(port.kind is PortKind.EXT for port in self._ports.values())

    def replace_ports(self, ports: Iterable[Port]) -> None:
        """port.cfg was read anew. A port that is gone, or that is another device of the switch now, is kept as it was
        until its calls are over; one that was not served has nothing to lose."""
        wanted = {port.number: port for port in ports}
        self._leaving = {
            port.number: port
            for port in self.served()
            if self._is_busy(port.number) and not _is_same_device(port, wanted.get(port.number))
        }
        self._ports = wanted

    def replace_seats(self, seats: int) -> None:
        """The licence changed."""
        self._seats = seats

    def settle(self) -> None:
        """Release what is idle now and give the seats out again."""
        self._leaving = {number: port for number, port in self._leaving.items() if self._is_busy(number)}
        kept = frozenset(number for number in self._plan.served if self._is_busy(number))
        self._plan = assign(self._ports.values(), self._seats, kept)

    def served(self) -> list[Port]:
        """Ports to be monitored: those that need no seat or have one."""
        return [port for port in self.ports() if self._has_right(port)]

    def devices(self) -> list[Device]:
        """Every port as the model shows it."""
        return [
            Device(
                port.number,
                port.kind,
                port.name,
                port.group,
                licensed=self._has_right(port),
                reason=self._plan.unlicensed[port.number].render(Language.EN) if not self._has_right(port) else "",
            )
            for port in self.ports()
        ]

    def port(self, number: DeviceNumber) -> Port | None:
        """A port by its number."""
        return self._leaving.get(number) or self._ports.get(number)

    def ports(self) -> list[Port]:
        """Every port in force, those that wait to be released included."""
        return list((self._ports | self._leaving).values())

    def _has_right(self, port: Port) -> bool:
        return port.kind is not PortKind.EXT or port.number not in self._plan.unlicensed


def _is_same_device(port: Port, wanted: Port | None) -> bool:
    if wanted is None:
        return False
    return (wanted.device, wanted.endpoint, wanted.kind) == (port.device, port.endpoint, port.kind)
