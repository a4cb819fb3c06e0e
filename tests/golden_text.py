"""Texts that were read by a person once and are compared with ever since."""

import os
from pathlib import Path


def held(path: Path, output: str) -> str:
    """The expected output; with UPDATE_GOLDEN set it becomes what was put out."""
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(output, "utf-8", newline="")
    return path.read_text("utf-8")
