"""docs/callmodel.md against the code, where a table can go out of date."""

import re
from dataclasses import fields

from model.events import CallEvent
from model.repeats import Verdict
from model.states import ConnectionState, DeviceState
from tests.rules.source_tree import ROOT

TEXT = (ROOT / "docs" / "callmodel.md").read_text(encoding="utf-8")


def first_cells(heading: str) -> list[str]:
    """The first column of the first table after a heading row."""
    table = TEXT.partition(heading)[2].partition("\n\n")[0]
    return [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| ")]


def in_code(cells: list[str]) -> list[str]:
    return [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]


def test_every_module_has_its_noun() -> None:
    modules = sorted(path.stem for path in (ROOT / "model").glob("*.py") if path.stem != "__init__")
    assert sorted(in_code(first_cells("| module | noun |"))) == modules


def test_every_field_of_a_call_event_is_explained() -> None:
    documented = in_code(first_cells("| field | what |"))
    assert sorted([*documented, "number", "received_us"]) == sorted(one.name for one in fields(CallEvent))


def test_every_verdict_is_explained() -> None:
    cells = first_cells("| verdict | when | what is done |")
    assert sorted(cells) == sorted(verdict.name.lower() for verdict in Verdict)


def test_every_state_is_named() -> None:
    for state in ConnectionState:
        assert state.name.lower() in TEXT.partition("## Identity")[0]
    shown = TEXT.partition("A device's state (")[2].partition(")")[0].split(", ")
    known = [state for state in DeviceState if state is not DeviceState.NOT_CONFIGURED]
    assert sorted(shown) == sorted(state.name.lower().replace("_", " ") for state in known)
