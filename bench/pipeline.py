"""Framed CSTA XML in, numbered events out to a subscriber, against lxml parsing and walking the same bytes.

Ours is the whole way of a shipped gateway: deframe, parse, normalise, call model, encode, fan-out, one write a turn to
a real subscriber on a real socket. The other side only parses each event's XML and reads every tag and text, which is
what any client of a CSTA switch does before it knows anything. The bytes are recorded from the simulator first. The two
sides take turns of a few hundredths of a second, so that both meet the same machine, busy or not.
"""

import asyncio
import gc
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import uvloop
from lxml import etree

from bench.subscriber import reader_process
from gateway.archive import JournalArchive
from gateway.capture.recorder import Captured, CaptureLimits, Recorder
from gateway.config import GIGABYTE, MEGABYTE, CaptureSettings, JournalSettings
from gateway.doors import Door
from gateway.intake import Intake
from gateway.links.csta_xml.framing import Deframer, Frame
from gateway.links.csta_xml.profiles import STANDARD
from gateway.links.csta_xml.session import SessionLimits, SwitchSession
from gateway.owner import Owner
from gateway.portcfg import Port, parse
from gateway.resuming import begin
from gateway.works import Works
from model.core import CallModel
from model.ids import DeviceNumber, Microseconds
from model.states import LinkState
from model.view import Device, Licence, Link
from protocol.server import Hooks, UlpServer
from protocol.snapshots import pack_snapshot
from runtime.clock import Clock, SystemClock
from runtime.logs import Format, LogSettings, open_log
from runtime.tasks import owned_by
from simulator.server import SimulatorServer
from simulator.switch import Plan
from simulator.traffic import Mix

EXTENSIONS = 1_000
TRUNKS = 200
CALLS_PER_SECOND = 200.0
"""Far above a call centre's, so that the recording is short; talk is short too, the mix of events the usual one."""
EVENTS = 20_000
CHUNK_BYTES = 65_536
"""What one read gives under load."""
CHUNKS_A_TURN = 15
"""Some 1,700 events: long enough for the other side's code to be in the caches, short enough to be paired with it."""
ROUNDS = 5
SECONDS_MAX = 120.0

PORT_CFG = f"TRUNK T001-T{TRUNKS:03}\nEXT 1000-{999 + EXTENSIONS}\nQUEUE 6000\n".encode()


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds of one round, all its turns together."""

    ours: float
    theirs: float
    events: int

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs

    def side(self, who: str, seconds: float) -> dict[str, Any]:
        """One side's figures, for the table and for JSON."""
        cost = seconds / self.events
        return {"who": who, "microseconds_per_event": round(cost * 1e6, 1), "events_per_second": round(1 / cost)}


def gateway(
    ports: list[Port],
    clock: SystemClock,
    hooks_spawn: Any,
    journal_folder: Path | None = None,
    recorder: Recorder | None = None,
) -> tuple[Owner, UlpServer, CallModel]:
    """A gateway's inside: model, owner, server; with a folder for it, the journal as shipped, and with a recorder for
    it, a capture."""
    link = Link(LinkState.DOWN, "bench", "", Microseconds(0))
    licence = Licence("evaluation", "", EXTENSIONS, EXTENSIONS, "")
    begun = begin(JournalSettings(folder=journal_folder), link, licence, clock, single_appearance=True)
    model, archive = begun.model, None
    if begun.journal is not None:
        archive = JournalArchive(
            begun.journal, lambda: pack_snapshot(model.snapshot(), 1), clock, _no_trouble, _no_trouble, _no_new_epoch
        )
        archive.begin_segment()

    async def refuse(*_: Any) -> Any:
        raise AssertionError("nobody asks in this benchmark")

    hooks = Hooks(model.snapshot, refuse, refuse, hooks_spawn, clock.wall_us)
    server = UlpServer("bench", model.epoch, hooks, archive=archive)
    if recorder is None:
        owner = Owner(model, server.publish, clock.wall_us)
    else:
        recorder.publish_through(server.publish_body)
        owner = Owner(model, recorder.publish, recorder.clock.wall_us)
        recorder.begin(Works(owner, ports, licence, recorder, link_serves_all=False), _no_trouble)
    owner.configure([Device(DeviceNumber(port.number), port.kind, port.name, port.group) for port in ports])
    return owner, server, model


