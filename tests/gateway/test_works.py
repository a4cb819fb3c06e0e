"""The works: by which doors things come in, and what follows from them."""

from collections.abc import Callable
from typing import TypeVar

from gateway.doors import Door
from gateway.intake import Intake
from gateway.owner import Owner
from gateway.portcfg import Port, parse
from gateway.works import Works
from model.commands import Command, CommandKind, Outcome, Refusal
from model.core import CallModel
from model.events import ConditionEvent, DeviceEvent, Event, LicenceEvent, LinkEvent
from model.ids import DeviceNumber, Microseconds
from model.states import LinkState
from model.view import Licence, Link
from runtime.clock import HandClock

T = TypeVar("T")


class _Watching(Intake):
    def __init__(self) -> None:
        super().__init__(HandClock())
        self.doors: list[Door] = []

    def take(self, door: Door, act: Callable[[], T], brought: tuple[object, ...] = ()) -> T:
        self.doors.append(door)
        return act()


class Here:
    """Works without a link, and what they published."""

    def __init__(self, port_cfg: bytes = b"EXT 8001-8003\nTRUNK T001\n", seats: int = 2) -> None:
        self.events: list[Event] = []
        self.intake = _Watching()
        model = CallModel(5, Link(LinkState.DOWN, "", "", Microseconds(0)), Licence("", "", 0, 0, ""))
        owner = Owner(model, self.events.append, self.intake.clock.wall_us)
        self.licence = Licence("evaluation", "", seats, 0, "")
        self.works = Works(owner, parse(port_cfg).ports, self.licence, self.intake, link_serves_all=False)

    def numbers(self, ports: list[Port]) -> list[str]:
        return [str(port.number) for port in ports]


def test_everything_has_a_door() -> None:
    here = Here()
    here.works.begin()
    here.works.take_site(None, here.licence)
    here.works.link_waits("auto_start is off")
    here.works.tick()
    here.works.link_stopped("stopped")
    here.works.condition("journal_unwritable", "", "the disk is full")
    here.works.begin_epoch(6)
    outcomes: list[Outcome] = []
    here.works.request(1, 2, Command(CommandKind.MAKE_CALL, DeviceNumber("8001"), destination="8002"), outcomes.append)
    assert here.intake.doors == [
        Door.BEGUN, Door.SITE, Door.LINK_WAITS, Door.TICK, Door.LINK_STOPPED, Door.CONDITION, Door.EPOCH, Door.REQUEST
    ]  # fmt: skip
    assert [outcome.refusal for outcome in outcomes] == [Refusal.LINK_DOWN]
    assert here.works.owner.model.epoch == 6
    reasons = [event.link.reason for event in here.events if isinstance(event, LinkEvent)]
    assert reasons == ["starting", "auto_start is off", "stopped"]


def test_what_troubled_the_process_before_is_over_when_this_one_begins() -> None:
    here = Here()
    here.works.condition("consumer_behind", "cdr", "much waits")
    here.works.begin()
    told = [event for event in here.events if isinstance(event, ConditionEvent)]
    assert [event.over for event in told] == [False, True]


def test_seats_and_ports_are_brought_in_step() -> None:
    here = Here()
    here.works.take_site(None, here.licence)
    assert [event.licence.seats_needed for event in here.events if isinstance(event, LicenceEvent)] == [3]
    assert here.numbers(here.works.ports_for_link()) == ["8001", "8002", "T001"]
    here.works.take_site(parse(b"EXT 8002-8003\n").ports, here.licence)
    assert here.numbers(here.works.ports_for_link()) == ["8002", "8003"]
    gone = [event.device.number for event in here.events if isinstance(event, DeviceEvent) and event.removed]
    assert gone == ["8001", "T001"]
    here.works.take_site(None, Licence("none", "", 0, 0, ""))
    assert (here.numbers(here.works.ports_for_link()), here.works.seats) == ([], 0)
