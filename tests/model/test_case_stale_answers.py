"""Cases from a link that was cut during traffic: answers to snapshots that are older than what was reported since."""

from model.core import CallModel
from model.ids import ConnectionKey, DeviceNumber, Microseconds, SwitchCallId, SwitchConnection
from model.reports import (
    CallReport,
    CallSnapshot,
    DeviceFlag,
    DeviceReport,
    DeviceSnapshot,
    Happening,
    PartySnapshot,
    Rekeying,
    TransferReport,
)
from model.state import AskCall, Step
from model.states import ConnectionState, LinkState, PortKind
from model.view import Device, Licence, Link

SECOND = 1_000_000


def us(seconds: float) -> Microseconds:
    return Microseconds(int(seconds * SECOND))


def at(text: str) -> SwitchConnection:
    call, _, device = text.partition(":")
    return SwitchConnection(SwitchCallId(call), ConnectionKey(device))


class Story:
    """A model of monitored extensions, told things at times in seconds; the link is coming back."""

    def __init__(self, *extensions: str) -> None:
        self.model = CallModel(1, Link(LinkState.DOWN, "", "", us(0)), Licence("", "", 99, 9, ""))
        devices = [Device(DeviceNumber(one), PortKind.EXT, "", "") for one in extensions]
        self.model.configure(devices, us(0))
        for one in extensions:
            self.model.report(DeviceReport(DeviceFlag.MONITORED, DeviceNumber(one), us(0)))
        self.model.link_changed(LinkState.INITIALISING, "comparing", us(0))

    def told(self, seconds: float, happening: Happening, monitor: str, connection: str, **more: str) -> Step:
        named = {name: DeviceNumber(value) for name, value in more.items()}
        named.setdefault("subject", DeviceNumber(connection.partition(":")[2]))
        return self.model.report(
            CallReport(happening, DeviceNumber(monitor), at(connection), us(seconds), **named)  # type: ignore[arg-type]
        )

    def shown(self, seconds: float, asked: float, call: str, **parties: str) -> Step:
        rows = tuple(
            PartySnapshot(DeviceNumber(one[1:]), ConnectionKey(one[1:]), ConnectionState[state])
            for one, state in parties.items()
        )
        return self.model.report(CallSnapshot(SwitchCallId(call), us(asked), us(seconds), rows))

    @property
    def calls(self) -> dict[str, dict[str, str]]:
        return {
            call.switch_call_id: {one.key or f"?{one.device}": one.state.name for one in call.connections}
            for call in self.model.snapshot().calls
        }


def test_a_call_that_ended_before_its_first_snapshot_came_is_no_call() -> None:
    """It began while the link was down. The answer was on its way while its end was reported: it is a ghost's."""
    story = Story("8001", "8002")
    story.model.report(
        DeviceSnapshot(DeviceNumber("8001"), us(1.0), us(1.5), ((at("7:8001"), ConnectionState.CONNECTED),))
    )
    # Asked for at 1.5; the switch looked at 1.6; these came at 2 and the answer at 3.
    story.told(2.0, Happening.CONNECTION_CLEARED, "8001", "7:8001")
    story.told(2.0, Happening.CONNECTION_CLEARED, "8002", "7:8001")
    story.told(2.0, Happening.CONNECTION_CLEARED, "8002", "7:8002")
    story.shown(3.0, 1.5, "7", d8001="CONNECTED", d8002="CONNECTED")
    assert story.calls == {}


def test_an_id_used_again_while_the_link_was_down() -> None:
    """The end of the new call is taken for a late report of the old one; it is news of the id all the same."""
    story = Story("8001", "8002")
    story.told(1.0, Happening.DELIVERED, "8002", "7:8002", calling="8001", called="8002")
    for monitor in ("8001", "8002"):
        story.told(1.5, Happening.CONNECTION_CLEARED, monitor, "7:8002")
        story.told(1.5, Happening.CONNECTION_CLEARED, monitor, "7:8001")
    assert story.calls == {}
    story.model.report(DeviceSnapshot(DeviceNumber("8001"), us(2.0), us(2.5), ((at("7:8001"), ConnectionState.FAIL),)))
    story.told(3.0, Happening.CONNECTION_CLEARED, "8001", "7:8001")
    story.shown(4.0, 2.5, "7", d8001="FAIL")
    assert story.calls == {}


