"""``ultra replay`` as a process of its own, and what it gives back."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

COMMAND = "from ultra.replay import replay; replay(prog_name='ultra replay')"
SECONDS_MAX = 120


@dataclass(frozen=True, slots=True)
class Replayed:
    """Exit code, the frames, and what was said on either output."""

    exit_code: int
    frames: bytes
    out: str
    err: str


def replayed(*captures: Path, options: tuple[str, ...] = ("--quiet",)) -> Replayed:
    """Play files; the frames go through a file beside the first one."""
    kept = captures[0].parent / "frames"
    kept.unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *options, "--frames", kept, "--lang", "en", *captures],
        capture_output=True, encoding="utf-8", timeout=SECONDS_MAX, check=False, env={"TZ": "UTC", "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return Replayed(done.returncode, kept.read_bytes() if kept.exists() else b"", done.stdout, done.stderr)


def first_difference(one: bytes, other: bytes) -> str:
    """Where two runs of frames part, for a failure's explanation; empty when they do not."""
    if one == other:
        return ""
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"{len(one)} and {len(other)} bytes, from {at} on: {one[at : at + 40]!r} and {other[at : at + 40]!r}"
