"""A whole small site for tests: a real Asterisk, telephones, the link, and a call model that hears what it reports."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from gateway.links.asterisk.link import AsteriskLink, AsteriskSettings
from gateway.links.base import CommandTarget
from gateway.portcfg import Port, parse
from model.commands import Command, CommandKind, Outcome
from model.core import CallModel
from model.events import CallEvent, Event, MismatchEvent
from model.ids import CallId, DeviceNumber, Microseconds, RequestRef
from model.reports import CallReport, CallSnapshot, Happening, Report, TransferReport
from model.state import AskCall, Step
from model.states import LinkState
from model.view import Licence, Link
from runtime.backoff import Backoff
from runtime.clock import SystemClock
from runtime.tasks import spawn
from tests.gateway.links.executing import executed
from tests.peers import asterisk_config
from tests.peers.asterisk import Addresses, Asterisk, Unavailable, asterisk_root, new_addresses
from tests.peers.phone import Phones, phones
from tests.waiting import until

PORT_CFG = """\
TRUNK T001-T060 group=PSTN endpoint=PJSIP/trunk
EXT   8001-8099
QUEUE 6000 endpoint=Queue/q6000
QUEUE 6002 endpoint=Queue/q6002
"""


def site_ports(text: str = PORT_CFG) -> tuple[Port, ...]:
    """The ports of a port.cfg."""
    return parse(text.encode()).ports


@dataclass(slots=True)
class Listener:
    """A LinkSink that keeps everything and feeds a call model, which may ask the link back."""

    model: CallModel
    link: AsteriskLink | None = None
    states: list[tuple[LinkState, str]] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    snapshots: list[list[CallSnapshot]] = field(default_factory=list)
    alarms: list[tuple[str, str]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def link_state(self, state: LinkState, reason: str) -> None:
        self.states.append((state, reason))
        self._take(self.model.link_changed(state, reason, _now()))

    def report(self, report: Report) -> None:
        self.reports.append(report)
        self._take(self.model.report(report))

    def whole_switch(self, snapshots: list[CallSnapshot], asked_us: Microseconds) -> None:
        self.snapshots.append(snapshots)
        self._take(self.model.whole_switch(snapshots, asked_us, _now()))

    def compare_rest(self) -> None:
        raise AssertionError("a link that tells the whole switch compares nothing one by one")

    def alarm(self, code: str, text: str) -> None:
        self.alarms.append((code, text))

    def _take(self, step: Step) -> None:
        self.events += step.events
        for ask in step.asks:
            if self.link is None:
                raise AssertionError("a report without a link")
            if isinstance(ask, AskCall):
                self.link.verify_call(ask.call, ask.key)
            else:
                self.link.verify_device(ask.device)

    # -- what tests ask -------------------------------------------------------------------------------------------

    @property
    def state(self) -> LinkState:
        """The link's state as last said."""
        return self.states[-1][0] if self.states else LinkState.DOWN

    def said(self) -> list[str]:
        """All reports in short: ``DELIVERED 8002 newCall``."""
        return [short(report) for report in self.reports]

    def story(self) -> list[str]:
        """All reports in short; connections cleared one after the other are sorted: their order is Asterisk's whim."""
        told: list[str] = []
        for is_end, group in itertools.groupby(self.said(), lambda text: text.startswith("CONNECTION_CLEARED")):
            texts = list(group)
            told += sorted(texts) if is_end else texts
        return told

    def happenings(self) -> list[Happening]:
        """The kinds of all single reports."""
        return [report.happening for report in self.reports if isinstance(report, CallReport)]

    def mismatches(self) -> list[MismatchEvent]:
        """What the call model could not believe."""
        return [event for event in self.events if isinstance(event, MismatchEvent)]

    def calls_begun(self) -> set[CallId]:
        """Every call that events spoke of."""
        return {call.call_id for event in self.events if isinstance(event, CallEvent) for call in event.calls}

    def calls_ended(self) -> list[CallId]:
        """Every end of a call."""
        return [
            call.call_id for event in self.events if isinstance(event, CallEvent) for call in event.calls if call.ended
        ]


def short(report: Report) -> str:
    """A report without ids and times."""
    if isinstance(report, CallReport):
        return f"{report.happening.name} {report.subject} {report.cause.text}"
    if isinstance(report, TransferReport):
        kind = "CONFERENCED" if report.is_conference else "TRANSFERRED"
        return f"{kind} {report.acting} to {report.target} {report.cause.text}"
    return type(report).__name__


@dataclass(slots=True)
class Site:
    """What a test works with."""

    asterisk: Asterisk
    phones: Phones
    link: AsteriskLink
    heard: Listener
    _requests: int = 0

    async def quiet(self) -> None:
        """Wait until no call is left, on either side."""
        await until(lambda: not self.link.normaliser.board.channels and not self.heard.model.snapshot().calls)

    async def ask(self, kind: CommandKind, device: str, destination: str = "") -> Outcome:
        """Execute a command as the gateway would: the target is the device's first connection."""
        number = DeviceNumber(device)
        legs = self.heard.model.legs_of(number)
        target = CommandTarget()
        if legs and kind is not CommandKind.MAKE_CALL:
            leg = legs[0]
            board = self.link.normaliser.board.channels
            channel = board.get(leg.key)
            if channel is not None and channel.leg is not None:
                target = CommandTarget(channel.leg.connection, leg.state)
        self._requests += 1
        return await executed(
            self.link, Command(kind, number, destination=destination), target, RequestRef(1, self._requests)
        )


def _now() -> Microseconds:
    return Microseconds(SystemClock().wall_us())


def link_to(addresses: Addresses, heard: Listener, **changed: object) -> AsteriskLink:
    """A link to the manager at these addresses; ``changed`` replaces settings."""
    settings: dict[str, object] = {
        "host": "127.0.0.1", "port": addresses.manager, "user": asterisk_config.USER, "secret": asterisk_config.SECRET
    } | changed  # fmt: skip
    link = AsteriskLink(
        AsteriskSettings(**settings),  # type: ignore[arg-type]
        site_ports(), heard, SystemClock(), Backoff(random.random),
    )  # fmt: skip
    heard.link = link
    return link


def new_listener() -> Listener:
    """A listener whose model knows nothing yet."""
    down = Link(LinkState.DOWN, "asterisk", "not started", Microseconds(0))
    return Listener(CallModel(1, down, Licence("evaluation", "", 32, 0, "")))


def need_asterisk() -> None:
    """Skip the test, with the reason, where no Asterisk can be had."""
    try:
        asterisk_root()
    except Unavailable as reason:
        pytest.skip(str(reason))


@asynccontextmanager
async def site(phone_ports: dict[str, int] | None = None, **changed: object) -> AsyncIterator[Site]:
    """Everything up, the link too; gone at the end. ``changed`` replaces settings of the link."""
    need_asterisk()
    addresses = new_addresses()
    heard = new_listener()
    async with (
        Asterisk(addresses, phone_ports) as asterisk,
        phones(addresses.sip, addresses.phones) as telephones,
        asyncio.TaskGroup() as group,
    ):
        link = link_to(addresses, heard, **changed)
        running = spawn(group, link.run(), name="asterisk link")
        try:
            await until(lambda: heard.state is LinkState.UP)
            yield Site(asterisk, telephones, link, heard)
        finally:
            running.cancel()
