"""The comparison of accounts finds what differs, and only that."""

import asyncio
import json
from dataclasses import replace

import pytest

from model.ids import ConnectionKey
from model.states import ConnectionState, LinkState
from model.view import Call
from simulator.server import SimulatorServer
from simulator.switch import Plan
from tests.protocol import samples
from tests.protocol.running import serving
from tests.protocol.samples import EPOCH, call, party
from ultra.demo_checks import (
    DIFFERENCES_SHOWN_MAX,
    Comparison,
    SwitchAdmin,
    gateway_snapshot,
    snapshot_differences,
    table_differences,
)

HOLD = ConnectionState.HOLD
CALLS = (call(1, party("8001"), party("8002", HOLD)), call(2, party("8003")))
TABLE = {"1": {"N<8001>": "connected", "N<8002>": "hold"}, "2": {"N<8003>": "connected"}}


def test_equal_accounts_have_no_difference() -> None:
    assert table_differences(CALLS, TABLE) == ()
    assert table_differences((), {}) == ()


@pytest.mark.parametrize(
    ("calls", "table", "difference"),
    [
        (CALLS[:1], TABLE, "call 2 of the switch is not in the mirror"),
        (CALLS, {"1": TABLE["1"]}, "call 2 of the mirror is not in the switch"),
        (
            CALLS,
            {**TABLE, "2": {"N<8003>": "alerting"}},
            "call 2: mirror N<8003> connected, switch N<8003> alerting",
        ),
        (CALLS, {**TABLE, "2": {}}, "call 2: mirror N<8003> connected, switch nobody"),
        ((*CALLS, CALLS[1]), TABLE, "3 calls of the mirror have only 2 ids of the switch"),
    ],
)
def test_each_difference_is_told(calls: tuple[Call, ...], table: dict[str, dict[str, str]], difference: str) -> None:
    assert table_differences(calls, table) == (difference,)


def test_a_connection_without_id_goes_by_its_trunk_or_device() -> None:
    queued = replace(party("13900001111", trunk="T001"), key=ConnectionKey(""))
    assert table_differences([call(1, queued)], {"1": {"T001": "connected"}}) == ()


def test_a_flood_of_differences_is_cut() -> None:
    table: dict[str, dict[str, str]] = {str(number): {} for number in range(100)}
    assert len(table_differences((), table)) == DIFFERENCES_SHOWN_MAX


def test_snapshots_are_compared_in_every_part() -> None:
    one = samples.snapshot(5, calls=CALLS)
    assert snapshot_differences(one, one) == ()
    other = replace(
        one,
        link=replace(one.link, state=LinkState.DOWN),
        licence=replace(one.licence, seats=1),
        devices=one.devices[:1],
        calls=CALLS[1:],
    )
    assert [text.partition(":")[0] for text in snapshot_differences(one, other)] == [
        "link", "licence", f"call {EPOCH}", "device 8002"
    ]  # fmt: skip


def test_a_comparison_agrees_when_nothing_differs() -> None:
    assert Comparison((), ()).agrees
    assert not Comparison(("x",), ()).agrees
    assert not Comparison((), ("x",)).agrees


async def test_the_gateway_s_own_snapshot_is_of_this_moment() -> None:
    async with serving() as site:
        site.publish_many(3)
        place, snapshot = await gateway_snapshot(site.address)
        assert (place.epoch, place.number) == (EPOCH, 3)
        assert snapshot == site.snapshot()


async def test_a_halted_switch_tells_its_calls_and_goes_on_afterwards() -> None:
    async with SimulatorServer(Plan(extensions=("1000", "1001"))) as simulator:
        assert simulator.admin_port is not None
        async with SwitchAdmin.connect(simulator.admin_port) as admin:
            await admin.ask("call 1000 1001")
            async with admin.halted() as table:
                assert table == {"1": {"1000": "connected", "1001": "alerting"}}
                assert simulator.site.is_frozen
            assert not simulator.site.is_frozen


async def test_a_simulator_that_has_gone_is_a_connection_error() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(json.dumps({"half": 1}).encode())
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server, SwitchAdmin.connect(server.sockets[0].getsockname()[1]) as admin:
        with pytest.raises(ConnectionResetError):
            await admin.ask("counts")
