"""The connection-state table (ECMA-269 6.1.5, Figure 6-21, and the event clauses of 17.2), as data.

One row for each (state, happening) that can be. What is not here cannot be: ``model.repeats`` then decides between a
repeat, a late report and a mismatch. ``python -m model.transitions`` prints the diagram that docs/callmodel.md shows.
"""

from dataclasses import dataclass

from model.reports import Happening
from model.states import ConnectionState

NULL, INITIATED, ALERTING = ConnectionState.NULL, ConnectionState.INITIATED, ConnectionState.ALERTING
CONNECTED, HOLD, QUEUED, FAIL = (
    ConnectionState.CONNECTED,
    ConnectionState.HOLD,
    ConnectionState.QUEUED,
    ConnectionState.FAIL,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What one happening does to the connection it concerns: from which states, to which, by which clause."""

    happening: Happening
    before: tuple[ConnectionState, ...]
    after: ConnectionState
    clause: str


RULES = (
    Rule(Happening.SERVICE_INITIATED, (NULL, INITIATED), INITIATED, "17.2.17"),
    Rule(Happening.ORIGINATED, (NULL, INITIATED), CONNECTED, "17.2.14"),
    Rule(Happening.NETWORK_REACHED, (NULL, INITIATED, CONNECTED), CONNECTED, "17.2.12"),
    Rule(Happening.OFFERED, (NULL,), ALERTING, "17.2.13"),
    Rule(Happening.DELIVERED, (NULL, ALERTING, QUEUED), ALERTING, "17.2.5"),
    Rule(Happening.QUEUED, (NULL, ALERTING, CONNECTED), QUEUED, "17.2.15"),
    Rule(Happening.ESTABLISHED, (NULL, INITIATED, ALERTING, CONNECTED, QUEUED), CONNECTED, "17.2.8"),
    Rule(Happening.HELD, (CONNECTED,), HOLD, "17.2.10"),
    Rule(Happening.RETRIEVED, (HOLD,), CONNECTED, "17.2.16"),
    Rule(Happening.BRIDGED, (NULL, ALERTING, CONNECTED, HOLD), QUEUED, "17.2.1"),
    Rule(Happening.DIVERTED, (ALERTING, CONNECTED, QUEUED, FAIL), NULL, "17.2.7"),
    Rule(Happening.FAILED, (NULL, INITIATED, ALERTING, CONNECTED, QUEUED), FAIL, "17.2.9"),
    Rule(Happening.CONNECTION_CLEARED, (INITIATED, ALERTING, CONNECTED, HOLD, QUEUED, FAIL), NULL, "17.2.4"),
)
"""CALL_CLEARED ends every connection of a call, DIGITS_DIALED and CALL_INFORMATION change none: they have no row."""

AFTER = {(state, rule.happening): rule.after for rule in RULES for state in rule.before}
PROVES = {rule.happening: rule.after for rule in RULES}
"""The state a happening proves even when it could not be from the state we knew."""

CALLERS_OWN = (Happening.SERVICE_INITIATED, Happening.ORIGINATED)
"""Told only by the monitor of the device that calls."""

BEGINNINGS = frozenset({Happening.SERVICE_INITIATED, Happening.ORIGINATED, Happening.DELIVERED, Happening.OFFERED})
"""First reports of a connection: they may come late, after another monitor proved what followed them."""

CAN_BEGIN_CALL = BEGINNINGS | {Happening.QUEUED, Happening.NETWORK_REACHED, Happening.FAILED, Happening.ESTABLISHED}
"""Happenings by which a call may first be heard of."""


def diagram() -> str:
    """Mermaid text of the table, for docs/callmodel.md."""
    edges: dict[tuple[ConnectionState, ConnectionState], list[str]] = {}
    for rule in RULES:
        for state in rule.before:
            edges.setdefault((state, rule.after), []).append(f"{rule.happening.name.lower()} ({rule.clause})")
    lines = [f"    {a.name.lower()} --> {b.name.lower()}: {', '.join(names)}" for (a, b), names in edges.items()]
    return "\n".join(["stateDiagram-v2", *lines])


if __name__ == "__main__":
    print(diagram())
