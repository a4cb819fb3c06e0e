"""SIP calls of every sort through a real Asterisk, heard by a subscriber of the shipped gateway process.

SIPp makes the callers from outside and most telephones; attended transfers are made by telephones of ours, since SIPp
cannot consult.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from protocol.kinds import Role
from tests.peers import asterisk_config, sipp
from tests.peers.asterisk import Addresses, Asterisk, Unavailable, free_udp_ports, new_addresses
from tests.peers.phone import PhoneCall, Phones, answers, phones
from tests.peers.sipp import Count, Sipp
from tests.system.asterisk_site import need_asterisk
from tests.system.gateway_process import Subscriber, gateway
from tests.waiting import until

RING_MS, TALK_MS, PAUSE_MS, GIVE_UP_MS = 200, 2_000, 300, 500


@dataclass(frozen=True, slots=True)
class Lot:
    """Calls of one sort: how many, how many a second, and to which extensions."""

    name: str
    calls: int
    per_second: int
    extensions: range
    caller: str
    phone: str | None
    """SIPp's scenario for the telephones; None when ours are called."""


ANSWERED = Lot("answered", 200, 8, range(8001, 8021), sipp.caller_talks(800), sipp.phone_answers(RING_MS))
BUSY = Lot("busy", 75, 3, range(8021, 8026), sipp.caller_finds_busy(), sipp.phone_is_busy())
ABANDONED = Lot("abandoned", 75, 3, range(8026, 8031), sipp.caller_gives_up(GIVE_UP_MS), sipp.phone_rings())
HELD = Lot("held", 50, 2, range(8031, 8041), sipp.caller_talks(TALK_MS), sipp.phone_holds(RING_MS, PAUSE_MS))
BLIND = Lot("blind", 50, 2, range(8041, 8051), sipp.caller_talks(TALK_MS), sipp.phone_transfers(RING_MS, PAUSE_MS))
ATTENDED = Lot("attended", 50, 2, range(8051, 8066), sipp.caller_talks(TALK_MS), None)
LOTS = (ANSWERED, BUSY, ABANDONED, HELD, BLIND, ATTENDED)

TARGETS = tuple(str(number) for number in range(8066, 8091))
"""Extensions that calls are transferred to: they answer like the others."""


PORT_CFG = """\
TRUNK T001-T060 group=PSTN endpoint=PJSIP/trunk
EXT   8051-8052
EXT   8001-8050
EXT   8053-8090
"""
"""The first 32 extensions have a seat without a licence: some of ours are among them, for requests."""


@dataclass(frozen=True, slots=True)
class SippSite:
    """Switch, gateway's subscriber, and telephones that do as they are called."""

    folder: Path
    addresses: Addresses
    ports: dict[str, int]
    asterisk: Asterisk
    subscriber: Subscriber
    phones: Phones

    @property
    def is_quiet(self) -> bool:
        """Whether the subscriber has seen every call end."""
        return self.subscriber.mirror is not None and not self.subscriber.mirror.calls

    async def calls(
        self, lots: Iterable[Lot], beside: Awaitable[None] | None = None
    ) -> tuple[dict[Lot, Count], dict[Lot, Sipp]]:
        """Make the calls; what SIPp counts, and its programs, when all have ended, and what goes on ``beside`` them."""
        lots = tuple(lots)
        telephones = [_telephones(self, lot) for lot in lots if lot.phone]
        callers = {lot: _callers(self, lot) for lot in lots}
        for lot in lots:
            if lot.phone is None:
                _our_telephones(self.phones, lot)
        async with sipp.stopped_at_end([*telephones, *callers.values()]):
            counts = await asyncio.gather(*(one.ended() for one in callers.values()))
            if beside is not None:
                await beside
            await until(lambda: self.is_quiet, seconds_max=30)
        return dict(zip(callers, counts, strict=True)), callers


def fewer(calls: int) -> tuple[Lot, ...]:
    """The lots with so many calls each, as quickly."""
    return tuple(replace(lot, calls=calls) for lot in LOTS)


@asynccontextmanager
async def sipp_site(folder: Path, settings: str = "") -> AsyncIterator[SippSite]:
    """Everything is up; skipped where there is no Asterisk or no SIPp. ``settings`` are more lines of gateway.toml."""
    need_asterisk()
    try:
        sipp.sipp_program()
    except Unavailable as reason:
        pytest.skip(str(reason))
    ports = dict(zip((lot.name for lot in LOTS), free_udp_ports(len(LOTS)), strict=True))
    phone_ports = {str(number): ports[lot.name] for lot in LOTS if lot.phone for number in lot.extensions}
    phone_ports |= dict.fromkeys(TARGETS, ports[ANSWERED.name])
    addresses = new_addresses()
    switch = (
        f'interface = "asterisk"\nhost = "127.0.0.1"\nport = {addresses.manager}\n'
        f'user = "{asterisk_config.USER}"\nsecret = "{asterisk_config.SECRET}"\n'
    )
    async with (
        Asterisk(addresses, phone_ports) as asterisk,
        phones(addresses.sip, addresses.phones) as ours,
        gateway(folder, switch + settings, PORT_CFG, Role.ADMIN) as subscriber,
    ):
        print(await asterisk.version())
        yield SippSite(folder, addresses, ports, asterisk, subscriber, ours)


def _telephones(site: SippSite, lot: Lot) -> Sipp:
    program = Sipp(site.folder, f"{lot.name}-phones", lot.phone or "", site.addresses.sip, site.ports[lot.name])
    program.start(TARGETS)
    return program


def _callers(site: SippSite, lot: Lot) -> Sipp:
    (port,) = free_udp_ports(1)
    program = Sipp(site.folder, f"{lot.name}-callers", lot.caller, site.addresses.sip, port)
    program.start([f"8{number}" for number in lot.extensions], "-r", str(lot.per_second), "-m", str(lot.calls))
    return program


def _our_telephones(phones: Phones, lot: Lot) -> None:
    """Each answers, holds, consults the next target, and brings the two together."""
    targets = iter(TARGETS * lot.calls)

    async def transfers(call: PhoneCall) -> None:
        await answers(call)
        await call.hold()
        second = await phones.call(call.dialled, next(targets))
        await second.until_answered()
        await second.speak(PAUSE_MS / 1000)
        await call.refer_to_call(second)

    for number in lot.extensions:
        phones.on_call(str(number), transfers)
