"""The latest time that this gateway has seen, kept in a small file, so that a clock turned back does not revive a
licence.

The gateway calls `remember_time` after each hour of running, never at its start: a clock that is wrong for the first
minutes after power-on (before the time server answers) is then never taken for the truth. The file is plain text and
may be deleted; what that gives an attacker and an operator is told in `docs/decisions/0004-licence.md`. Must not
judge: `licence` does.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from runtime.problems import Problem, Severity, why_unreadable
from runtime.texts import text

REMEMBER_INTERVAL = timedelta(hours=1)
"""Between two writings: coarse enough for any disk, fine enough against a tolerance of a day."""

FILE_BYTES_MAX = 1024
"""One time and a remark."""

BAD_CLOCK_FILE = "L010"


@dataclass(frozen=True, slots=True)
class ClockMemory:
    """What the file says; `problem` when it says nothing that can be understood. No file is no problem: a first
    start."""

    last_seen: datetime | None
    problem: Problem | None = None


def recall_time(path: Path, file: str | None = None) -> ClockMemory:
    """The latest time seen. A damaged file counts as none and is a warning: a full disk must not cost anybody a
    seat."""
    try:
        with path.open("rb") as clock_file:
            written = clock_file.read(FILE_BYTES_MAX)
        moment = datetime.fromisoformat(written.decode("ascii").split()[0])
    except FileNotFoundError:
        return ClockMemory(None)
    except (OSError, ValueError, IndexError) as error:
        return ClockMemory(None, _damaged(file or str(path), error))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return ClockMemory(moment)


def remember_time(path: Path, now: datetime) -> None:
    """Write `now` (aware) down unless a later time stands there already; whole or not at all. Raises OSError."""
    held = recall_time(path).last_seen
    if held is not None and held >= now:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(f"{now.astimezone(UTC).isoformat(timespec='seconds')}  latest time seen by ultralnk\n", "ascii")
    os.replace(fresh, path)


def forget_time(path: Path) -> bool:
    """Remove the memory, after a clock that ran ahead was put right; whether there was any."""
    existed = path.exists()
    path.unlink(missing_ok=True)
    return existed


def _damaged(file: str, error: Exception) -> Problem:
    reason = why_unreadable(error) if isinstance(error, OSError) else text("it holds no time")
    return Problem(
        BAD_CLOCK_FILE,
        Severity.WARNING,
        file,
        text("the latest time seen cannot be read: {reason}", reason=reason),
        expected=text("delete the file; the gateway writes it anew"),
    )
