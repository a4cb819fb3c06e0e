"""A guided run in a process of its own, and what it found, in a line."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.rules.source_tree import ROOT

CORPUS = ROOT / "var" / "fuzz"
"""A folder for each target: what reached something new, kept from run to run and in no repository."""
_STATUS = re.compile(r"cov: (\d+) ft: (\d+) corp: (\d+)/")
_RUNS = re.compile(r"^stat::number_of_executed_units: (\d+)$", re.MULTILINE)
_LEFT = re.compile(r"^Test unit written to (\S+)$|^artifact_prefix=.*Test unit written to (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Course:
    """How a guided run went. ``left`` is the input that broke the target, ``said`` all that it said."""

    target: str
    exit_code: int
    executions: int
    seconds: float
    edges: int
    features: int
    corpus: int
    left: Path | None
    said: str

    @property
    def in_words(self) -> str:
        crashes = "crashes 0" if self.left is None and self.exit_code == 0 else f"crashes 1: {self.left}"
        return (
            f"{self.target:<22} {self.executions:>9} executions {self.executions / self.seconds:>7.0f}/s "
            f"{self.edges:>5} branches {self.features:>6} features {self.corpus:>5} inputs kept  {crashes}"
        )


def guided(target: str, seconds: float, corpus: Path = CORPUS) -> Course:
    """Run a target for so long; it comes back earlier when something breaks."""
    corpus.mkdir(parents=True, exist_ok=True)
    arguments = [sys.executable, "-m", "tests.fuzz", target, str(seconds), str(corpus / target)]
    ended = subprocess.run(arguments, cwd=ROOT, capture_output=True, check=False)
    said = (ended.stdout + ended.stderr).decode("utf-8", "replace")
    edges, features, kept = (_STATUS.findall(said) or [("0", "0", "0")])[-1]
    runs, left = _RUNS.findall(said), _LEFT.search(said)
    return Course(
        target,
        ended.returncode,
        int(runs[-1]) if runs else 0,
        seconds,
        int(edges),
        int(features),
        int(kept),
        None if left is None else ROOT / (left[1] or left[2]),
        said,
    )
