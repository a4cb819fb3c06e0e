"""Verdicts on a report of one connection: what was told of it before, by whom, and what is said now."""

import pytest

from model.ids import CallId, ConnectionKey, ConversationId, DeviceNumber, EventId, Microseconds, SwitchCallId
from model.record import CallRecord, Leg, Monitor
from model.repeats import Verdict, classify
from model.reports import Happening as H
from model.states import ConnectionState as S
from model.transitions import AFTER

OWN, OTHER, THIRD = DeviceNumber("8001"), DeviceNumber("8002"), DeviceNumber("8003")
CALLED = (H.DELIVERED, H.ESTABLISHED)
"""A called party's connection: it rang, it answered."""


def leg_told(*history: H, cursors: dict[Monitor, int], state: S | None = None, implied: bool = False) -> Leg:
    """The connection of device 8001 after these happenings; the cursors say how far each monitor has told them."""
    call_id = CallId(EventId(1, 1))
    record = CallRecord(call_id, ConversationId(call_id), SwitchCallId("1"), Microseconds(0))
    now = S.NULL
    for happening in history:
        now = AFTER.get((now, happening), now)
    leg = Leg(record, ConnectionKey("8001"), OWN, state if state is not None else now, Microseconds(0))
    leg.is_implied = implied
    leg.history, leg.cursors = list(history), dict(cursors)
    return leg


@pytest.mark.parametrize(
    ("leg", "monitor", "happening", "cursor"),
    [
        pytest.param(leg_told(cursors={}), OWN, H.DELIVERED, 1, id="the first report of all"),
        pytest.param(leg_told(H.DELIVERED, cursors={OWN: 1}), OWN, H.ESTABLISHED, 2, id="the next of one monitor"),
        pytest.param(
            leg_told(*CALLED, cursors={OWN: 2, OTHER: 2}), OTHER, H.CONNECTION_CLEARED, 3, id="another is first to tell"
        ),
        pytest.param(
            leg_told(H.DELIVERED, cursors={OWN: 1}), OTHER, H.CONNECTION_CLEARED, 2, id="who lost a report has news"
        ),
        pytest.param(leg_told(*CALLED, H.HELD, H.RETRIEVED, cursors={OWN: 4}), OWN, H.HELD, 5, id="held a second time"),
        pytest.param(
            leg_told(H.SERVICE_INITIATED, cursors={OWN: 1}), OTHER, H.HELD, 2, id="others tell that it dialled"
        ),
    ],
)
def test_new(leg: Leg, monitor: Monitor, happening: H, cursor: int) -> None:
    assert classify(leg, monitor, happening) == (Verdict.NEW, cursor)


@pytest.mark.parametrize(
    ("leg", "monitor", "happening", "cursor"),
    [
        pytest.param(leg_told(H.DELIVERED, cursors={OWN: 1}), OTHER, H.DELIVERED, 1, id="the second to tell"),
        pytest.param(leg_told(*CALLED, cursors={OWN: 2, OTHER: 1}), OTHER, H.ESTABLISHED, 2, id="and he follows"),
        pytest.param(leg_told(*CALLED, cursors={OWN: 2}), OTHER, H.ESTABLISHED, 2, id="he begins in the middle"),
        pytest.param(
            leg_told(*CALLED, H.HELD, H.RETRIEVED, H.HELD, cursors={OWN: 5, OTHER: 3}),
            OTHER,
            H.HELD,
            5,
            id="the second hold, of a monitor that told the first",
        ),
        pytest.param(
            leg_told(*CALLED, H.HELD, H.RETRIEVED, H.HELD, cursors={OWN: 5, OTHER: 2}),
            OTHER,
            H.HELD,
            3,
            id="the first hold, of a monitor that did not",
        ),
        pytest.param(
            leg_told(*CALLED, H.CONNECTION_CLEARED, cursors={OWN: 3}),
            OTHER,
            H.DELIVERED,
            1,
            id="from the start, though all is over",
        ),
    ],
)
def test_repeat(leg: Leg, monitor: Monitor, happening: H, cursor: int) -> None:
    assert classify(leg, monitor, happening) == (Verdict.REPEAT, cursor)


