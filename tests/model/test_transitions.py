"""The connection-state table against ECMA-269, the happenings without a row, and the diagram in the document."""

import re
import subprocess
import sys

import pytest

from model.reports import Happening
from model.states import ConnectionState
from model.transitions import AFTER, BEGINNINGS, CAN_BEGIN_CALL, PROVES, RULES, Rule, diagram
from tests.rules.source_tree import ROOT

DOCUMENT = ROOT / "docs" / "callmodel.md"

CLAUSES = {
    "17.2.1": "BRIDGED",
    "17.2.4": "CONNECTION_CLEARED",
    "17.2.5": "DELIVERED",
    "17.2.7": "DIVERTED",
    "17.2.8": "ESTABLISHED",
    "17.2.9": "FAILED",
    "17.2.10": "HELD",
    "17.2.12": "NETWORK_REACHED",
    "17.2.13": "OFFERED",
    "17.2.14": "ORIGINATED",
    "17.2.15": "QUEUED",
    "17.2.16": "RETRIEVED",
    "17.2.17": "SERVICE_INITIATED",
}
"""Call control events of ECMA-269 that move one connection."""

WITHOUT_ROW = {"CALL_CLEARED", "CALL_INFORMATION", "DIGITS_DIALED", "TRANSFERRED_AWAY", "REKEYED_HERE"}

TABLE = """
              null       initiated  alerting   connected  hold       queued     fail
service_i     initiated  initiated  -          -          -          -          -
originated    connected  connected  -          -          -          -          -
network_r     connected  connected  -          connected  -          -          -
offered       alerting   -          -          -          -          -          -
delivered     alerting   -          alerting   -          -          alerting   -
queued        queued     -          queued     queued     -          -          -
established   connected  connected  connected  connected  -          connected  -
held          -          -          -          hold       -          -          -
retrieved     -          -          -          -          connected  -          -
bridged       queued     -          queued     queued     queued     -          -
diverted      -          -          null       null       -          null       null
failed        fail       fail       fail       fail       -          fail       -
connection_c  -          null       null       null       null       null       null
"""
"""Each state and each event of a connection; ``-`` cannot be."""


def cells() -> list[tuple[ConnectionState, Happening, ConnectionState | None]]:
    """The table above, cell by cell."""
    heading, *rows = TABLE.strip().splitlines()
    states = [ConnectionState[name.upper()] for name in heading.split()]
    found = []
    for row in rows:
        name, *afters = row.split()
        (happening,) = (one for one in Happening if one.name.lower().startswith(name))
        for state, after in zip(states, afters, strict=True):
            found.append((state, happening, None if after == "-" else ConnectionState[after.upper()]))
    return found


@pytest.mark.parametrize(("state", "happening", "after"), cells(), ids=lambda part: getattr(part, "name", "never"))
def test_each_state_and_happening_is_in_the_table_or_refused(
    state: ConnectionState, happening: Happening, after: ConnectionState | None
) -> None:
    assert AFTER.get((state, happening)) is after


def test_nothing_is_in_the_table_that_stands_not_above() -> None:
    assert {(state, happening) for state, happening, after in cells() if after is not None} == set(AFTER)
    assert {happening for _, happening, _ in cells()} == {one for one in Happening if one.name not in WITHOUT_ROW}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.happening.name)
def test_each_row_names_its_clause(rule: Rule) -> None:
    assert CLAUSES[rule.clause] == rule.happening.name


def test_each_event_of_the_standard_has_one_row() -> None:
    assert sorted(rule.clause for rule in RULES) == sorted(CLAUSES)
    assert {one.name for one in Happening} - set(CLAUSES.values()) == WITHOUT_ROW


def test_a_happening_proves_one_state_whatever_was_before() -> None:
    """What is applied when a report cannot be: the state it ends in is the same from everywhere."""
    for (_, happening), after in AFTER.items():
        assert PROVES[happening] is after


def test_every_state_can_be_reached_and_left() -> None:
    assert set(AFTER.values()) == set(ConnectionState)
    assert {state for (state, _), after in AFTER.items() if after is not state} == set(ConnectionState)


def test_a_connection_begins_only_from_null() -> None:
    """And what may begin a call, begins a connection in it."""
    assert BEGINNINGS < CAN_BEGIN_CALL
    for happening in CAN_BEGIN_CALL:
        assert (ConnectionState.NULL, happening) in AFTER
    for happening in (Happening.HELD, Happening.RETRIEVED, Happening.CONNECTION_CLEARED, Happening.DIVERTED):
        assert happening not in CAN_BEGIN_CALL
        assert (ConnectionState.NULL, happening) not in AFTER


def test_the_diagram_has_an_edge_for_each_pair_of_states_and_names_every_event_on_it() -> None:
    heading, *lines = diagram().splitlines()
    assert heading == "stateDiagram-v2"
    drawn = set()
    for line in lines:
        found = re.fullmatch(r" {4}(\w+) --> (\w+): (.+)", line)
        assert found, line
        for event in found[3].split(", "):
            name, _, clause = event.partition(" ")
            drawn.add((found[1], name, found[2]))
            assert CLAUSES[clause.strip("()")] == name.upper()
    assert drawn == {(a.name.lower(), one.name.lower(), b.name.lower()) for (a, one), b in AFTER.items()}
    assert len({line.partition(":")[0] for line in lines}) == len(lines)


def test_the_document_shows_the_diagram_of_the_table() -> None:
    """``python -m model.transitions`` prints what stands there."""
    printed = subprocess.run(
        [sys.executable, "-m", "model.transitions"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert printed == diagram() + "\n"
    assert f"```mermaid\n{printed}```\n" in DOCUMENT.read_text(encoding="utf-8")
