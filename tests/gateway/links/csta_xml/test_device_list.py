"""The switch's list against port.cfg: what is missing is named once; a doubtful list says nothing."""

from gateway.links.csta_xml.device_list import DEVICES_MAX, NAMED_MAX, DeviceList
from gateway.links.csta_xml.messages import (
    GetSwitchingFunctionDevices,
    GetSwitchingFunctionDevicesResponse,
    ListedDevice,
    Message,
    SwitchingFunctionDevices,
)
from gateway.links.csta_xml.normalise import Normaliser
from gateway.links.csta_xml.outstanding import NoAnswer, OnAnswer, Unanswered
from tests.gateway.links.csta_xml.far_end import GENERIC, ports


class Desk:
    """One question, and the alarms it led to."""

    def __init__(self, port_cfg: str = "EXT 8001-8003;;TRUNK T001") -> None:
        served = ports(port_cfg)
        self.alarms: list[str] = []
        self.questions: list[tuple[Message, OnAnswer]] = []
        self.devices = DeviceList(
            lambda message, on_answer: self.questions.append((message, on_answer)),
            lambda code, text: self.alarms.append(f"{code}: {text}"),
            lambda: served,
            Normaliser(served),
        )
        self.devices.request()

    def announced(self, cross_ref: str = "X") -> None:
        self.questions[0][1](GetSwitchingFunctionDevicesResponse(cross_ref))

    def piece(self, listed: str, *, last: bool = True, cross_ref: str = "X") -> None:
        devices = tuple(map(ListedDevice, listed.split()))
        self.devices.piece(SwitchingFunctionDevices(cross_ref, 1, last, devices))


def test_everything_is_listed() -> None:
    desk = Desk()
    assert isinstance(desk.questions[0][0], GetSwitchingFunctionDevices)
    desk.announced()
    desk.piece("T001 8003 8002 8001 9999")
    assert desk.alarms == []
    assert not desk.devices.is_waiting


def test_what_is_missing_is_named_when_the_last_piece_came() -> None:
    desk = Desk()
    desk.piece("8001", last=False)
    desk.announced()
    assert desk.alarms == []
    desk.piece("N<8003>;displayNumber=3")
    assert desk.alarms == ["ports_not_listed_by_switch: port.cfg names what the switch does not list: 8002, T001"]
    desk.piece("8001")
    assert len(desk.alarms) == 1


def test_many_are_counted() -> None:
    desk = Desk("EXT 1000-1099")
    desk.announced()
    desk.piece("1000")
    assert desk.alarms[0].endswith(f"10{NAMED_MAX:02} and {99 - NAMED_MAX} more")


def test_lists_that_say_nothing() -> None:
    for answer in (GENERIC, NoAnswer(Unanswered.TIMED_OUT)):
        desk = Desk()
        desk.questions[0][1](answer)
        desk.piece("8001")
        assert desk.alarms == []
    empty = Desk()
    empty.announced()
    empty.piece("")
    assert empty.alarms == []
    other = Desk()
    other.announced()
    other.piece("8001", cross_ref="Y")
    assert other.alarms == []


def test_a_list_without_end_is_forgotten() -> None:
    desk = Desk()
    desk.announced()
    piece = "1 " * 10_000
    for _ in range(DEVICES_MAX // 10_000 + 1):
        desk.piece(piece, last=False)
    assert not desk.devices.is_waiting
    assert desk.devices._pieces == {}
