"""Random traffic at the simulated switch: people who call, answer, hold, transfer and hang up. Seeded, without a clock.

Each call is a story: a generator that acts on the switch and yields the seconds until it wants to act again. What the
switch refuses or has done meanwhile (forwarding, distribution) the story takes as it is.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Generator
from dataclasses import dataclass

from gateway.links.csta_xml.messages import CSTAErrorCode, ParticipationType
from simulator import answering, clearing, holding, originating, transferring
from simulator.calls import Call, Leg, State
from simulator.devices import Device, DeviceKind
from simulator.switch import SECOND_US, Switch

Story = Generator[float, None, None]
FREE_TRIES = 25
"""Random picks of an extension before the attempt counts as blocked."""
BUSY_TONE_SECONDS = 1.5
QUEUE_LOOK_SECONDS = 0.25
"""How often a caller in a queue notices that somebody rings."""


@dataclass(frozen=True, slots=True)
class Mix:
    """What traffic consists of. Shares are 0…1 of calls; the four of the middle act on answered calls."""

    calls_per_second: float = 1.0
    mean_ring_seconds: float = 1.5
    mean_talk_seconds: float = 3.0
    inbound: float = 0.3
    outbound: float = 0.15
    to_queue: float = 0.1
    abandon: float = 0.08
    busy: float = 0.03
    transfer: float = 0.08
    single_step: float = 0.03
    conference: float = 0.03
    hold: float = 0.1
    patience_seconds: float = 10.0
    """A caller leaves a queue after so long."""


class Traffic:
    """Stories at one switch. Stops beginning new ones when `is_on` is false; those that run go on to their end."""

    def __init__(self, switch: Switch, mix: Mix, seed: int) -> None:
        self.is_on = mix.calls_per_second > 0
        self._switch = switch
        self._mix = mix
        self._random = random.Random(seed)
        self._extensions = [device for device in switch.devices.values() if device.kind is DeviceKind.EXTENSION]
        self._waiting: list[tuple[int, int, Story]] = []
        self._order = 0
        self._next_call_us: int | None = None
        self._outside_numbers = 0

    @property
    def deadline_us(self) -> int | None:
        dues = [self._waiting[0][0]] if self._waiting else []
        if self.is_on:
            dues.append(self._next_call_us or 0)
        return min(dues, default=None)

    @property
    def running(self) -> int:
        """Stories that have not ended."""
        return len(self._waiting)

    def pass_time(self, now_us: int) -> None:
        """Go on with every story that is due; the switch's time must have been passed to `now_us` before."""
        while self._waiting and self._waiting[0][0] <= now_us:
            due_us, _, story = heapq.heappop(self._waiting)
            self._go_on(story, due_us)
        if self.is_on and self._next_call_us is None:
            self._next_call_us = now_us + self._gap_us()
        while self.is_on and self._next_call_us is not None and self._next_call_us <= now_us:
            self._go_on(self._new_story(), self._next_call_us)
            self._next_call_us += self._gap_us()

    def _go_on(self, story: Story, now_us: int) -> None:
        seconds = next(story, None)
        if seconds is not None:
            self._order += 1
            heapq.heappush(self._waiting, (now_us + int(seconds * SECOND_US), self._order, story))

    def _gap_us(self) -> int:
        return int(self._random.expovariate(self._mix.calls_per_second) * SECOND_US)

    def _new_story(self) -> Story:
        mix, draw = self._mix, self._random.random()
        called = self._called()
        if self._switch.pilots and self._random.random() < mix.to_queue:
            called = self._random.choice(self._switch.pilots).number
        if draw < mix.inbound and self._has_trunks:
            return self._inbound(called)
        if draw < mix.inbound + mix.outbound and self._has_trunks:
            return self._from_inside(self._outside_number())
        return self._from_inside(called)

    @property
    def _has_trunks(self) -> bool:
        return self._switch.plan.trunks > 0

    def _outside_number(self) -> str:
        self._outside_numbers += 1
        return f"0139{self._outside_numbers % 100_000_000:08d}"

    def _free_extension(self) -> Device | None:
        for _ in range(FREE_TRIES):
            device = self._random.choice(self._extensions)
            if device.is_free:
                return device
        return None

    def _called(self) -> str:
        if self._random.random() < self._mix.busy:
            for _ in range(FREE_TRIES):
                device = self._random.choice(self._extensions)
                if device.legs:
                    return device.number
        free = self._free_extension()
        return free.number if free is not None else self._random.choice(self._extensions).number

    def _inbound(self, called: str) -> Story:
        leg = originating.call_in(self._switch, self._outside_number(), called)
        if leg is not None:
            yield from self._call(leg)

    def _from_inside(self, called: str) -> Story:
        caller = self._free_extension()
        if caller is None or caller.number == called:
            self._switch.account.blocked += 1
            return
        leg = originating.make_call(self._switch, caller.number, called)
        if isinstance(leg, CSTAErrorCode):
            self._switch.account.blocked += 1
            return
        yield from self._call(leg)

    def _call(self, caller: Leg) -> Story:
        """From the first ring to the end, as seen by the caller."""
        abandoned = self._random.random() < self._mix.abandon
        patience = self._mix.patience_seconds
        yield self._ring_seconds()
        while _lives(caller) and caller.call.first(State.QUEUED) is not None and patience > 0:
            patience -= QUEUE_LOOK_SECONDS
            yield QUEUE_LOOK_SECONDS
        if not _lives(caller):
            return
        if caller.state is State.FAIL:
            yield BUSY_TONE_SECONDS
            self._hang_up(caller)
            return
        if abandoned or not self._answer(caller.call):
            self._hang_up(caller)
            return
        talk = self._talk_seconds()
        yield talk / 2
        other = next((leg for leg in caller.call.legs if leg is not caller), None) if _lives(caller) else None
        if other is not None:
            yield from self._middle(self._random.choice((caller, other)))
        yield talk / 2
        yield from self._finish(caller)
        if other is not None:
            yield from self._finish(other)

    def _middle(self, leg: Leg) -> Story:
        """What happens while people talk; `leg` is the one who does it."""
        mix, draw = self._mix, self._random.random()
        if leg.device.kind is not DeviceKind.EXTENSION:
            return
        if draw < mix.hold:
            if holding.hold(self._switch, leg) is None:
                yield self._talk_seconds() / 3
                if _lives(leg):
                    holding.retrieve(self._switch, leg)
        elif draw < mix.hold + mix.single_step:
            yield from self._single_step(leg)
        elif draw < mix.hold + mix.single_step + mix.transfer + mix.conference:
            yield from self._consult(leg, draw < mix.hold + mix.single_step + mix.transfer)

    def _single_step(self, leg: Leg) -> Story:
        target = self._free_extension()
        if target is None:
            return
        if self._random.random() < 0.3:
            transferring.single_step_conference(self._switch, leg, target.number, ParticipationType.ACTIVE)
            return
        others = [other for other in leg.call.legs if other is not leg]
        done = transferring.single_step_transfer(self._switch, leg, target.number)
        if isinstance(done, CSTAErrorCode):
            return
        yield self._ring_seconds()
        for other in others:
            if _lives(other) and not self._answer(other.call):
                self._hang_up(other)

    def _consult(self, held: Leg, is_transfer: bool) -> Story:
        target = self._free_extension()
        if target is None:
            return
        active = holding.consult(self._switch, held, target.number)
        if isinstance(active, CSTAErrorCode):
            return
        rung = active.call.first(State.ALERTING)
        while_ringing = is_transfer and rung is not None and self._random.random() < 0.2
        yield self._ring_seconds()
        if not while_ringing and _lives(active) and not self._answer(active.call):
            self._back_to(held, active)
            return
        if not (_lives(active) and _lives(held)):
            yield from self._finish(active)
            return
        if self._random.random() < 0.2 and holding.alternate(self._switch, held, active) is None:
            held, active = active, held
            yield self._talk_seconds() / 4
        join = transferring.transfer if is_transfer else transferring.conference
        done = join(self._switch, held, active) if _lives(active) and _lives(held) else None
        if not isinstance(done, tuple):
            self._back_to(held, active)
            yield from self._finish(active)
        elif rung is not None:
            yield self._ring_seconds()
            if _lives(rung):
                self._answer(rung.call)
            yield self._talk_seconds() / 2
            yield from self._finish(rung)

    def _back_to(self, held: Leg, active: Leg) -> None:
        """Leave the consultation and talk to the first party again."""
        if _lives(active):
            self._hang_up(active)
        if _lives(held) and held.state is State.HOLD:
            holding.retrieve(self._switch, held)

    def _answer(self, call: Call) -> bool:
        """Whoever rings in `call` picks up; True when the call is answered then."""
        rung = call.first(State.ALERTING)
        if rung is not None:
            answering.answer(self._switch, rung)
        else:
            outside = next((leg for leg in call.legs if leg.device.kind is DeviceKind.TRUNK), None)
            if outside is not None and call.entry is not outside.device:
                originating.answer_outside(self._switch, outside)
        return call.is_answered

    def _finish(self, leg: Leg) -> Story:
        """One after the other hangs up until the call that `leg` is in has ended."""
        while _lives(leg):
            self._hang_up(self._random.choice(leg.call.legs))
            if _lives(leg):
                yield self._talk_seconds() / 4

    def _hang_up(self, leg: Leg) -> None:
        if _lives(leg):
            clearing.clear_leg(self._switch, leg)

    def _ring_seconds(self) -> float:
        return self._random.uniform(0.4, 1.6) * self._mix.mean_ring_seconds

    def _talk_seconds(self) -> float:
        # The longest tenth is cut, so that a run can be waited for.
        return min(self._random.expovariate(1.0), 4.0) * self._mix.mean_talk_seconds


def _lives(leg: Leg) -> bool:
    return leg.state is not State.NULL