def _no_trouble(*said: str | None) -> None:
    raise AssertionError(f"trouble: {said}")


def _no_new_epoch() -> None:
    raise AssertionError("the epoch was lost")


class _LinkInPlace:
    """Stands where the TCP connection is: questions go into the session."""

    def __init__(self, session: SwitchSession) -> None:
        self._session = session

    def verify_call(self, call: Any, key: Any) -> None:
        """Ask for a call."""
        self._session.ask_call(call, key)

    def verify_device(self, device: DeviceNumber) -> None:
        """Ask for a device."""
        self._session.ask_device(device)


def new_session(owner: Owner, ports: list[Port], clock: Clock) -> SwitchSession:
    """A session as the link makes it."""
    limits = SessionLimits(window=16, answer_seconds=60.0, silence_seconds=60.0)
    session = SwitchSession(STANDARD, limits, ports, owner, lambda: clock.monotonic_us() / 1e6, clock.wall_us)
    owner.link = _LinkInPlace(session)  # type: ignore[assignment]
    return session


@dataclass(frozen=True, slots=True)
class Recording:
    """What the switch sent: read by read until the link was up (answers must not come before their requests), then
    everything else in one piece."""

    opening: tuple[bytes, ...]
    rest: bytes

    def turns(self) -> Iterator[tuple[list[bytes], list[bytes]]]:
        """The rest in pieces: as reads of a socket under load, and the XML of the events in them."""
        deframer = Deframer()
        deframer.receive(b"".join(self.opening))  # whose last read may end within a frame
        step = CHUNKS_A_TURN * CHUNK_BYTES
        for start in range(0, len(self.rest), step):
            piece = self.rest[start : start + step]
            chunks = [piece[at : at + CHUNK_BYTES] for at in range(0, len(piece), CHUNK_BYTES)]
            frames = deframer.receive(piece)
            yield chunks, [one.body for one in frames if isinstance(one, Frame) and one.is_event]


async def record(ports: list[Port], clock: SystemClock) -> Recording:
    """Bytes of the switch, from the first answer on, until enough events came."""
    plan = Plan(tuple(str(1000 + n) for n in range(EXTENSIONS)), TRUNKS, (("6000", ("1000", "1001")),))
    mix = Mix(calls_per_second=CALLS_PER_SECOND, mean_ring_seconds=0.3, mean_talk_seconds=0.6)
    opening: list[bytes] = []
    rest = bytearray()
    async with SimulatorServer(plan, mix=mix, admin_port=None) as switch, asyncio.TaskGroup() as group:
        switch.act("traffic off")  # what is asked in the opening must not hang on when a call came: it is replayed
        owner, _, model = gateway(ports, clock, owned_by(group))
        session = new_session(owner, ports, clock)
        reader, writer = await asyncio.open_connection("127.0.0.1", switch.port)
        session.start()
        writer.write(session.bytes_to_send())
        counted, events = Deframer(), 0
        async with asyncio.timeout(SECONDS_MAX):
            while events < EVENTS:
                received = await reader.read(CHUNK_BYTES)
                is_opening = not model.link.state.is_up
                if is_opening:
                    opening.append(received)
                else:
                    rest += received
                events += sum(isinstance(f, Frame) and f.is_event for f in counted.receive(received))
                session.receive(received)
                writer.write(session.bytes_to_send())
                if is_opening and model.link.state.is_up:
                    switch.act("traffic on")
        writer.close()
    return Recording(tuple(opening), bytes(rest))


