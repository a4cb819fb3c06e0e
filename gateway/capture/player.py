"""Plays a part of a capture: the works as they were, and everything that came in, handed in again by the same doors.

Without a socket, a loop or a clock of its own. Whatever the works ask and make is held against the capture: which time
they read, what they send, which frames they publish. The first difference is an error, and says where it stands.
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import structlog

from gateway.capture import still
from gateway.capture.clocks import Parted, PlayedClock
from gateway.capture.header import Header, read_header
from gateway.capture.layout import CHECKPOINT, END, HEADER, BadCapture, Record
from gateway.capture.recorder import values_of
from gateway.capture.secrets_masked import covered
from gateway.capture.software import software
from gateway.capture.step import Step, StepCodec
from gateway.config import SwitchSettings
from gateway.doors import Door
from gateway.intake import Intake
from gateway.links.making import make_link
from gateway.links.played import Wire
from gateway.works import Works
from model.events import Event
from protocol.archive import Frames, Hole
from protocol.stream import Stream

T = TypeVar("T")

RING_EVENTS = 1_000
"""Nobody resumes in a replay: what was published is handed on at once."""

NO_SECRET = "-"


@dataclass(frozen=True, slots=True)
class Published:
    """One event as a replay published it."""

    epoch: int
    event: Event
    frame: bytes


class _PlayedIntake(Intake):
    """Lets in what the player brings, and nothing else."""

    def __init__(self, clock: PlayedClock) -> None:
        super().__init__(clock)
        self.door: Door | None = None
        self.sent_now: list[bytes] = []
        self._is_inside = False

    def take(self, door: Door, act: Callable[[], T], brought: tuple[object, ...] = ()) -> T:
        if not self._is_inside and door is not self.door:
            raise Parted(f"{door.name} comes in where it was {'nothing' if self.door is None else self.door.name} then")
        was_inside, self._is_inside = self._is_inside, True
        try:
            return act()
        finally:
            self._is_inside = was_inside

    def sent(self, outgoing: bytes) -> None:
        self.sent_now.append(outgoing)


@dataclass(slots=True)
class _FrameTap:
    """The stream's archive, which sees every frame: the last step's."""

    frames: list[bytes] = field(default_factory=list)
    first: int = 1

    def append(self, number: int, frame: bytes) -> None:
        self.frames.append(frame)

    def commit(self) -> None:
        """Nothing is kept."""

    def read(self, after: int, bytes_max: int) -> Frames | Hole | None:
        return None

    def consumers(self) -> Mapping[str, int]:
        return {}

    def confirm(self, consumer: str, number: int) -> None:
        """Nobody confirms in a replay."""


class Player:
    """Plays one part: ``play`` for each of its records in their order. ``file`` is the name to show."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.header: Header | None = None
        self.steps = 0
        self.step: Step | None = None
        """The last one."""
        self.is_ended = False
        """Whether the part ended in order."""
        self._clock = PlayedClock(0, 0)
        self._intake = _PlayedIntake(self._clock)
        self._gate: Intake = self._intake
        self._codec = StepCodec(0, 0)
        self._tap = _FrameTap()
        self._works: Works | None = None
        self._stream: Stream[None] | None = None
        self._events: list[Event] = []
        self._wire = Wire()

    @property
    def is_loaded(self) -> bool:
        """Whether the works are there."""
        return self._works is not None

    @property
    def wall_us(self) -> int:
        """When the last step came, in microseconds of the day."""
        return self._codec.wall_us

    @property
    def works(self) -> Works:
        """The works as they are now; AssertionError before the checkpoint."""
        assert self._works is not None
        return self._works

    def play(self, record: Record) -> list[Published]:
        """What this record gives. BadCapture where it is not what the works, or this software, expect."""
        try:
            if record.kind == HEADER:
                self._begin(read_header(record.content))
            elif record.kind == CHECKPOINT:
                self._load(record.content)
            elif record.kind == END:
                self.is_ended = True
            else:
                return self._play(self._codec.read(record.kind, record.content))
        except (Parted, still.Stranger) as error:
            raise self._bad(record, str(error)) from error
        except Exception as error:
            raise self._bad(record, f"{type(error).__name__}: {error}") from error
        return []

    def time_of(self, record: Record) -> int | None:
        """When a step came, in microseconds of the day; None for what is no step. Reads and changes nothing."""
        if record.kind in (HEADER, CHECKPOINT, END):
            return None
        try:
            return StepCodec(self._codec.wall_us, self._codec.monotonic_us).read(record.kind, record.content).wall_us
        except ValueError as error:
            raise self._bad(record, str(error)) from error

    def _begin(self, header: Header) -> None:
        self.header = header
        self._clock = PlayedClock(header.wall_us, header.monotonic_us)
        self._gate = self._intake = _PlayedIntake(self._clock)
        self._codec = StepCodec(header.wall_us, header.monotonic_us)
        self._stream = Stream(
            header.stream,
            header.epoch,
            index=header.stream_index,
            ring_events_max=RING_EVENTS,
            last=header.next_number - 1,
            archive=self._tap,
        )

    def _load(self, checkpoint: bytes) -> None:
        works = still.read(checkpoint, self._wires())
        if not isinstance(works, Works):
            raise still.Stranger("the checkpoint holds no works of a gateway")
        self._works = works

    def _wires(self) -> dict[str, object]:
        return {
            "clock": self._gate.clock,
            "intake": self._gate,
            "connection": self._wire,
            "nobody": _nobody,
            "publish": self._publish,
            "log": structlog.get_logger("gateway"),
        }

    def _play(self, step: Step) -> list[Published]:
        works = self.works
        self._events, self._tap.frames, self._intake.sent_now = [], [], []
        self._clock.begin(step.readings)
        self._intake.door = step.door
        self._let_in(works, step.door, values_of(step.door, step.brought))
        self._intake.door = None
        self._compare(step)
        self.steps += 1
        self.step = step
        self._clock.end()
        epoch = works.owner.model.epoch
        return [Published(epoch, event, frame) for event, frame in zip(self._events, self._tap.frames, strict=True)]

    def _let_in(self, works: Works, door: Door, brought: tuple[Any, ...]) -> None:
        if door >= Door.CONNECTING:
            if works.owner.link is None:
                raise Parted(f"{door.name} of a link, and there is none")
            works.owner.link.play(door, brought, self._wire)
        elif door is Door.LINK_STARTED:
            assert self.header is not None
            settings = SwitchSettings.model_validate(self.header.switch | {"secret": NO_SECRET})
            link = make_link(settings, works.ports_for_link(), works.owner, self._gate, NO_SECRET)
            works.link_started(link)
        elif door is Door.REQUEST:
            session, number, command = brought
            works.request(session, number, command, _nobody)
        else:
            _OF_THE_WORKS[door](works, *brought)
            if door is Door.EPOCH and self._stream is not None:
                self._stream.begin_epoch(works.owner.model.epoch)

    def _compare(self, step: Step) -> None:
        if self._clock.parted is not None:
            raise self._clock.parted  # the works took it for a fault of theirs
        if self._clock.unread:
            raise Parted(f"the time is asked for {self._clock.unread} times less than it was then")
        if (sent := covered(b"".join(self._intake.sent_now))) != step.sent:
            raise Parted(_difference("sent to the switch", sent, step.sent))
        crc = 0
        for frame in self._tap.frames:
            crc = zlib.crc32(frame, crc)
        if len(self._events) != step.events:
            raise Parted(f"{len(self._events)} events are published where it were {step.events} then")
        if crc != step.frames_crc:
            first = self._events[0].number
            raise Parted(f"event {first}, or one of the {len(self._events)} from it on, has another frame than then")

    def _publish(self, event: Event) -> None:
        assert self._stream is not None
        self._events.append(event)
        self._stream.publish(event)

    def _bad(self, record: Record, text: str) -> BadCapture:
        number = 0 if self._works is None else self._works.owner.model.number
        kind = Door(record.kind).name if record.kind in Door.__members__.values() else str(record.kind)
        said = f"{text} (record {kind}, step {self.steps + 1}, after event {number})"
        if self.header is not None and self.header.software != software():
            said += f"; this capture was made by {self.header.software}, and this is {software()}"
        return BadCapture(self.file, record.offset, said)


_OF_THE_WORKS: dict[Door, Callable[..., None]] = {
    Door.BEGUN: Works.begin,
    Door.SITE: Works.take_site,
    Door.TICK: Works.tick,
    Door.LINK_WAITS: Works.link_waits,
    Door.LINK_STOPPED: Works.link_stopped,
    Door.EPOCH: Works.begin_epoch,
    Door.CONDITION: Works.condition,
}


def _nobody(*_: object) -> None:
    """Nobody waits for an answer any more."""


def _difference(what: str, now: bytes, then: bytes) -> str:
    at = next((at for at, (a, b) in enumerate(zip(now, then, strict=False)) if a != b), min(len(now), len(then)))
    shown = cast(tuple[str, str], tuple(repr(one[at : at + 40])[1:] for one in (now, then)))
    return f"{what}: from byte {at} on {shown[0]} where it was {shown[1]} then"
