"""The segment that is written on: batches, fsyncs by policy, and the change to a new one. No OSError leaves it.

Knows nothing about numbers; why something failed is a text. After a failed fsync nobody knows what reached the disk,
and a second one would succeed without telling: such a file is not relied on any more.
"""

from pathlib import Path

from gateway.journal import files
from gateway.journal.limits import Fsync
from gateway.journal.record import pack_checkpoint
from gateway.journal.refusals import why_unwritable
from gateway.journal.segment_header import SegmentHeader, pack_segment_header
from runtime.texts import Text


class Tail:
    """`writing` is the newest segment's file, None while there is none that can be written on. `name` is its name."""

    def __init__(self, folder: Path, fsync: Fsync, writing: files.Writing | None, name: str) -> None:
        self._folder = folder
        self._fsync = fsync
        self._writing = writing
        self._name = name
        self._is_doubtful = False
        self._left_unsynced: list[str] = []
        self.unsynced_since_us: int | None = None
        """Since when something waits for `sync` (policy `interval`)."""

    @property
    def is_there(self) -> bool:
        """Whether there is a segment to write on."""
        return self._writing is not None

    @property
    def is_doubtful(self) -> bool:
        """Whether an fsync failed: a new segment is needed."""
        return self._is_doubtful

    @property
    def size(self) -> int:
        """Where the file ends. RuntimeError without a segment."""
        return self._segment().size

    def write(self, batch: bytes, now_us: int) -> Text | None:
        """Write records, safe as the policy promises; why it failed, and then they do not count: nothing of them is
        there, or after an fsync that failed perhaps something. RuntimeError without a segment."""
        writing = self._segment()
        try:
            writing.append(batch)
        except OSError as error:
            return why_unwritable(error)
        if self._fsync is Fsync.ALWAYS:
            try:
                writing.sync()
            except OSError as error:
                self.leave()
                return why_unwritable(error)
        elif self._fsync is Fsync.INTERVAL and self.unsynced_since_us is None:
            self.unsynced_since_us = now_us
        return None

    def sync(self) -> Text | None:
        """Make safe what waits for it; why it failed."""
        if self.unsynced_since_us is None or self._writing is None:
            return None
        self.unsynced_since_us = None
        try:
            self._writing.sync()
        except OSError as error:
            self._is_doubtful = True
            return why_unwritable(error)
        return None

    def begin(self, header: SegmentHeader, checkpoint: bytes) -> Text | None:
        """Go over to a new segment; why it failed, and then the old one is written on."""
        pieces = (pack_segment_header(header), pack_checkpoint(checkpoint), checkpoint)
        try:
            writing = files.begin_whole(self._folder, header.name, pieces)
        except OSError as error:
            return why_unwritable(error)
        if self._fsync is Fsync.NEVER and self._writing is not None:
            self._left_unsynced.append(self._name)
        self.leave()
        self._writing, self._name, self._is_doubtful = writing, header.name, False
        return None

    def leave(self) -> None:
        """Write on this one no more."""
        if self._writing is not None:
            self._writing.close()
        self._writing = None
        self._is_doubtful = False
        self.unsynced_since_us = None

    def close(self) -> tuple[bool, Text | None]:
        """Make everything safe and close: whether it is, and why not."""
        is_safe = not self._is_doubtful
        reason = None
        try:
            for name in self._left_unsynced:
                files.sync_file(self._folder / name)
            if self._writing is not None:
                self._writing.sync()
        except OSError as error:
            is_safe, reason = False, why_unwritable(error)
        self.leave()
        return is_safe, reason

    def _segment(self) -> files.Writing:
        if self._writing is None:
            raise RuntimeError("no segment was begun")
        return self._writing
