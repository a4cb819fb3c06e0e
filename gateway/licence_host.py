"""Which machine this is, for licences that are bound to one.

The id is derived from systemd's machine id (machine-id(5), which asks not to show it itself), so it survives a new
address, disk or name, and a copied virtual machine has to be given its own. A machine without one has no id: only
unbound licences hold there.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

MACHINE_ID_FILES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
HOST_ID_DIGITS = 16
"""Hex digits: a licence names a handful of machines, and people read them out on the telephone."""

_DERIVED = b"ultra-licence-host\n"


def host_ids(files: tuple[Path, ...] = MACHINE_ID_FILES) -> frozenset[str]:
    """The ids of this machine, usually one; none when it has no machine id."""
    return frozenset(host_id(file.read_bytes()) for file in files if file.is_file() and file.stat().st_size)


def host_id(machine_id: bytes) -> str:
    """The id that a licence names, from the content of a machine id file."""
    return hashlib.sha256(_DERIVED + machine_id.strip()).hexdigest()[:HOST_ID_DIGITS]
