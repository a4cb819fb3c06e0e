"""Keeps in files what comes in by the gateway's doors. It never disturbs the service: what cannot be kept is said once,
counted, and then nothing more is kept.

A part ends between two steps when it is large enough, and the next one opens with the works as they are then; so each
can be played without those before it.
"""

import platform
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import structlog

from gateway.capture import still
from gateway.capture.clocks import NotingClock
from gateway.capture.header import Header
from gateway.capture.layout import CHECKPOINT, END, HEADER, SUFFIX, opening, pack_record
from gateway.capture.part_files import PartFile, make_room
from gateway.capture.secrets_masked import covered
from gateway.capture.software import software
from gateway.capture.step import StepCodec
from gateway.doors import Door
from gateway.intake import Intake
from gateway.portcfg import Port, write
from gateway.works import Works
from model.events import Event
from protocol.frame import pack_frame
from protocol.packing import pack_event
from runtime.clock import Clock

log = structlog.get_logger("gateway.capture")

T = TypeVar("T")

PublishBody = Callable[[int, bytes], int]
"""Publishes an event that is encoded already, under the next number, which it returns."""


@dataclass(frozen=True, slots=True)
class CaptureLimits:
    """``part_bytes``: about so large a part is. ``keep_bytes``: of all parts in the folder; the oldest go first."""

    folder: Path
    part_bytes: int
    keep_bytes: int


@dataclass(frozen=True, slots=True)
class Captured:
    """What is captured: the stream's name and index, and the switch's settings without their secret."""

    stream: str
    stream_index: int
    interface: str
    profile: str
    switch: dict[str, Any]
    masked_numbers: bool = False


