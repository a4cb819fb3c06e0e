"""The scenario files of the Asterisk link."""

from pathlib import Path

from gateway.links.asterisk import scenario
from gateway.links.asterisk.scenario import Transcript

FOLDER = Path(__file__).parents[3] / "scenarios" / "asterisk"


def scenarios() -> list[Path]:
    """All of them."""
    return sorted(FOLDER.glob("*.txt"))


def replay(path: Path) -> Transcript:
    """What a file gives."""
    return scenario.transcript_of(path.read_text(encoding="utf-8").splitlines())
