"""A capture of an Asterisk link, made from a script of what the switch says: no socket, and a clock moved by hand."""

from pathlib import Path

from gateway.capture.part_files import parts_in
from gateway.capture.recorder import Captured, CaptureLimits, Recorder
from gateway.config import SwitchSettings
from gateway.doors import Door
from gateway.links.making import make_link
from gateway.links.played import Wire
from gateway.owner import Owner
from gateway.portcfg import parse
from gateway.works import Works
from model.core import CallModel
from model.ids import Microseconds
from model.states import LinkState
from model.view import Link
from protocol.frame import pack_frame
from runtime.clock import HandClock
from tests.gateway.capture.captured import LARGE, LICENCE

SWITCH = {"interface": "asterisk", "host": "pbx", "user": "cti", "secret": "s3cret"}
PREFIX = "ultra-0123456789abcdef"
MS = 1_000


class Script:
    """Works with a recorder; ``says`` is the switch's part of the conversation, 10 ms after what came before it."""

    def __init__(self, folder: Path, port_cfg: bytes = b"EXT 8001-8002\n", part_bytes: int = LARGE) -> None:
        self.clock = HandClock(1_795_000_000_000_000, 1_000_000)
        self.frames: list[bytes] = []
        shown = {key: value for key, value in SWITCH.items() if key != "secret"}
        captured = Captured("gateway", 1, "asterisk", "standard", shown)
        self.recorder = recorder = Recorder(CaptureLimits(folder, part_bytes, LARGE), captured, self.clock)
        down = Link(LinkState.DOWN, "asterisk", "", Microseconds(0))
        model = CallModel(1, down, LICENCE, single_appearance=False)
        owner = Owner(model, recorder.publish, recorder.clock.wall_us)
        self.works = works = Works(owner, parse(port_cfg).ports, LICENCE, recorder, link_serves_all=True)
        recorder.publish_through(self._publish)
        recorder.begin(works, lambda code, text: self.frames.append(text.encode()))
        works.begin()
        works.take_site(None, LICENCE)
        self.link = make_link(SwitchSettings.model_validate(SWITCH), works.ports_for_link(), owner, recorder)
        works.link_started(self.link)
        self._folder = folder
        self._wire = Wire()

    def _publish(self, kind: int, body: bytes) -> int:
        self.frames.append(pack_frame(kind, 1, len(self.frames) + 1, body))
        return len(self.frames)

    def comes(self, door: Door, *brought: object) -> None:
        """Something comes in by a door of the link."""
        self.clock.pass_us(10 * MS)
        self.link.play(door, brought, self._wire)

    def says(self, *blocks: str) -> None:
        """The switch says some blocks, lines apart by a bar."""
        text = "".join(block.replace("|", "\r\n") + "\r\n\r\n" for block in blocks)
        self.comes(Door.RECEIVED, text.encode())

    def logs_in(self, *listed: str) -> None:
        """A new connection, and the answer to the first snapshot."""
        self.comes(Door.CONNECTING)
        self.comes(Door.SESSION, PREFIX)
        self.comes(Door.RECEIVED, b"Asterisk Call Manager/11.0.0\r\n")
        self.says(f"Response: Success|ActionID: {PREFIX}-1|Challenge: 1")
        self.says(f"Response: Success|ActionID: {PREFIX}-2", "Event: FullyBooted")
        session = self.link.session  # type: ignore[attr-defined]
        bridges, statuses = (listing.action_id for listing in session._listings)
        self.says(f"Event: BridgeListComplete|ActionID: {bridges}|ListItems: 0")
        self.says(
            *(f"Event: Status|ActionID: {statuses}|{one}" for one in listed),
            f"Event: StatusComplete|ActionID: {statuses}|ListItems: {len(listed)}",
        )

    def says_raw(self, text: str) -> None:
        """A chunk as it is."""
        self.comes(Door.RECEIVED, text.encode())

    def call(self, uniqueid: str = "1795000000.7") -> None:
        """8001 takes the phone off, and puts it down."""
        about = f"Channel: PJSIP/8001-1|Uniqueid: {uniqueid}"
        self.says(f"Event: Newchannel|{about}|ChannelStateDesc: Ring|CallerIDNum: 8001|Exten: 8002|Language: en")
        self.says(f"Event: Hangup|{about}|Cause: 16|Language: en")

    def part(self) -> Path:
        """The capture, which is whole now."""
        self.recorder.close()
        return parts_in(self._folder)[-1]
