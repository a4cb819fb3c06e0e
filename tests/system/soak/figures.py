"""What a process holds, read from /proc, and whether it holds more and more: the slope of a figure over time."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression

HOUR_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Holding:
    """Of one process at one moment. ``own_bytes``: what it has asked for itself, and nobody shares; programs and files
    in memory are not in it, whose part in ``rss_bytes`` depends on who runs beside."""

    rss_bytes: int
    own_bytes: int
    threads: int
    files: int


def holding(pid: int) -> Holding:
    """What the process holds now. FileNotFoundError when there is none."""
    folder = Path("/proc") / str(pid)
    status = _keyed(folder / "status")
    memory = _keyed(folder / "smaps_rollup")
    return Holding(
        _kilobytes(status["VmRSS"]),
        _kilobytes(memory["Anonymous"]),
        int(status["Threads"]),
        len(os.listdir(folder / "fd")),
    )


def open_files(pid: int) -> list[str]:
    """What its descriptors are, sorted, for a failure's explanation: a path, or ``socket:[…]``."""
    held = []
    for descriptor in (Path("/proc") / str(pid) / "fd").iterdir():
        try:
            held.append(os.readlink(descriptor))
        except FileNotFoundError:  # closed since it was listed
            held.append("closed meanwhile")
    return sorted(held)


def folder_bytes(folder: Path) -> int:
    """The bytes of all files in a folder whose files may be deleted meanwhile."""
    total = 0
    for path in folder.iterdir():
        try:
            total += path.stat().st_size
        except FileNotFoundError:  # deleted since it was listed
            total += 0
    return total


def slope_an_hour(points: Sequence[tuple[float, float]]) -> float:
    """By how much a figure rises in an hour, by least squares over (seconds, figure); 0 for fewer than three points."""
    if len(points) < 3:
        return 0.0
    return linear_regression(*zip(*points, strict=True)).slope * HOUR_SECONDS


def _keyed(path: Path) -> dict[str, str]:
    """A file of ``key: value`` lines; of a line without a colon nothing is kept."""
    lines = path.read_text("ascii").splitlines()
    return {key: value.strip() for key, colon, value in (line.partition(":") for line in lines) if colon}


def _kilobytes(written: str) -> int:
    return int(written.removesuffix(" kB")) * 1024
