"""A subscriber that keeps the bytes of every event's frame, from the first one on."""

from typing import Any, cast

from model.ids import EventId
from protocol.client import Address, UlpClient
from protocol.errors import UlpError
from protocol.frame import FrameReader, pack_frame
from protocol.kinds import EVENTS, Role
from protocol.limits import BODY_BYTES_MAX_SERVER
from protocol.messages import Hello
from runtime.tasks import Spawn


class KeptFrames(UlpClient):
    """A client session whose frames of events are kept as they came."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.kept = bytearray()
        self._frames = FrameReader(BODY_BYTES_MAX_SERVER)

    def data_received(self, data: bytes) -> None:
        for frame in self._frames.receive(data):
            if frame.kind in EVENTS:
                self.kept += pack_frame(*frame)
        super().data_received(data)

    async def listen(self) -> None:
        """Until the gateway says goodbye."""
        (place,) = self.welcome.streams
        self.subscribe(EventId(place.epoch, 0))
        try:
            async for _ in self.items():
                continue
        except UlpError as error:
            self.kept_until = str(error)


async def frames_kept(server: Address, spawn: Spawn) -> KeptFrames:
    """Connected; its task ends with the gateway."""
    client = cast(KeptFrames, await KeptFrames.connect(server, Hello("keeps frames", Role.CONSUMER)))
    spawn(client.listen(), name="keeps frames")
    return client
