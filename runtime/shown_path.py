"""A path as operators want to see it, for everything that is told of files."""

import os
from pathlib import Path


def shown(path: Path) -> str:
    """A path as operators want to see it: without detours, and from here when it is below here."""
    plain = os.path.normpath(path)
    here = os.getcwd() + os.sep
    return plain.removeprefix(here)
