"""A database with some records, and the commands of ``ultra cdr`` run on it."""

from pathlib import Path
from typing import Any

from tests.cdr.sample_records import SECOND, abandoned, at, conversation, leg, segment, visit, written
from tests.ultra.real_site import Done, ultra

EIGHT = at("2026-01-31 08:00:00")
FROM = "2026-01-31"


def database(folder: Path) -> str:
    """Three conversations of one morning; the address."""
    return written(
        f"sqlite:///{folder / 'cdr.db'}",
        conversation(1, EIGHT),
        conversation(2, EIGHT + 60 * SECOND, caller="=cmd()", complete=False, missing=("cti",), transfers=1),
        abandoned(3, EIGHT + 3600 * SECOND, 40),
        leg(1, EIGHT, trunk=""),
        leg(2, EIGHT + 60 * SECOND, trunk="T001", wrap_up=30),
        segment(2, EIGHT + 60 * SECOND, 65),
        visit(1, EIGHT, 5),
    )


def cdr(folder: Path, *arguments: str, **environment: Any) -> Done:
    """``ultra cdr …`` with that database."""
    return ultra("cdr", *arguments, folder=folder, ULTRA_CDR_DATABASE=database(folder), **environment)