class Recorder(Intake):
    """An intake that notes everything. ``begin`` once the works are there, ``close`` at the end."""

    clock: NotingClock

    def __init__(self, limits: CaptureLimits, captured: Captured, clock: Clock, *, stamps: Clock | None = None) -> None:
        """``stamps`` says when a step came, where that is another clock than the one that is noted."""
        super().__init__(NotingClock(clock))
        self.steps_lost = 0
        """Steps that came in after the capture stopped by itself."""
        self.parts = 0
        self._limits = limits
        self._captured = captured
        self._name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{time.time_ns() % 1_000_000:06}"
        self._machine = stamps or clock
        self._works: Works | None = None
        self._say: Callable[[str, str], None] = lambda code, words: None
        self._publish_body: PublishBody | None = None
        self._file: PartFile | None = None
        self._codec = StepCodec(0, 0)
        self._opening_bytes = 0
        self._ports: list[Port] = []
        self._port_cfg = ""
        self._is_inside = False
        self._has_failed = False
        self._sent: list[bytes] = []
        self._events = 0
        self._crc = 0

    @property
    def is_capturing(self) -> bool:
        """Whether what comes in is kept."""
        return self._file is not None

    def publish_through(self, publish_body: PublishBody) -> None:
        """Where events go; before the first one."""
        self._publish_body = publish_body

    def begin(self, works: Works, say: Callable[[str, str], None]) -> None:
        """From now on. ``say`` gets a code and words when keeping ends by itself."""
        self._works = works
        self._say = say
        self._guarded(self._begin_part)

    def close(self) -> None:
        """The last part is whole."""
        self._guarded(self._end_part)
        if self.steps_lost:
            log.warning("capture_incomplete", steps_lost=self.steps_lost)

    def publish(self, event: Event) -> None:
        """Publish an event, and remember its frame for the step that made it."""
        assert self._publish_body is not None, "publish_through comes first"
        kind, body = pack_event(event)
        number = self._publish_body(kind, body)
        if self._file is None:
            return
        self._events += 1
        self._crc = zlib.crc32(pack_frame(kind, self._captured.stream_index, number, body), self._crc)

    def sent(self, outgoing: bytes) -> None:
        """See ``Intake``."""
        if self._file is not None:
            self._sent.append(outgoing)

    def take(self, door: Door, act: Callable[[], T], brought: tuple[object, ...] = ()) -> T:
        """See ``Intake``."""
        if self._is_inside:
            return act()
        if self._file is None:
            self.steps_lost += self._has_failed
            return act()
        wall_us = self._machine.wall_us()
        readings: list[int] = []
        self.clock.readings = readings
        self._is_inside = True
        try:
            return act()
        finally:
            self._is_inside = False
            self.clock.readings = None
            self._guarded(partial(self._note, door, wall_us, brought, readings))

    # -- keeping -------------------------------------------------------------------------------------------------

    def _note(self, door: Door, wall_us: int, brought: tuple[object, ...], readings: list[int]) -> None:
        assert self._file is not None
        sent = covered(b"".join(self._sent)) if self._sent else b""
        content = self._codec.pack(wall_us, values(door, brought), readings, sent, self._events, self._crc)
        self._sent, self._events, self._crc = [], 0, 0
        self._file.write(pack_record(door, content))
        if door is Door.TICK:
            self._file.flush()
        if self._file.size - self._opening_bytes >= self._limits.part_bytes:
            self._begin_part()

    def _begin_part(self) -> None:
        assert self._works is not None
        self.parts += 1
        began = time.perf_counter()
        header = self._header(self._works)
        self._codec = StepCodec(header.wall_us, header.monotonic_us)
        wires = {"clock": self.clock, "intake": self}
        checkpoint = still.written(self._works, wires)
        freezing_ms = (time.perf_counter() - began) * 1000
        name = f"capture-{self._name}-{self.parts:06}{SUFFIX}"
        self._end_part(name)
        make_room(self._limits.folder, self._limits.keep_bytes)
        self._file = file = PartFile(self._limits.folder / name)
        file.write(opening() + pack_record(HEADER, header.pack()) + pack_record(CHECKPOINT, checkpoint))
        file.flush()
        self._opening_bytes = file.size
        log.info("capture_part_began", file=name, checkpoint_bytes=len(checkpoint), checkpoint_ms=round(freezing_ms, 1))

    def _header(self, works: Works) -> Header:
        wall_us, captured, model = self._machine.wall_us(), self._captured, works.owner.model
        ports = works.roster.ports()
        if ports != self._ports:  # to write a large port.cfg takes longer than all the rest
            self._ports, self._port_cfg = ports, write(ports).decode()
        return Header(
            software=software(),
            python=platform.python_version(),
            capture=self._name,
            part=self.parts,
            began=datetime.fromtimestamp(wall_us / 1_000_000, UTC).isoformat(),
            wall_us=wall_us,
            monotonic_us=self._machine.monotonic_us(),
            stream=captured.stream,
            stream_index=captured.stream_index,
            epoch=model.epoch,
            next_number=model.number + 1,
            interface=captured.interface,
            profile=captured.profile,
            switch=captured.switch,
            port_cfg=self._port_cfg,
            seats=works.seats,
            masked_numbers=captured.masked_numbers,
        )

    def _end_part(self, next_file: str = "") -> None:
        file, self._file = self._file, None
        if file is not None:
            file.write(pack_record(END, next_file.encode()))
            file.close()

    def _guarded(self, step: Callable[[], None]) -> None:
        """What keeps the capture from being written stops the capture, and nothing else."""
        try:
            step()
        except Exception as error:
            self._has_failed = True
            file, self._file = self._file, None
            if file is not None:
                file.abandon()
            reason = error.strerror or str(error) if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
            log.error("capture_stopped", reason=reason, exc_info=not isinstance(error, OSError))
            self._say("capture_stopped", f"the capture in {self._limits.folder} ends here: {reason}; service goes on")


def values(door: Door, brought: tuple[object, ...]) -> bytes:
    """What a step brings, as bytes: those of the switch as they came, everything else as values."""
    if not brought:
        return b""
    if door is Door.RECEIVED:
        (chunk,) = brought
        assert isinstance(chunk, bytes)
        return chunk
    return still.written(brought, {})


def values_of(door: Door, written: bytes) -> tuple[Any, ...]:
    """What ``values`` was given."""
    if door is Door.RECEIVED:
        return (written,)
    brought = still.read(written, {}) if written else ()
    if not isinstance(brought, tuple):
        raise still.Stranger("what a step brings are several values")
    return brought
