"""What differs between the kinds of switch that speak CSTA XML, as one table row each.

A profile overrides only what its switch does otherwise; the session and the simulator read it, nobody tests for names.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.links.csta_xml.namespaces import Profile

STANDARD_PORT = 8800
"""No port is registered for CSTA XML; this one is common in the field and only a default."""
OPENSCAPE_PORT = 1040


@dataclass(frozen=True, slots=True)
class ProfileTraits:
    """How a switch of this profile behaves on the wire (ECMA-354, ECMA-323 Annex J)."""

    profile: Profile
    port: int
    application_session: bool
    """The client opens an application session before anything else."""
    switch_status_first: bool
    """The switch sends SystemStatus by itself after the connection; the client waits for it."""
    system_register: bool
    """The client registers for SystemStatus by SystemRegister."""
    responses_carry_namespace: bool
    device_id_format: str
    """How a dialling number becomes the switch's device id; `{number}` stands for the number."""


STANDARD = ProfileTraits(
    profile=Profile.STANDARD,
    port=STANDARD_PORT,
    application_session=True,
    switch_status_first=False,
    system_register=False,
    responses_carry_namespace=True,
    device_id_format="{number}",
)

OPENSCAPE = ProfileTraits(
    profile=Profile.OPENSCAPE,
    port=OPENSCAPE_PORT,
    application_session=False,
    switch_status_first=True,
    system_register=True,
    responses_carry_namespace=False,
    device_id_format="N<+8621{number}>",
)

TRAITS: dict[Profile, ProfileTraits] = {traits.profile: traits for traits in (STANDARD, OPENSCAPE)}
