"""Traffic over a bad way: what the mirror holds is what the switch holds, once the way is good again and both stand
still. Numbered messages tell the link what was lost; it says so, compares, and is well again."""

import pytest

from gateway.links.csta_xml.life import MEND_SECONDS_MIN
from model.states import LinkState
from simulator.habits import Habits
from simulator.server import SimulatorServer
from simulator.switch import Plan
from simulator.traffic import Mix
from tests.gateway.links.csta_xml.linked import linked
from tests.waiting import until

EXTENSIONS = tuple(str(number) for number in range(1000, 1100))
PORT_CFG = "EXT 1000-1099;;TRUNK T001-T010"
MIX = Mix(calls_per_second=20.0, mean_ring_seconds=0.3, mean_talk_seconds=0.6)
EVENTS = 400


@pytest.mark.parametrize(
    ("fault", "habits"),
    [
        ("split_bytes 1", Habits()),
        ("glue 1", Habits()),
        ("delay 0.005", Habits()),
        ("double 0.1", Habits(sequence_numbers=True)),
        ("snapshot_delay_seconds 0.5", Habits(snapshot_segment=1)),
        ("glue 0", Habits(events_before_responses=True)),
    ],
    ids=["one byte a write", "glued", "late", "doubled", "snapshots late and in pieces", "events first"],
)
async def test_a_bad_way_changes_nothing(fault: str, habits: Habits) -> None:
    async with (
        SimulatorServer(Plan(extensions=EXTENSIONS, trunks=10), habits, MIX, seed=5) as switch,
        linked(port_cfg=PORT_CFG, port=switch.port) as site,
    ):
        switch.act(f"fault {fault}")
        await site.until_up()
        await until(lambda: len(site.events) > EVENTS)
        table = switch.act("freeze") and switch.act("table")["calls"]
        await until(lambda: site.calls == table)
        assert site.mismatches == 0
        assert site.alarms == []


async def test_lost_messages_are_noticed_and_mended() -> None:
    async with (
        SimulatorServer(Plan(extensions=EXTENSIONS, trunks=10), Habits(sequence_numbers=True), MIX, seed=5) as switch,
        linked(port_cfg=PORT_CFG, port=switch.port) as site,
    ):
        await site.until_up()
        switch.act("fault lose 0.03")
        await until(lambda: len(site.events) > EVENTS)
        switch.act("fault clear")
        assert LinkState.DEGRADED in site.link_states
        await until(lambda: site.model.link.state is LinkState.UP, seconds_max=MEND_SECONDS_MIN + 5)
        table = switch.act("freeze") and switch.act("table")["calls"]
        await until(lambda: site.calls == table)
        assert all(alarm.startswith("switch_messages_lost: messages ") for alarm in site.alarms)
        # Without an end to the traffic nobody is told that all is unknown: the link was never down.
        assert LinkState.DOWN not in site.link_states