async def one_round(
    recorded: Recording,
    ports: list[Port],
    clock: SystemClock,
    journal_folder: Path | None = None,
    capture_folder: Path | None = None,
) -> tuple[Cost, int]:
    """Both sides through the whole recording, in turns; and the events published."""
    recorder = None if capture_folder is None else recorder_in(capture_folder, clock)
    intake = recorder or Intake(clock)
    async with asyncio.TaskGroup() as group:
        owner, server, model = gateway(ports, clock, owned_by(group), journal_folder, recorder)
        port = await server.start("127.0.0.1", 0)
        async with reader_process(port) as subscriber:
            session = new_session(owner, ports, intake.clock)
            session.start()
            session.bytes_to_send()

            def take(chunk: bytes) -> None:
                session.receive(chunk)
                if sent := session.bytes_to_send():
                    intake.sent(sent)

            for chunk in recorded.opening:
                session.receive(chunk)
                session.bytes_to_send()
            await asyncio.sleep(0)
            gc.collect()
            ours = theirs = 0.0
            events, number = 0, model.number
            for chunks, bodies in recorded.turns():
                theirs += parse_and_walk(bodies)
                began = time.process_time()
                for chunk in chunks:
                    intake.take(Door.RECEIVED, partial(take, chunk), (chunk,))
                    await asyncio.sleep(0)
                ours += time.process_time() - began
                events += len(bodies)
            published = model.number - number
            assert model.link.state.is_up, model.link
            await subscriber.has_read_up_to(model.number)
        await server.stop()
    if recorder is not None:
        assert recorder.is_capturing
        recorder.close()
    return Cost(ours, theirs, events), published


def recorder_in(folder: Path, clock: SystemClock) -> Recorder:
    """A recorder as shipped."""
    settings = CaptureSettings(folder=folder)
    limits = CaptureLimits(folder, int(settings.part_mb * MEGABYTE), int(settings.keep_gb * GIGABYTE))
    return Recorder(limits, Captured("bench", 1, "csta-xml", "standard", {}), clock)


def parse_and_walk(bodies: list[bytes]) -> float:
    """CPU seconds to parse every event and read each element's name and text."""
    began = time.process_time()
    read = 0
    for body in bodies:
        for element in etree.fromstring(body).iter():
            read += len(element.tag) + len(element.text or "")
    assert read
    return time.process_time() - began


def run() -> dict[str, Any]:
    """Record, then the rounds; the figures are those of the median round. Log and journal are written as shipped: level
    info, JSON, to a file; fsync each second. ``without_journal`` is the ratio of as many rounds that keep nothing,
    ``with_capture`` of those that keep a capture and no journal."""
    with tempfile.TemporaryDirectory() as folder:
        log = open_log(LogSettings(file=Path(folder) / "bench.log", format=Format.JSON), daemon="bench")
        try:
            return _run(Path(folder))
        finally:
            log.close()


def _run(folder: Path) -> dict[str, Any]:
    clock = SystemClock()
    ports = list(parse(PORT_CFG, "port.cfg").ports)
    recorded = uvloop.run(record(ports, clock))
    rounds, bare, captured = [], [], []
    for number in range(ROUNDS):
        rounds.append(uvloop.run(one_round(recorded, ports, clock, folder / f"journal-{number}")))
        bare.append(uvloop.run(one_round(recorded, ports, clock))[0].ratio)
        capture_folder = folder / f"capture-{number}"
        captured.append(uvloop.run(one_round(recorded, ports, clock, capture_folder=capture_folder))[0].ratio)
    rounds.sort(key=lambda one: one[0].ratio)
    cost, published = rounds[ROUNDS // 2]
    return {
        "bench": "pipeline",
        "ratio": round(cost.ratio, 2),
        "ratios": [round(one.ratio, 2) for one, _ in rounds],
        "without_journal": round(sorted(bare)[ROUNDS // 2], 2),
        "with_capture": round(sorted(captured)[ROUNDS // 2], 2),
        "csta_events": cost.events,
        "bytes_per_event": round(len(recorded.rest) / cost.events),
        "events_published": published,
        "ours": cost.side("gateway, bytes in to bytes out", cost.ours),
        "theirs": cost.side("lxml, parse and walk", cost.theirs),
    }
