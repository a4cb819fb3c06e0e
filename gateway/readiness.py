"""Whether the gateway does its job, and what an operator should look at though it does. Pure.

Not ready is only who cannot tell the truth about calls: the link is not up, or the gateway leaves. Everything else is
told and stops nobody: a gateway without a licence serves its evaluation seats, and to take subscribers away from it
would give a smaller trouble the size of a large one.
"""

from collections.abc import Sequence
from typing import Final

from gateway.licence import LicenceKind, LicenceState
from gateway.roster import Roster
from model.ids import DeviceNumber
from model.states import LinkState
from model.view import Link
from runtime.health import Reason
from runtime.problems import Severity
from runtime.texts import Language

NAMED_MAX: Final = 5
"""Unlicensed ports that are named: enough to find the place in port.cfg; `ultra check` lists all."""

CODES: Final = (
    "stopping",
    "link_not_up",
    "link_degraded",
    "auto_start_off",
    *(f"licence_{kind.label}" for kind in LicenceKind if kind.code is not None),
    "ports_unlicensed",
)
"""Every code there is; docs/operations.md explains them."""


def readiness(
    link: Link, licence: LicenceState, unlicensed: Sequence[DeviceNumber], *, auto_start: bool, is_stopping: bool
) -> list[Reason]:
    """The reasons, empty when all is well. `unlicensed` in the order in which they shall be named."""
    found = []
    if is_stopping:
        found.append(Reason("stopping", "the gateway stops"))
    if not link.state.is_up:
        state = link.state.name.lower().replace("_", " ")
        found.append(Reason("link_not_up", f"{state}: {link.reason}" if link.reason else state))
    elif link.state is LinkState.DEGRADED:
        found.append(_told("link_degraded", link.reason))
    if not auto_start:
        found.append(_told("auto_start_off", "after a start the link waits for `ultra link start`"))
    if licence.kind.code is not None:
        found.append(_told(f"licence_{licence.kind.label}", licence.reason.render(Language.EN)))
    if unlicensed:
        named = ", ".join(unlicensed[:NAMED_MAX])
        more = f" and {len(unlicensed) - NAMED_MAX} more" if len(unlicensed) > NAMED_MAX else ""
        found.append(_told("ports_unlicensed", f"{len(unlicensed)} of port.cfg without a seat: {named}{more}"))
    return found


def unlicensed_ports(roster: Roster) -> list[DeviceNumber]:
    """The ports without the seat that they need, in the order of port.cfg."""
    served = {port.number for port in roster.served()}
    return [port.number for port in roster.ports() if port.number not in served]


def _told(code: str, text: str) -> Reason:
    return Reason(code, text, Severity.WARNING)
