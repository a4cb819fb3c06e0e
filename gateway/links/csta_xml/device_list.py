"""The switch's own list of its devices (GetSwitchingFunctionDevices, ECMA-269 13.1.3), held against port.cfg. Pure.

A hint for the operator and nothing more: what is not listed is monitored all the same, and a switch without the
service, or with an empty list, is believed to have everything.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from gateway.links.csta_xml.messages import (
    GetSwitchingFunctionDevices,
    GetSwitchingFunctionDevicesResponse,
    Message,
    SwitchingFunctionDevices,
)
from gateway.links.csta_xml.normalise import Normaliser
from gateway.links.csta_xml.outstanding import Answer, OnAnswer
from gateway.portcfg import Port
from model.ids import DeviceNumber

DEVICES_MAX = 200_000
"""Devices of one list that are kept: twice the largest port.cfg."""
NAMED_MAX = 20
"""Missing ports named in the alarm; more fill a screen."""


@dataclass(slots=True)
class DeviceList:
    """One question per session. ``alarm`` is told of ports that the switch does not list."""

    ask: Callable[[Message, OnAnswer], None]
    alarm: Callable[[str, str], None]
    ports: Callable[[], Iterable[Port]]
    normaliser: Normaliser
    is_waiting: bool = False
    _cross_ref_id: str | None = None
    _pieces: dict[str, list[str]] = field(default_factory=dict)
    _complete: set[str] = field(default_factory=set)

    def request(self) -> None:
        """Ask for all devices."""
        self.is_waiting = True
        self.ask(GetSwitchingFunctionDevices(), self._answered)

    def piece(self, message: SwitchingFunctionDevices) -> None:
        """A part of the list; it may come before the response that announces it."""
        if not self.is_waiting:
            return
        listed = self._pieces.setdefault(message.service_cross_ref_id, [])
        listed.extend(device.device_id for device in message.device_list or ())
        if message.last_segment:
            self._complete.add(message.service_cross_ref_id)
        if sum(map(len, self._pieces.values())) > DEVICES_MAX:
            self._forget()
        else:
            self._compare()

    def _answered(self, answer: Answer) -> None:
        if isinstance(answer, GetSwitchingFunctionDevicesResponse):
            self._cross_ref_id = answer.service_cross_ref_id
            self._compare()
        else:
            self._forget()

    def _compare(self) -> None:
        if self._cross_ref_id not in self._complete:
            return
        listed = frozenset(self._pieces[self._cross_ref_id or ""])
        self._forget()
        missing = self._missing(listed) if listed else []
        if missing:
            named = ", ".join(missing[:NAMED_MAX])
            more = f" and {len(missing) - NAMED_MAX} more" if len(missing) > NAMED_MAX else ""
            self.alarm("ports_not_listed_by_switch", f"port.cfg names what the switch does not list: {named}{more}")

    def _missing(self, listed: frozenset[str]) -> list[DeviceNumber]:
        numbers = set(map(self.normaliser.number, listed))
        return [port.number for port in self.ports() if port.device not in listed and port.number not in numbers]

    def _forget(self) -> None:
        self.is_waiting = False
        self._pieces.clear()
        self._complete.clear()
