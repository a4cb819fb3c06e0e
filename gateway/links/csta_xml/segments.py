"""Snapshot answers that come in pieces, as requests of the switch (SnapshotDeviceData, SnapshotCallData). Pure.

A piece may come before the response that announces it. An answer of which a piece is missing is no answer: what is
not in it would count as gone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.links.csta_xml.messages import SnapshotCallData, SnapshotCallInfo, SnapshotDeviceData, SnapshotDeviceInfo

Piece = SnapshotDeviceData | SnapshotCallData
Row = SnapshotCallInfo | SnapshotDeviceInfo
OnComplete = Callable[[tuple[Row, ...] | None], None]
"""Gets all rows, or None when the answer is given up."""

SEGMENTS_SECONDS = 30.0
"""Between two pieces; an answer that does not go on is given up and asked for again."""
ROWS_MAX = 10_000
"""Connections of one device or call: a trunk group's at most, and no more are kept of a switch that never ends."""
EARLY_ANSWERS_MAX = 1_000
"""Answers whose announcement is still to come: as many as there can be requests under way."""


@dataclass(slots=True)
class _Gathered:
    until_seconds: float
    rows: list[Row] = field(default_factory=list)
    segment_id: int | None = None
    is_broken: bool = False
    is_complete: bool = False
    on_complete: OnComplete | None = None


class SegmentedAnswers:
    """Answers being gathered, by their service cross reference. ``now`` is monotonic, in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._gathered: dict[str, _Gathered] = {}

    def announced(self, cross_ref_id: str, on_complete: OnComplete) -> None:
        """A response says that its rows come under this reference."""
        gathered = self._of(cross_ref_id)
        if gathered.on_complete is not None:
            gathered.on_complete(None)  # the switch uses its reference again
            gathered = self._gathered[cross_ref_id] = _Gathered(self._now() + SEGMENTS_SECONDS)
        gathered.on_complete = on_complete
        self._finish(cross_ref_id, gathered)

    def piece(self, piece: Piece) -> None:
        """A piece came."""
        cross_ref_id = piece.service_cross_ref_id
        if cross_ref_id not in self._gathered and len(self._gathered) >= EARLY_ANSWERS_MAX:
            return
        gathered = self._of(cross_ref_id)
        before, gathered.segment_id = gathered.segment_id, piece.segment_id
        if before is not None and piece.segment_id is not None and piece.segment_id != before + 1:
            gathered.is_broken = True
        gathered.rows.extend(piece.snapshot or ())
        if len(gathered.rows) > ROWS_MAX:
            gathered.is_broken = True
            gathered.rows.clear()
        gathered.until_seconds = self._now() + SEGMENTS_SECONDS
        gathered.is_complete = piece.last_segment
        self._finish(cross_ref_id, gathered)

    def expire(self) -> None:
        """Give up those that do not go on."""
        now = self._now()
        for cross_ref_id in [key for key, one in self._gathered.items() if one.until_seconds <= now]:
            gathered = self._gathered.pop(cross_ref_id)
            if gathered.on_complete is not None:
                gathered.on_complete(None)

    def deadline(self) -> float | None:
        """When ``expire`` is next due."""
        return min((one.until_seconds for one in self._gathered.values()), default=None)

    def _of(self, cross_ref_id: str) -> _Gathered:
        return self._gathered.setdefault(cross_ref_id, _Gathered(self._now() + SEGMENTS_SECONDS))

    def _finish(self, cross_ref_id: str, gathered: _Gathered) -> None:
        if gathered.on_complete is not None and (gathered.is_complete or gathered.is_broken):
            del self._gathered[cross_ref_id]
            gathered.on_complete(None if gathered.is_broken else tuple(gathered.rows))
