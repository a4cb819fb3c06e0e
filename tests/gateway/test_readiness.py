"""Ready or not: which reasons there are, which of them are errors, and that the operations page explains all."""

import re
from collections.abc import Sequence

import pytest

from gateway.licence import LicenceKind, LicenceState
from gateway.portcfg import parse
from gateway.readiness import CODES, NAMED_MAX, readiness, unlicensed_ports
from gateway.roster import Roster
from model.ids import DeviceNumber, Microseconds
from model.states import LinkState
from model.view import Link
from runtime.health import Reason, is_good
from runtime.texts import text
from tests.rules.source_tree import ROOT

EVALUATION = LicenceState(LicenceKind.EVALUATION, 32, text("no licence"))


def reasons(
    state: LinkState = LinkState.UP,
    reason: str = "",
    licence: LicenceState = EVALUATION,
    unlicensed: Sequence[str] = (),
    *,
    auto_start: bool = True,
    is_stopping: bool = False,
) -> list[Reason]:
    link = Link(state, "csta-xml", reason, Microseconds(0))
    numbers = [DeviceNumber(one) for one in unlicensed]
    return readiness(link, licence, numbers, auto_start=auto_start, is_stopping=is_stopping)


def lines(found: list[Reason]) -> list[str]:
    return [f"{one.severity.value} {one.code}: {one.text}" for one in found]


def test_all_is_well() -> None:
    assert reasons() == []


@pytest.mark.parametrize("state", [state for state in LinkState if not state.is_up])
def test_a_link_that_is_not_up_is_not_ready_and_says_why(state: LinkState) -> None:
    words = state.name.lower().replace("_", " ")
    assert lines(reasons(state, "the cable")) == [f"error link_not_up: {words}: the cable"]
    assert lines(reasons(state)) == [f"error link_not_up: {words}"]


def test_a_link_that_is_up_but_not_whole_is_told() -> None:
    assert lines(reasons(LinkState.DEGRADED, "3 not monitored")) == ["warning link_degraded: 3 not monitored"]


def test_who_stops_is_not_ready() -> None:
    assert lines(reasons(is_stopping=True)) == ["error stopping: the gateway stops"]


def test_auto_start_off_is_told_though_the_link_is_up() -> None:
    assert [one.code for one in reasons(auto_start=False)] == ["auto_start_off"]
    assert is_good(reasons(auto_start=False))
    assert not is_good(reasons(LinkState.DOWN, "waits", auto_start=False))


@pytest.mark.parametrize("kind", [kind for kind in LicenceKind if kind.code is not None])
def test_a_licence_never_makes_the_gateway_not_ready(kind: LicenceKind) -> None:
    found = reasons(licence=LicenceState(kind, 32, text("the words of the licence")))
    assert lines(found) == [f"warning licence_{kind.label}: the words of the licence"]


def test_ports_without_a_seat_are_counted_and_the_first_named() -> None:
    port_file = parse(b"TRUNK T1\nEXT 8001-8040\n")
    roster = Roster(port_file.ports, 32, lambda _: False)
    unlicensed = unlicensed_ports(roster)
    assert unlicensed == [str(number) for number in range(8033, 8041)]
    assert lines(reasons(unlicensed=unlicensed)) == [
        "warning ports_unlicensed: 8 of port.cfg without a seat: 8033, 8034, 8035, 8036, 8037 and 3 more"
    ]
    assert lines(reasons(unlicensed=unlicensed[:NAMED_MAX]))[0].endswith("8036, 8037")


def test_the_operations_page_explains_every_code_and_no_other() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    section = page.partition("### Readiness")[2].partition("\n#")[0]
    explained = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert explained == list(CODES)
