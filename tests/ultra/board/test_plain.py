"""One line that says it all."""

from model.states import ConnectionState, LinkState
from protocol.client import EventSeen, Lost
from protocol.errors import Code, SessionEnded
from tests.protocol.samples import EPOCH, condition_event
from tests.ultra.board.sites import NOW, call, small_site, watch
from ultra.board.plain import plain_line
from ultra.watching import Watch

C = ConnectionState.CONNECTED


def test_all_is_well() -> None:
    seen = watch(small_site(), (call(1, ("8001", C, ""), ("8002", C, "")),))
    assert plain_line(seen, "08:01:15", NOW.now) == (
        "08:01:15 link up; trunks 4 idle; extensions 5 idle 2 talking; ivr 1 idle; queues 1 idle;"
        " 1 calls, 0.0 calls/s, 0.0 events/s"
    )


def test_the_reason_is_told() -> None:
    seen = watch(small_site(), (), LinkState.DOWN, "refused")
    assert plain_line(seen, "x", NOW.now).startswith("x link down (refused); trunks 4 unknown;")
    seen = watch(small_site())
    seen.take(Lost(SessionEnded(Code.CONNECTION_LOST, "cut"), 1.0), NOW.now)
    assert plain_line(seen, "x", NOW.now).startswith(
        "x link down (no connection to the gateway: cut (connection_lost));"
    )
    assert plain_line(Watch("h:1"), "x", 0.0) == "x waiting for the snapshot"


def test_trouble_that_lasts_is_named() -> None:
    seen = watch(small_site())
    seen.take(EventSeen(EPOCH, condition_event(8, "cdr")), NOW.now)
    assert plain_line(seen, "x", NOW.now).startswith("x link up; journal_unwritable cdr; trunks 4 idle;")