def test_a_transfer_while_the_link_comes_back_is_asked_for() -> None:
    """Of a consultation begun while the link was down only the transfer is heard: what was guessed is compared."""
    story = Story("8001", "8002", "8003")
    story.told(1.0, Happening.DELIVERED, "8003", "2:8003", calling="8001", called="8003")
    rows = tuple(
        Rekeying(at(f"3:{one}"), at(old), DeviceNumber(one)) for one, old in (("8002", "1:8002"), ("8003", "2:8003"))
    )
    step = story.model.report(
        TransferReport(
            False,
            DeviceNumber("8003"),
            at("1:8001"),
            at("2:8001"),
            DeviceNumber("8001"),
            DeviceNumber("8003"),
            rows,
            us(2.0),
        )
    )
    assert SwitchCallId("3") in {ask.call for ask in step.asks if isinstance(ask, AskCall)}


def test_a_switch_that_starts_anew_uses_its_ids_again() -> None:
    """The old call 7 was transferred, and not every monitor had said so. Of the new one two tell: it is one call."""
    story = Story("8001", "8002", "8003", "8004")
    story.told(1.0, Happening.ORIGINATED, "8001", "7:8001", calling="8001", called="8002")
    story.told(1.1, Happening.DELIVERED, "8002", "7:8002", calling="8001", called="8002")
    acting, target = DeviceNumber("8001"), DeviceNumber("139")
    rows = (Rekeying(at("9:8002"), at("7:8002"), DeviceNumber("8002")), Rekeying(at("9:T1"), at("8:T1"), target))
    story.model.report(TransferReport(False, acting, at("7:8001"), at("8:8001"), acting, target, rows, us(1.5)))
    story.model.link_changed(LinkState.DOWN, "the switch closed the connection", us(2.0))
    story.model.link_changed(LinkState.INITIALISING, "comparing", us(4.0))
    story.told(5.0, Happening.SERVICE_INITIATED, "8003", "7:8003")
    story.told(5.0, Happening.ORIGINATED, "8003", "7:8003", calling="8003", called="8004")
    for monitor in ("8003", "8004"):
        story.told(5.0, Happening.DELIVERED, monitor, "7:8004", calling="8003", called="8004")
    seven = [call for call in story.model.snapshot().calls if call.switch_call_id == "7"]
    assert len(seven) == 1
    assert {one.device for one in seven[0].connections} == {"8003", "8004"}


def test_a_transfer_of_calls_known_before_the_link_was_lost() -> None:
    """The switch has started anew: the calls it transfers have the ids of old ones, whose parties are not in them."""
    story = Story("8001", "8002", "8003", "8004")
    story.told(1.0, Happening.DELIVERED, "8004", "1:8004", calling="8003", called="8004")
    story.told(1.0, Happening.DELIVERED, "8003", "2:8003", calling="8001", called="8003")
    story.model.link_changed(LinkState.DOWN, "the switch closed the connection", us(2.0))
    story.model.link_changed(LinkState.INITIALISING, "comparing", us(4.0))
    rows = tuple(
        Rekeying(at(f"3:{one}"), at(old), DeviceNumber(one)) for one, old in (("8001", "1:8001"), ("8002", "2:8002"))
    )
    acting, target = DeviceNumber("8003"), DeviceNumber("8002")
    step = story.model.report(TransferReport(False, acting, at("1:8003"), at("2:8003"), acting, target, rows, us(5.0)))
    assert SwitchCallId("3") in {ask.call for ask in step.asks if isinstance(ask, AskCall)}
