"""A gateway's works with a recorder, a link to a simulated switch in this process, and the frames published."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gateway.capture.layout import Record, RecordReader
from gateway.capture.player import Player
from gateway.capture.recorder import Captured, CaptureLimits, Recorder
from gateway.config import SwitchSettings
from gateway.links.making import make_link
from gateway.owner import Owner
from gateway.portcfg import parse
from gateway.works import Works
from model.core import CallModel
from model.ids import Microseconds
from model.states import LinkState
from model.view import Licence, Link
from protocol.frame import pack_frame
from runtime.clock import SystemClock
from runtime.tasks import spawn
from simulator.server import SimulatorServer
from simulator.switch import Plan
from tests.waiting import until

PORT_CFG = b"EXT 1001-1004\nTRUNK T001-T002\n"
LICENCE = Licence("evaluation", "", 32, 0, "")
LARGE = 64 * 1024 * 1024
EPOCH = 7


@dataclass(slots=True)
class Site:
    """What is captured, and what was published of it."""

    folder: Path
    works: Works
    recorder: Recorder
    switch: SimulatorServer
    frames: list[bytes] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)

    def act(self, *lines: str) -> None:
        """Let people at the switch do something."""
        for line in lines:
            answer = self.switch.act(line)
            assert answer.get("ok"), (line, answer)

    async def states(self, number: str, state: str) -> None:
        """Until a device is seen so."""
        device = next(port.number for port in self.works.roster.ports() if port.number == number)
        await until(lambda: self.works.owner.model.device_state(device).name.lower() == state)

    async def calls(self, times: int = 1) -> None:
        """1001 calls 1002, who answers; 1001 hangs up."""
        for _ in range(times):
            self.act("call 1001 1002")
            await self.states("1002", "ringing")
            self.act("answer 1002")
            await self.states("1002", "talking")
            self.act("hangup 1001")
            await self.states("1002", "idle")


@asynccontextmanager
async def captured(folder: Path, *, part_bytes: int = LARGE, keep_bytes: int = LARGE) -> AsyncIterator[Site]:
    """The link is up; at the end the capture is whole."""
    plan = Plan(extensions=("1001", "1002", "1003", "1004"), trunks=2, pilots=(), outside_answers_seconds=None)
    async with SimulatorServer(plan) as switch:
        switch_settings = {"interface": "csta-xml", "host": "127.0.0.1", "port": switch.port}
        recorder = Recorder(
            CaptureLimits(folder, part_bytes, keep_bytes),
            Captured("gateway", 1, "csta-xml", "standard", switch_settings),
            SystemClock(),
        )
        model = CallModel(EPOCH, Link(LinkState.DOWN, "csta-xml", "", Microseconds(0)), LICENCE)
        owner = Owner(model, recorder.publish, recorder.clock.wall_us)
        works = Works(owner, parse(PORT_CFG).ports, LICENCE, recorder, link_serves_all=False)
        site = Site(folder, works, recorder, switch)

        def publish_body(kind: int, body: bytes) -> int:
            number = len(site.frames) + 1
            site.frames.append(pack_frame(kind, 1, number, body))
            return number

        recorder.publish_through(publish_body)
        recorder.begin(works, lambda code, text: site.said.append((code, text)))
        works.begin()
        works.take_site(None, LICENCE)
        link = make_link(SwitchSettings.model_validate(switch_settings), works.ports_for_link(), owner, recorder)
        works.link_started(link)
        async with asyncio.TaskGroup() as group:
            running = spawn(group, link.run(), name="link under test")
            try:
                await until(lambda: model.link.state.is_up)
                yield site
            finally:
                running.cancel()
                await asyncio.wait({running})
                works.link_stopped("the test is over")
                recorder.close()


def records_of(path: Path) -> list[Record]:
    """Every record of a part."""
    return list(RecordReader(path.name).receive(path.read_bytes()))


def frames_of(*paths: Path) -> list[bytes]:
    """What parts give when they are played, each by itself."""
    frames: list[bytes] = []
    for path in paths:
        player = Player(path.name)
        frames += [published.frame for record in records_of(path) for published in player.play(record)]
    return frames
