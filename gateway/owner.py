"""The owner of the call model in a running gateway: reports in, published events and questions out, in order.

The link's sink. Everything that changes the model goes through here, one input at a time, on the event loop; what it
made is published before the next is looked at. Decides nothing.
"""

import asyncio
from collections import Counter
from collections.abc import Callable

import structlog

from gateway.alarms import Alarms
from gateway.control import find_target
from gateway.links.base import Done, Link
from model.commands import Command, Outcome, Refusal
from model.core import CallModel
from model.events import CallEvent, Event, LinkEvent, MismatchEvent
from model.ids import DeviceNumber, Microseconds, RequestRef
from model.reports import CallSnapshot, Report
from model.state import AskCall, Step
from model.states import LinkState
from model.view import Device, Licence

log = structlog.get_logger("gateway")

_TROUBLE = (LinkState.DOWN, LinkState.REFUSED, LinkState.DEGRADED)
"""States that somebody has to do something about."""


Begin = Callable[[int, int, Command, Done], None]
"""Begins a request: session, number, what it asks, who is told the outcome."""


class Owner:
    """Feeds the model and hands on what it says. ``link`` is None while the link is stopped."""

    def __init__(self, model: CallModel, publish: Callable[[Event], None], wall_us: Callable[[], int]) -> None:
        self.model = model
        self.alarms = Alarms()
        self._link: Link | None = None
        self._counts_of_former_links: Counter[str] = Counter()
        self._publish = publish
        self._wall_us = wall_us
        self._log = log.bind()

    @property
    def link(self) -> Link | None:
        """The link that runs; what one counted that makes way for another is kept."""
        return self._link

    @link.setter
    def link(self, link: Link | None) -> None:
        if self._link is not None and self._link is not link:
            self._counts_of_former_links += self._link.counts
        self._link = link

    @property
    def link_counts(self) -> Counter[str]:
        """What was odd on all links since the start, by name."""
        return self._counts_of_former_links + (Counter() if self._link is None else self._link.counts)

    # -- what the link tells -------------------------------------------------------------------------------------

    def link_state(self, state: LinkState, reason: str) -> None:
        """The link's state changed."""
        self._take(self.model.link_changed(state, reason, self._now()))

    def report(self, report: Report) -> None:
        """The switch reported something."""
        self._take(self.model.report(report))

    def whole_switch(self, snapshots: list[CallSnapshot], asked_us: Microseconds) -> None:
        """All calls of the switch at once."""
        self._take(self.model.whole_switch(snapshots, asked_us, self._now()))

    def compare_rest(self) -> None:
        """Ask for every call not compared since the link came back."""
        self._take(self.model.verify_calls(self._now()))

    def alarm(self, code: str, text: str) -> None:
        """Something an operator should know."""
        self.alarms.add(code, text, self._now())
        log.warning(code, text=text)

    def condition(self, code: str, subject: str, text: str | None) -> None:
        """Trouble that lasts: why it is so, None when it is over."""
        self._take(self.model.condition(code, subject, text, self._now()))

    def end_conditions(self) -> None:
        """What troubled the process before this one is over until it is said anew."""
        for one in self.model.conditions:
            self.condition(one.code, one.subject, None)

    # -- what the daemon tells -----------------------------------------------------------------------------------

    def configure(self, devices: list[Device]) -> None:
        """port.cfg or the seats changed."""
        self._take(self.model.configure(devices, self._now()))

    def licence(self, licence: Licence) -> None:
        """The licence changed."""
        self._take(self.model.licence_changed(licence, self._now()))

    def tick(self) -> None:
        """Once a second."""
        self._take(self.model.tick(self._now()))

    async def execute(self, session: int, number: int, command: Command, begin: Begin | None = None) -> Outcome:
        """Do what a consumer asks; the events it causes carry the request. ``begin`` is the door it comes in by."""
        bound = log.bind(device=command.device, request=f"{session}/{number}", command=command.kind.name.lower())
        answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

        def done(outcome: Outcome) -> None:
            if not answered.done():
                answered.set_result(outcome)

        (begin or self.begin)(session, number, command, done)
        outcome = await answered
        bound.info("command_done", code=name(outcome), reason=outcome.text, switch_error=outcome.switch_error)
        return outcome

    def begin(self, session: int, number: int, command: Command, done: Done) -> None:
        """The same for whoever does not wait: ``done`` gets the outcome, at once or later."""
        target = find_target(self.model, command)
        if isinstance(target, Outcome):
            done(target)
        elif self.link is None:
            done(Outcome(Refusal.LINK_DOWN, "the link to the switch is stopped"))
        else:
            request = RequestRef(session, number)
            self.model.expect(request, command.kind, command.device, self._now())
            self.link.execute(command, target, request, OpenRequest(self, request, done))

    def is_busy(self, number: DeviceNumber) -> bool:
        """Whether a device is in a live call."""
        return bool(self.model.legs_of(number))

    # -- what leaves ---------------------------------------------------------------------------------------------

    def _take(self, step: Step) -> None:
        for event in step.events:
            self._publish(event)
            note(event, self._log)
        if self.link is None:
            return
        for ask in step.asks:
            if isinstance(ask, AskCall):
                self.link.verify_call(ask.call, ask.key)
            else:
                self.link.verify_device(ask.device)

    def _now(self) -> Microseconds:
        return Microseconds(self._wall_us())


class OpenRequest:
    """A request that the switch has not answered yet. ``done`` is told what became of it."""

    def __init__(self, owner: Owner, request: RequestRef, done: Done) -> None:
        self._owner = owner
        self._request = request
        self._done = done

    def __call__(self, outcome: Outcome) -> None:
        if outcome.refusal is not None and outcome.refusal is not Refusal.NO_ANSWER_FROM_SWITCH:
            self._owner.model.withdraw(self._request)
        self._done(outcome)


def name(outcome: Outcome) -> str:
    """An outcome's code as the protocol spells it."""
    return "accepted" if outcome.refusal is None else outcome.refusal.name.lower()


def note(event: Event, log: structlog.BoundLogger) -> None:
    """One canonical log line for each ended call, each change of the link, each mismatch."""
    if isinstance(event, CallEvent):
        for call in event.calls:
            if call.ended:
                log.info(
                    "call_ended",
                    call_id=str(call.call_id),
                    conversation_id=str(call.conversation_id),
                    switch_call_id=call.switch_call_id,
                    calling=call.calling,
                    called=call.called,
                    lived_seconds=round((event.received_us - call.began_us) / 1_000_000, 3),
                    cause=event.cause.text,
                    number=event.number,
                )
    elif isinstance(event, LinkEvent):
        level = log.warning if event.link.state in _TROUBLE else log.info
        level("link_changed", state=event.link.state.name.lower(), reason=event.link.reason, number=event.number)
    elif isinstance(event, MismatchEvent):
        log.warning(
            "call_model_mismatch",
            device=event.device,
            switch_call_id=event.switch_call_id,
            text=event.text,
            number=event.number,
        )
