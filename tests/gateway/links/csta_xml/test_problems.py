"""Counts of the unknown are bounded, since the names come from the peer."""

from gateway.links.csta_xml.problems import (
    EXCERPT_BYTES,
    NAME_CHARACTERS_MAX,
    UNKNOWN_NAMES_MAX,
    ParseFault,
    ParseProblem,
    UnknownElements,
    excerpt,
)


def test_a_name_is_new_once() -> None:
    unknown = UnknownElements()
    assert unknown.count("HeldEvent/colour")
    assert not unknown.count("HeldEvent/colour")
    assert (unknown.total, unknown.by_name["HeldEvent/colour"]) == (2, 2)


def test_names_are_bounded_and_all_are_counted() -> None:
    unknown = UnknownElements()
    for number in range(UNKNOWN_NAMES_MAX + 50):
        assert unknown.count(f"x{number}") is (number < UNKNOWN_NAMES_MAX)
    assert len(unknown.by_name) == UNKNOWN_NAMES_MAX
    assert unknown.total == UNKNOWN_NAMES_MAX + 50
    unknown.count("x1")
    assert unknown.by_name["x1"] == 2


def test_long_names_are_cut() -> None:
    unknown = UnknownElements()
    unknown.count("n" * 60_000)
    assert [len(name) for name in unknown.by_name] == [NAME_CHARACTERS_MAX]


def test_a_problem_says_what_is_wrong() -> None:
    problem = ParseProblem(ParseFault.INCOMPLETE, "monitorCrossRefID", "HeldEvent", "")
    assert str(problem) == "HeldEvent: a mandatory element is missing or unreadable: monitorCrossRefID"
    assert str(ParseProblem(ParseFault.DOCTYPE, "", "", "")).startswith("body: a DOCTYPE")


def test_an_excerpt_is_short() -> None:
    assert excerpt(b"<" * 1000) == "3c" * EXCERPT_BYTES
