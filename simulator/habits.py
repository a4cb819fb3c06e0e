"""How the simulated switch behaves as a peer: profile, durations, segments. Real switches differ in all of it."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.links.csta_xml.namespaces import CSTA_ED3, SUPPORTED_VERSIONS
from gateway.links.csta_xml.profiles import STANDARD, ProfileTraits


@dataclass(frozen=True, slots=True)
class Habits:
    """Settings of the protocol side; times in seconds."""

    traits: ProfileTraits = STANDARD
    versions: tuple[str, ...] = SUPPORTED_VERSIONS
    default_version: str = CSTA_ED3
    session_seconds_max: int = 180
    """The actual duration of an application session is the requested one, but no more than this."""
    keep_alive_seconds: float | None = 30.0
    """The switch sends SystemStatus so often; None: never by itself."""
    events_before_responses: bool = False
    """Events leave before the response of the service that caused them."""
    sequence_numbers: bool = False
    """Each message carries a number and the time (`extensions/security`)."""
    snapshot_segment: int | None = None
    """Snapshots come in requests of so many connections each; None: in the response, as long as they fit."""
    device_list_segment: int = 200
    """The device list comes in requests of so many devices each (about 100 bytes a device)."""
    sessions_max: int = 64
    """Clients beyond these are turned away with maxNumberSessions or cut."""
    epoch_us: int = 0
    """Wall time (microseconds since 1970) at the switch's time 0, for time stamps."""
