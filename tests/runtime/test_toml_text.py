"""What the parser refuses, what it raises beside its own error, and what it takes and nobody after it could."""

import pytest

from runtime.texts import Text
from runtime.toml_text import NESTED_MAX, NUMBER_BITS_MAX, NoToml, document_of

MANY = "9" * 5_000


def why_not(source: str) -> tuple[str, int | None, int | None]:
    """The words, the line and the column of a text that is not taken."""
    found = document_of(source)
    assert isinstance(found, NoToml)
    words = found.detail.render() if isinstance(found.detail, Text) else found.detail
    return words, found.line, found.column


def test_values_as_the_parser_gives_them() -> None:
    assert document_of('a = 1\n[b]\nc = ["x", {d = 1.5}]\n') == {"a": 1, "b": {"c": ["x", {"d": 1.5}]}}
    assert document_of("") == {}


def test_what_is_no_toml_is_told_in_the_parser_s_words_with_its_place() -> None:
    words, line, column = why_not("a = 1\nb = = 2\n")
    assert "Invalid value" in words
    assert (line, column) == (2, 5)


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        (f"a = 1\nb = {MANY}\n", 2, 5),
        (f"a = [1, {MANY}]", 1, 9),
        (f"[t]\nx.y = 0x{'f' * 5_000}\n", 2, 7),
        (f"a = {2**NUMBER_BITS_MAX}", 1, 5),
    ],
)
def test_a_number_that_could_not_even_be_shown(source: str, line: int, column: int) -> None:
    assert why_not(source) == ("a number with more digits than any number here", line, column)


def test_a_number_that_is_only_too_large_is_a_value_like_any_other() -> None:
    assert document_of("port = 99999999999999999999999999") == {"port": 99999999999999999999999999}
    assert document_of(f"a = {2**NUMBER_BITS_MAX - 1}") == {"a": 2**NUMBER_BITS_MAX - 1}


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (f"a = 1\nb = {'[' * NESTED_MAX}1{']' * NESTED_MAX}\n", 2),
        (f"a = {'{b = ' * NESTED_MAX}1{'}' * NESTED_MAX}\n", 1),
        (f"\n\n[{'a.' * NESTED_MAX}b]\n", 3),
        (f"a = {'[' * 10_000}{']' * 10_000}\n", None),
        (f"[{'a.' * 10_000}b]\n", None),
    ],
)
def test_what_is_nested_more_deeply_than_anybody_reads(source: str, line: int | None) -> None:
    words, told, _ = why_not(source)
    assert (words, told) == (f"more than {NESTED_MAX} tables or lists within each other", line)


def test_what_is_nested_as_deeply_as_may_be() -> None:
    assert not isinstance(document_of(f"a = {'[' * (NESTED_MAX - 1)}{']' * (NESTED_MAX - 1)}"), NoToml)
