"""The shipped gateway on a real Asterisk: what a subscriber hears, what he may ask, and what a forger cannot."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from model.states import ConnectionState
from protocol.errors import Code
from protocol.kinds import Kind
from tests.peers import asterisk_config
from tests.peers.asterisk import Asterisk, new_addresses
from tests.peers.phone import Phones, answers, phones, rings
from tests.system.asterisk_site import need_asterisk
from tests.system.gateway_process import Subscriber, gateway
from tests.waiting import until

PORT_CFG = "TRUNK T001-T002 endpoint=PJSIP/trunk\nEXT 8001-8040\n"
OUTSIDE = "13800001111"


@dataclass(slots=True)
class Here:
    """Telephones, the switch between them, and what a subscriber of the gateway hears."""

    phones: Phones
    heard: Subscriber

    async def quiet(self) -> None:
        """No call is left."""
        await until(lambda: self.heard.mirror is not None and not self.heard.mirror.calls)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Here]:
    need_asterisk()
    addresses = new_addresses()
    switch = (
        f'interface = "asterisk"\nhost = "127.0.0.1"\nport = {addresses.manager}\n'
        f'user = "{asterisk_config.USER}"\nsecret = "{asterisk_config.SECRET}"'
    )
    async with (
        Asterisk(addresses),
        phones(addresses.sip, addresses.phones) as telephones,
        gateway(tmp_path, switch, PORT_CFG) as subscriber,
    ):
        for number in ("8001", "8002", "8003"):
            telephones.on_call(number, answers)
        yield Here(telephones, subscriber)


async def test_make_transfer_clear(here: Here) -> None:
    heard = here.heard
    assert (await heard.ask(Kind.MAKE_CALL, "8001", "8002")).accepted
    await until(lambda: heard.said() and heard.said()[-1] == "ESTABLISHED 8002 makeCall")
    assert heard.asked_for() == ["SERVICE_INITIATED 8001", "ORIGINATED 8001"]
    assert (await heard.ask(Kind.HOLD_CALL, "8001")).code == Code.NOT_SUPPORTED
    assert (await heard.ask(Kind.SINGLE_STEP_TRANSFER, "8001", "1234")).code == Code.BAD_DESTINATION
    assert (await heard.ask(Kind.DEFLECT_CALL, "8001", "8003")).code == Code.WRONG_STATE
    assert (await heard.ask(Kind.SINGLE_STEP_TRANSFER, "8001", "8003")).accepted
    await until(lambda: heard.said()[-1] == "ESTABLISHED 8003 transfer")
    assert heard.asked_for()[2:] == ["TRANSFERRED 8001"]
    assert (await heard.ask(Kind.CLEAR_CONNECTION, "8003")).accepted
    await here.quiet()
    assert heard.asked_for()[3:] == ["CONNECTION_CLEARED 8003"]


async def test_deflect(here: Here) -> None:
    heard = here.heard
    here.phones.on_call("8002", rings)
    call = await here.phones.call(OUTSIDE, "88002", is_trunk=True)
    await until(lambda: heard.said() == ["DELIVERED 8002 newCall"])
    assert (await heard.ask(Kind.DEFLECT_CALL, "8002", "8003")).accepted
    await until(lambda: heard.said()[-1] == "ESTABLISHED 8003 redirected")
    assert heard.asked_for() == ["DIVERTED 8002"]
    await call.hang_up()
    await here.quiet()


async def test_an_extension_without_a_seat_is_seen_and_may_ask_nothing(here: Here) -> None:
    here.phones.on_call("8040", answers)
    assert (await here.heard.ask(Kind.MAKE_CALL, "8040", "8002")).code == Code.NO_SEAT
    call = await here.phones.call("8001", "8040")
    await until(lambda: "ESTABLISHED 8040 newCall" in here.heard.said())
    await call.hang_up()
    await here.quiet()


async def test_a_forger_changes_nothing_but_his_own_call(here: Here) -> None:
    heard = here.heard
    good = await here.phones.call(OUTSIDE, "88001", is_trunk=True)
    await until(lambda: heard.said()[-1:] == ["ESTABLISHED 8001 newCall"])
    assert heard.mirror is not None
    before = dict(heard.mirror.calls)
    forged = (
        "138%0D%0A%0D%0AEvent%3A%20Hangup%0D%0APrivilege%3A%20call%2Call%0D%0AChannel%3A%20PJSIP%2F8001-00000001%0D%0A"
        "Uniqueid%3A%201.1%0D%0ACause%3A%2016%0D%0A%0D%0AX%3A%20"
    )
    bad = await here.phones.call("ignored", "88003", is_trunk=True, from_user=forged)
    await bad.until_answered()
    await until(lambda: any(line.startswith("ami_poisoned") for line in heard.warnings()))
    await bad.hang_up()
    third = await here.phones.call("8002", "8003")
    await until(lambda: heard.said()[-1] == "ESTABLISHED 8003 newCall")
    assert {number: call for number, call in heard.mirror.calls.items() if number in before} == before
    states = {one.state for call in before.values() for one in call.connections}
    assert states == {ConnectionState.CONNECTED}
    for call in (third, good):
        await call.hang_up()
    await here.quiet()
    assert "MISMATCH" not in " ".join(heard.said())
