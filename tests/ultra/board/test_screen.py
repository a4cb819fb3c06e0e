"""The whole picture: what stands where, at every size, and never without the cause of its standing still."""

import pytest
from rich.console import Console

from model.states import ConnectionState, LinkState, PortKind
from protocol.client import EventSeen, Lost
from protocol.errors import Code, SessionEnded
from tests.protocol.samples import EPOCH, condition_event
from tests.ultra.board.sites import NOW, call, ports, small_site, watch
from ultra.board.screen import Note, picture
from ultra.watching import Watch

C, A = ConnectionState.CONNECTED, ConnectionState.ALERTING
CALLS = (
    call(1, ("13900001111", C, "T001"), ("8001", C, ""), calling="13900001111", called="6000"),
    call(30, ("8002", C, ""), ("8009", A, "")),
)


def drawn(seen: Watch, width: int = 80, height: int = 24, notes: tuple[Note, ...] = ()) -> list[str]:
    return [line.rstrip() for line in picture(seen, NOW, width, height, notes).plain.split("\n")]


def test_a_site_on_a_small_terminal() -> None:
    assert drawn(watch(small_site(), CALLS)) == [
        " ultra view  127.0.0.1:7400                                   08:01:15  q quits",
        " link UP for 1:15 csta-xml standard 10.0.0.1:8800 61 devices monitored",
        " licence evaluation: 2 of 32 seats needed; no licence file",
        " 外线 Trunks 4  ● 1 talking  · 3 idle",
        " ●T001 ·T002 ·T003 ·T004",
        " 分机 Extensions 7  ◌ 1 dialling  ▲ 1 ringing  ● 1 talking  · 4 idle",
        " ●8001 ◌8002 ·8003 ·8004 ·8005 ·8006 ▲8009",
        " 语音 IVR ports 1  · 1 idle",
        " ·7001",
        " 排队 Queues 1  · 1 idle",
        " ·6000",
        " 通话 Calls 2                                         0.0 calls/s, 0.0 events/s",
        " CALL    FROM → TO                      NOW IN IT             STATE        TIME",
        " 1       13900001111 → 6000             T001, 8001            talking      1:14",
        " 30      座席 8002 → 8009 前台 Recepti… 8002, 8009            ringing      0:45",
    ]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (LinkState.DOWN, "auto_start is off: waiting for `ultra link start`"),
        (LinkState.DOWN, "refused: nothing listens at 10.0.0.1:8800; check [switch] port"),
        (LinkState.CONNECTING, "connecting to 10.0.0.1:8800"),
        (LinkState.REFUSED, "log-in refused"),
        (LinkState.DEGRADED, "3 devices are not monitored, first 8001"),
    ],
)
def test_the_link_and_its_reason_stand_on_top(state: LinkState, reason: str) -> None:
    lines = drawn(watch(small_site(), CALLS, state, reason))
    shown = " ".join(line.strip() for line in lines[1:3])
    assert f"link {state.name} for 1:15 csta-xml standard 10.0.0.1:8800 {reason}" in shown
    if not state.is_up:
        assert any("? 7 unknown" in line for line in lines)
        assert lines[-1].split()[-2] == "unknown"


def test_a_lost_gateway_is_said_and_nothing_old_is_shown_as_true() -> None:
    seen = watch(small_site(), CALLS)
    seen.take(Lost(SessionEnded(Code.CONNECTION_LOST, "connection reset"), 3.0), NOW.now)
    lines = drawn(seen)
    top = " ".join(line.strip() for line in lines[1:3])
    assert "no connection to the gateway: connection reset (connection_lost); trying again in 3 s" in top
    assert any("? 7 unknown" in line for line in lines)
    assert not any("link UP" in line for line in lines)


def test_before_the_snapshot_there_is_a_word_too() -> None:
    assert drawn(Watch("h:1"))[1] == " waiting for the snapshot"


def test_trouble_that_lasts_stands_below_the_link_until_it_is_over() -> None:
    seen = watch(small_site())
    seen.take(EventSeen(EPOCH, condition_event(8, text="the disk is full")), NOW.now)
    assert drawn(seen)[2] == " journal_unwritable for 1:15: the disk is full"
    seen.take(EventSeen(EPOCH, condition_event(9, over=True)), NOW.now)
    assert "journal_unwritable" not in "".join(drawn(seen))


def test_notes_stand_below_the_licence() -> None:
    lines = drawn(watch(small_site()), notes=(Note("compared"), Note("elsewhere")))
    assert lines[3:5] == [" compared", " elsewhere"]
    assert "  no calls" in lines


def test_more_calls_than_lines_are_counted_and_the_oldest_stay() -> None:
    calls = tuple(call(number, ("8001", C, ""), ("8002", C, "")) for number in range(1, 61))
    lines = drawn(watch(small_site(), calls))
    assert len(lines) == 24
    assert lines[13].split()[0] == "1"
    assert lines[-1] == "  … and 50 younger ones"


def test_control_characters_of_a_caller_do_not_reach_the_terminal() -> None:
    seen = watch(small_site(), (call(1, ("\x1b[2J", C, "T001"), ("8001", C, "")),), reason="\x1b]0;x\x07")
    assert "\x1b" not in picture(seen, NOW, 80, 24).plain


def test_a_caller_cannot_write_markup() -> None:
    seen = watch(small_site(), (call(1, ("[red]7[/red]", C, "T001"), ("8001", C, "")),))
    console = Console(width=80, height=24, force_terminal=True)
    with console.capture() as captured:
        console.print(picture(seen, NOW, 80, 24))
    assert "[red]7" in captured.get()


@pytest.mark.parametrize("width", [20, 40, 80, 109, 110, 200])
@pytest.mark.parametrize("height", [1, 3, 8, 24, 60])
@pytest.mark.parametrize("extensions", [3, 100, 3000])
def test_it_fits_every_terminal(width: int, height: int, extensions: int) -> None:
    devices = [*ports(PortKind.TRUNK, 1, 30, "T"), *ports(PortKind.EXT, 1000, extensions, name="座席")]
    calls = tuple(call(number, ("1000", C, ""), ("1001", C, "")) for number in range(1, 40))
    shown = picture(watch(devices, calls, LinkState.DOWN, "a reason " * 30), NOW, width, height)
    lines = shown.split("\n")
    assert len(lines) <= height
    assert all(line.cell_len <= width for line in lines)
