"""What comes out of the normaliser beside reports, as values: it raises no alarm and sends no action itself."""

from dataclasses import dataclass

from model.reports import Report


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something an operator should know of; ``code`` is stable."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class SnapshotWanted:
    """What was heard cannot be trusted or does not fit: ask the switch for its channels."""

    reason: str


Effect = Report | Alarm | SnapshotWanted