@pytest.mark.parametrize(
    ("leg", "monitor", "happening"),
    [
        pytest.param(
            leg_told(H.CONNECTION_CLEARED, cursors={OTHER: 1}, state=S.NULL), OWN, H.DELIVERED, id="it has left already"
        ),
        pytest.param(
            leg_told(H.CONNECTION_CLEARED, cursors={OTHER: 1}, state=S.NULL), OWN, H.ESTABLISHED, id="its answer too"
        ),
        pytest.param(
            leg_told(H.ESTABLISHED, cursors={OTHER: 1}), OWN, H.DELIVERED, id="ringing, after another told the answer"
        ),
        pytest.param(
            leg_told(cursors={}, state=S.CONNECTED, implied=True), OWN, H.SERVICE_INITIATED, id="the start of a guess"
        ),
        pytest.param(
            leg_told(H.HELD, cursors={OTHER: 1}, state=S.HOLD), OWN, H.ESTABLISHED, id="answer before the hold"
        ),
    ],
)
def test_late(leg: Leg, monitor: Monitor, happening: H) -> None:
    before = leg.cursors.get(monitor, 0)
    assert classify(leg, monitor, happening) == (Verdict.LATE, before)


@pytest.mark.parametrize(
    ("leg", "monitor", "happening"),
    [
        pytest.param(leg_told(H.DELIVERED, cursors={OWN: 1}), OWN, H.DELIVERED, id="rings and rings"),
        pytest.param(leg_told(*CALLED, H.HELD, cursors={OWN: 3}), OWN, H.HELD, id="holds what it holds"),
        pytest.param(
            leg_told(*CALLED, H.CONNECTION_CLEARED, cursors={OWN: 3}), OWN, H.CONNECTION_CLEARED, id="leaves twice"
        ),
        pytest.param(leg_told(*CALLED, cursors={OWN: 2, OTHER: 1}), OTHER, H.DELIVERED, id="of one that lags"),
    ],
)
def test_double(leg: Leg, monitor: Monitor, happening: H) -> None:
    before = leg.cursors[monitor]
    assert classify(leg, monitor, happening) == (Verdict.DOUBLE, before)


@pytest.mark.parametrize(
    ("leg", "monitor", "happening"),
    [
        pytest.param(leg_told(H.DELIVERED, cursors={OWN: 1}), OWN, H.HELD, id="held while it rings"),
        pytest.param(leg_told(*CALLED, cursors={OWN: 2}), OWN, H.RETRIEVED, id="retrieved and was not on hold"),
        pytest.param(leg_told(*CALLED, H.HELD, cursors={OWN: 3, OTHER: 3}), OTHER, H.ESTABLISHED, id="answers on hold"),
        pytest.param(leg_told(cursors={}), OTHER, H.CONNECTION_CLEARED, id="leaves and never came"),
        pytest.param(leg_told(H.FAILED, cursors={OTHER: 1}), OTHER, H.ESTABLISHED, id="a busy one answers"),
    ],
)
def test_impossible(leg: Leg, monitor: Monitor, happening: H) -> None:
    assert classify(leg, monitor, happening) == (Verdict.IMPOSSIBLE, len(leg.history))


def test_a_switch_that_is_seen_whole_has_one_cursor() -> None:
    """Monitor None: what it tells twice is double, never a repeat of another's."""
    leg = leg_told(*CALLED, H.HELD, cursors={None: 3})
    assert classify(leg, None, H.HELD) == (Verdict.DOUBLE, 3)
    assert classify(leg, None, H.RETRIEVED) == (Verdict.NEW, 4)


def test_looking_changes_nothing() -> None:
    leg = leg_told(*CALLED, cursors={OWN: 2, OTHER: 1})
    for monitor in (OWN, OTHER, THIRD, None):
        for happening in H:
            classify(leg, monitor, happening)
    assert (leg.history, leg.cursors, leg.state) == ([*CALLED], {OWN: 2, OTHER: 1}, S.CONNECTED)
