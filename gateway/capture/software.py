"""Which software this is, to the byte: a replay gives the same frames where the same code runs."""

import zlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

DECIDES = ("gateway", "model", "protocol")
"""Packages whose code decides what is published, and in what bytes."""


@cache
def software() -> str:
    """Version and a checksum of the code: ``0.1.0+5f3a91c2``."""
    root = Path(__file__).resolve().parents[2]
    crc = 0
    for path in sorted(path for package in DECIDES for path in (root / package).rglob("*.py")):
        crc = zlib.crc32(path.read_bytes(), zlib.crc32(str(path.relative_to(root)).encode(), crc))
    try:
        release = version("ultra-cti")
    except PackageNotFoundError:
        release = "0"
    return f"{release}+{crc:08x}"
