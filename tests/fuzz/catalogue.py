"""Every fuzz target by its name. Importing it imports what is tried: the guided run watches that happen."""

from tests.fuzz import asterisk, csta, properties, segments, sessions, site_files, web, wire
from tests.fuzz.target import Target

BYTES_TARGETS: tuple[Target, ...] = (
    *wire.TARGETS,
    *sessions.TARGETS,
    *csta.TARGETS,
    *asterisk.TARGETS,
    *site_files.TARGETS,
    *segments.TARGETS,
    *web.TARGETS,
)
TARGETS = {target.name: target for target in (*BYTES_TARGETS, *properties.TARGETS)}
