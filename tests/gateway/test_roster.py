"""Ports in force: those that come, those that go when they are idle, and who has a seat meanwhile."""

import pytest

from gateway.portcfg import Port, parse
from gateway.roster import Roster
from model.ids import DeviceNumber


def ports(text: str) -> tuple[Port, ...]:
    return parse((text.replace(";;", "\n") + "\n").encode()).ports


class Site:
    """A roster and who is busy."""

    def __init__(self, port_cfg: str, seats: int) -> None:
        self.busy: set[str] = set()
        self.roster = Roster(ports(port_cfg), seats, lambda number: number in self.busy)
        self.roster.settle()

    def read(self, port_cfg: str) -> None:
        self.roster.replace_ports(ports(port_cfg))
        self.roster.settle()

    def seats(self, seats: int) -> None:
        self.roster.replace_seats(seats)
        self.roster.settle()

    def idle(self, *numbers: str) -> None:
        self.busy -= set(numbers)
        self.roster.settle()

    @property
    def served(self) -> str:
        return " ".join(port.number for port in self.roster.served())

    @property
    def shown(self) -> str:
        """Every device, with a mark for those without a seat."""
        return " ".join(device.number + "-" * (not device.licensed) for device in self.roster.devices())


def test_the_first_n_extensions_have_seats_and_nobody_else_needs_one() -> None:
    site = Site("TRUNK T001;;EXT 8001-8003;;IVR 7001;;QUEUE 6000", 2)
    assert site.served == "T001 8001 8002 7001 6000"
    assert site.shown == "T001 8001 8002 8003- 7001 6000"
    assert site.roster.seats_needed == 3
    assert not site.roster.unsettled
    (without,) = [device for device in site.roster.devices() if not device.licensed]
    assert without.reason == "no seat: extension 3 in port.cfg, and the licence has 2 seats"


def test_ports_that_go_are_released_when_they_are_idle() -> None:
    site = Site("EXT 8001-8003", 9)
    site.busy = {"8002"}
    site.read("EXT 8003-8004")
    assert site.served == "8003 8004 8002"
    assert site.roster.unsettled
    assert site.roster.port(DeviceNumber("8002")) is not None
    site.idle("8002")
    assert site.served == "8003 8004"
    assert not site.roster.unsettled
    assert site.roster.port(DeviceNumber("8002")) is None


def test_one_that_comes_back_before_it_left() -> None:
    site = Site("EXT 8001-8002", 9)
    site.busy = {"8002"}
    site.read("EXT 8001")
    site.read("EXT 8001-8002")
    assert site.served == "8001 8002"
    assert not site.roster.unsettled


def test_another_device_under_the_same_number_waits_for_the_call_to_end() -> None:
    site = Site("EXT 8001 device=old", 9)
    site.busy = {"8001"}
    site.read("EXT 8001 device=new")
    assert [port.device for port in site.roster.served()] == ["old"]
    assert site.shown == "8001"
    site.idle("8001")
    assert [port.device for port in site.roster.served()] == ["new"]


def test_a_new_name_is_taken_over_at_once() -> None:
    site = Site("EXT 8001 name=old", 9)
    site.busy = {"8001"}
    site.read("EXT 8001 name=new")
    assert [device.name for device in site.roster.devices()] == ["new"]
    assert not site.roster.unsettled


def test_a_call_keeps_its_seat_and_nobody_else_gets_it() -> None:
    site = Site("EXT 8001-8003", 3)
    site.busy = {"8003"}
    site.seats(1)
    assert site.shown == "8001- 8002- 8003"
    assert site.roster.unsettled
    site.idle("8003")
    assert site.shown == "8001 8002- 8003-"


def test_one_without_a_seat_that_is_taken_out_of_the_file_gains_none() -> None:
    site = Site("EXT 8001-8002", 1)
    site.busy = {"8002"}
    site.read("EXT 8001")
    assert site.shown == "8001"
    assert site.served == "8001"


def test_a_seat_of_a_port_that_waits_to_be_released_is_taken() -> None:
    site = Site("EXT 8001-8002", 2)
    site.busy = {"8001"}
    site.read("EXT 8002-8003")
    assert site.shown == "8002 8003- 8001"
    site.idle("8001")
    assert site.shown == "8002 8003"


@pytest.mark.parametrize("seats", [0, 1, 5])
def test_never_more_than_the_seats_beyond_live_calls(seats: int) -> None:
    site = Site("EXT 8001-8010", 10)
    site.busy = {"8009", "8010"}
    site.seats(seats)
    assert len(site.served.split()) == max(seats, 2)
    assert {"8009", "8010"} <= set(site.served.split())
