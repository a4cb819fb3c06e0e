"""A copy of a part in which telephone numbers are replaced: played with other numbers, and captured as it is played.

So the copy is a capture like any other, made by this software, and its frames differ from the original's by the numbers
alone. The clock is the original's; where the copy would ask it otherwise, there is no copy.
"""

import secrets
from pathlib import Path

from gateway.capture import still
from gateway.capture.clocks import Parted
from gateway.capture.header import Header
from gateway.capture.numbers_masked import AmiMask, CstaMask, NumberMask, runs_in
from gateway.capture.player import Player, Published
from gateway.capture.recorder import Captured, CaptureLimits, Recorder
from gateway.capture.step import Step
from gateway.config import Interface
from gateway.doors import Door
from gateway.works import Works
from model.events import Event

UNLIMITED_BYTES = 1 << 62
"""One part becomes one part, and nothing is deleted for it."""

SECRET_BYTES = 32


def new_mask(header: Header) -> NumberMask:
    """A mask for all parts of a capture, with a secret of its own; the numbers of port.cfg stay."""
    return NumberMask(secrets.token_bytes(SECRET_BYTES), runs_in([header.port_cfg, *map(str, header.switch.values())]))


class MaskedCopy(Player):
    """Plays a part as ``Player`` does, with other numbers, and keeps that in ``folder``."""

    def __init__(self, file: str, folder: Path, mask: NumberMask | None = None) -> None:
        super().__init__(file)
        self.mask = mask
        self._folder = folder
        self._recorder: Recorder | None = None
        self._link_mask: AmiMask | CstaMask | None = None
        self._held = b""
        """Of what came before the checkpoint, and is to be given to the link again."""
        self._stamps = _Stamps()

    def _begin(self, header: Header) -> None:
        super()._begin(header)
        self._stamps.wall, self._stamps.monotonic = header.wall_us, header.monotonic_us
        self.mask = self.mask or new_mask(header)
        captured = Captured(
            header.stream, header.stream_index, header.interface, header.profile, header.switch, masked_numbers=True
        )
        limits = CaptureLimits(self._folder, UNLIMITED_BYTES, UNLIMITED_BYTES)
        self._recorder = Recorder(limits, captured, self._clock, stamps=self._stamps)
        self._recorder.publish_through(self._publish_body)
        self._gate = self._recorder

    def _load(self, checkpoint: bytes) -> None:
        assert self.mask is not None
        assert self._recorder is not None
        super()._load(checkpoint)
        link = self.works.owner.link
        unread = b"" if link is None else link.take_unread()
        self._works = still.masked(self.works, self.mask.text, self._wires())
        self._new_link_mask()
        if self._link_mask is not None:
            self._held = self._link_mask.received(unread)
        self._recorder.begin(self.works, _failed)

    def _let_in(self, works: Works, door: Door, brought: tuple[object, ...]) -> None:
        assert self.mask is not None
        if door is Door.SESSION:
            self._new_link_mask()
            self._held = b""
        if door is Door.RECEIVED and self._link_mask is not None:
            (chunk,) = brought
            assert isinstance(chunk, bytes)
            brought = (self._held + self._link_mask.received(chunk),)
            self._held = b""
        elif door is not Door.RECEIVED:
            brought = still.masked(brought, self.mask.text, {})
        super()._let_in(works, door, brought)

    def _play(self, step: Step) -> list[Published]:
        self._stamps.wall = step.wall_us
        return super()._play(step)

    def _compare(self, step: Step) -> None:
        """Numbers differ, and nothing else: as many questions for the time, as many events."""
        if self._clock.parted is not None:
            raise self._clock.parted
        if self._clock.unread or len(self._events) != step.events:
            raise Parted("with other numbers something else happens: the copy cannot be made")

    def end(self) -> None:
        """The copy is whole."""
        if self._recorder is not None:
            self._recorder.close()

    def _publish(self, event: Event) -> None:
        assert self._recorder is not None
        self._events.append(event)
        self._recorder.publish(event)

    def _publish_body(self, kind: int, body: bytes) -> int:
        assert self._stream is not None
        number = self._stream.last + 1
        self._stream.publish_body(kind, number, body)
        return number

    def _new_link_mask(self) -> None:
        assert self.header is not None
        assert self.mask is not None
        is_asterisk = self.header.interface == Interface.ASTERISK
        self._link_mask = AmiMask(self.mask) if is_asterisk else CstaMask(self.mask)


class _Stamps:
    """When the steps came, as the original says."""

    wall = 0
    monotonic = 0

    def wall_us(self) -> int:
        return self.wall

    def monotonic_us(self) -> int:
        return self.monotonic


def _failed(code: str, words: str) -> None:
    raise OSError(words)
