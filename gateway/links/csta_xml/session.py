"""A session with a CSTA XML switch, from the first byte to the last, without a socket (ECMA-323 J.2, ECMA-354).

Four verbs: ``receive`` bytes, ``bytes_to_send``, ``deadline`` and ``tick``. What it learns goes to the sink at once;
``ended`` says why the connection is to be closed. Here its parts are put together: ``life`` has the order of things,
``inbound`` takes what comes, ``conversation`` says what we say.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from gateway.links.base import CommandTarget, LinkSink
from gateway.links.csta_xml.conversation import Conversation
from gateway.links.csta_xml.device_list import DeviceList
from gateway.links.csta_xml.framing import Deframer, Frame, FrameProblem
from gateway.links.csta_xml.inbound import Inbound
from gateway.links.csta_xml.keep_alive import KeepAlive, Pulse
from gateway.links.csta_xml.life import Life, Phase
from gateway.links.csta_xml.login import LogIn
from gateway.links.csta_xml.normalise import Normaliser
from gateway.links.csta_xml.outstanding import Answer
from gateway.links.csta_xml.profiles import ProfileTraits
from gateway.links.csta_xml.questions import Questions
from gateway.links.csta_xml.segments import SegmentedAnswers
from gateway.links.csta_xml.services import outcome_of, request_for
from gateway.portcfg import Port
from model.commands import Command, Outcome, Refusal
from model.ids import ConnectionKey, DeviceNumber, SwitchCallId
from model.states import LinkState


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """Settings of ``[switch]``: window of requests, seconds for an answer, seconds of silence before a test."""

    window: int
    answer_seconds: float
    silence_seconds: float


class SwitchSession:
    """One connection's session. ``now`` is monotonic seconds, ``wall_us`` microseconds of the day."""

    def __init__(
        self,
        traits: ProfileTraits,
        limits: SessionLimits,
        ports: Iterable[Port],
        sink: LinkSink,
        now: Callable[[], float],
        wall_us: Callable[[], int],
    ) -> None:
        ports = tuple(ports)
        self._sink = sink
        self._normaliser = Normaliser(ports)
        self._deframer = Deframer()
        self._frame: Frame | None = None
        self._is_over = False
        self._keep_alive = KeepAlive(limits.silence_seconds, now)
        self._conversation = talk = Conversation(limits.window, limits.answer_seconds, now)
        self._segments = SegmentedAnswers(now)
        self._questions = Questions(talk.ask, sink.report, self._normaliser, self._segments, wall_us)
        devices = DeviceList(talk.ask, sink.alarm, self._served, self._normaliser)
        self._life = life = Life(ports, sink, talk, self._questions, devices, now, wall_us)
        self._log_in = LogIn(traits, talk, now, life.logged_in, life.refuse, life.end)
        self._inbound = Inbound(
            sink, talk, self._log_in, life, self._segments, devices, self._normaliser, wall_us
        )  # fmt: skip

    # -- verbs ---------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """The connection is open."""
        self._sink.link_state(LinkState.LOGGING_IN, "connected, logging in")
        self._log_in.start()

    def receive(self, received: bytes) -> None:
        """Bytes came. What comes after the end is not looked at."""
        if self._is_over:
            return
        frames = self._deframer.receive(received)
        if frames:
            self._keep_alive.heard()
        for one in frames:
            if isinstance(one, FrameProblem):
                self._life.end(f"what came is not CSTA XML over TCP ({one}): is [switch] interface and port right?")
                return
            self._frame = one
            if not self._inbound.take(one):
                self._life.advance()
            if self._is_over or self._life.ended is not None:
                return
        self._frame = None

    def bytes_to_send(self) -> bytes:
        """What is to be written now; empty when there is nothing."""
        sent = self._conversation.bytes_to_send(urgent_only=self._is_over or not self._life.is_normal)
        self._life.advance()  # a request that cannot be written is answered at once
        return sent

    def deadline(self) -> float:
        """When ``tick`` is next due, in monotonic seconds."""
        parts = (self._life, self._conversation, self._log_in, self._segments)
        return min([self._keep_alive.deadline(), *(due for part in parts if (due := part.deadline()) is not None)])

    def tick(self) -> None:
        """Time passed: time-outs, keep-alive, session timer, refused monitors."""
        if self._is_over:
            return
        self._inbound.counts["requests_unanswered"] += self._conversation.expire()
        self._segments.expire()
        self._log_in.tick()
        self._life.tick()
        pulse = self._keep_alive.pulse()
        if pulse is Pulse.DEAD:
            self._life.end(f"nothing heard from the switch for {self._keep_alive.silent_seconds:.0f} s")
        elif pulse is Pulse.TEST and self._life.phase > Phase.LOGGING_IN:
            self._life.ask_status()
        self._life.advance()

    def stop(self) -> None:
        """Say goodbye; ``bytes_to_send`` then holds the last words, and nothing more is taken in."""
        if not self._is_over:
            self._is_over = True
            self._log_in.say_goodbye()

    def abandon(self) -> None:
        """Something of ours failed: nothing more is taken in or sent."""
        self._is_over = True

    def connection_lost(self) -> None:
        """The connection is gone: nobody will answer any more."""
        self._is_over = True
        self._conversation.give_up()

    def take_unread(self) -> bytes:
        """The bytes of a frame that is not whole yet; they are to be given again."""
        return self._deframer.take_unread()

    # -- how it is -----------------------------------------------------------------------------------------------

    @property
    def ended(self) -> str | None:
        """Why the connection is to be closed, in words; None while it is not."""
        return self._life.ended

    @property
    def is_refused(self) -> bool:
        """Whether it ended because the switch does not want us."""
        return self._life.is_refused

    @property
    def phase(self) -> Phase:
        """How far it is."""
        return self._life.phase

    @property
    def frame_in_hand(self) -> Frame | None:
        """The frame that was being taken in when something of ours failed."""
        return self._frame

    @property
    def counts(self) -> Counter[str]:
        """What was odd: answers_late, messages_not_understood, events_of_unknown_monitors and the like."""
        counts = self._inbound.counts.copy()
        counts["events_early_dropped"] = self._life.monitors.dropped_early_events
        counts["questions_unanswered"] = self._questions.unanswered
        return +counts

    # -- what the gateway wants ----------------------------------------------------------------------------------

    def serve(self, ports: Iterable[Port]) -> None:
        """Monitor exactly these ports from now on."""
        ports = tuple(ports)
        self._normaliser.learn(ports)
        self._life.serve(ports)

    def ask_call(self, call: SwitchCallId, key: ConnectionKey) -> None:
        """Ask for a call."""
        if not self._is_over:
            self._questions.call(call, key)

    def ask_device(self, device: DeviceNumber) -> None:
        """Ask for the calls of a served device."""
        port = self._life.served.get(device)
        if port is not None and not self._is_over:
            self._questions.device(device, port.device)

    def execute(self, command: Command, target: CommandTarget, done: Callable[[Outcome], None]) -> None:
        """Send a command; ``done`` is called once with the switch's answer."""
        port = self._life.served.get(command.device)
        if port is None:
            done(Outcome(Refusal.UNKNOWN_DEVICE, f"the link does not serve {command.device}"))
        elif self._is_over or self._life.ended is not None:
            done(Outcome(Refusal.LINK_DOWN, "the link to the switch is down"))
        elif (request := request_for(command, target, port.device)) is None:
            kind = command.kind.name.lower()
            done(Outcome(Refusal.NOT_SUPPORTED, f"{kind} is not supported by the csta-xml link"))
        else:
            self._conversation.ask_first(request, partial(command_answered, done))

    def _served(self) -> Iterable[Port]:
        return self._life.served.values()


def command_answered(done: Callable[[Outcome], None], answer: Answer) -> None:
    """The switch's answer to a command, in the requester's words."""
    done(outcome_of(answer))
