"""A line of port.cfg as words: quotes, comments, spaces, and full-width characters taken for what was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.portcfg_lexer import LexedLine, Setting, Word, is_space, lex, plain_form
from gateway.portcfg_problems import PortCode, SourceLine


def lexed(line: str) -> LexedLine:
    return lex(SourceLine("port.cfg", 1, line))


def words(line: str) -> list[str]:
    """Words as `text` or `key=value`, without quotes."""
    return [word.text if isinstance(word, Word) else f"{word.key.text}={word.value.text}" for word in lexed(line).words]


def problems(line: str) -> list[tuple[str, int | None, int]]:
    return [(problem.code, problem.column, problem.width) for problem in lexed(line).problems]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", []),
        (" \t ", []),
        ("# EXT 8001", []),
        ("  ; EXT 8001", []),
        ("EXT 8001", ["EXT", "8001"]),
        ("\tEXT\t8001  ", ["EXT", "8001"]),
        ("EXT 8001 # name=x", ["EXT", "8001"]),
        ("EXT 8001 ;name=x", ["EXT", "8001"]),
        ("EXT 8001 device=N<1>;display=1 ; comment", ["EXT", "8001", "device=N<1>;display=1"]),
        ("EXT 8001 device=8001#", ["EXT", "8001", "device=8001#"]),
        ('EXT 8001 name="a # b ; c"', ["EXT", "8001", "name=a # b ; c"]),
        ('EXT 8001 name="前台 Reception" group=x', ["EXT", "8001", "name=前台 Reception", "group=x"]),
        ('EXT 8001 name=""', ["EXT", "8001", "name="]),
        ('EXT 8001 name="a""b"', ["EXT", "8001", 'name=a"b']),
        ('EXT 8001 name="""a"', ["EXT", "8001", 'name="a']),
        ("EXT 8001 device=a=b", ["EXT", "8001", "device=a=b"]),
        ("name=x EXT", ["name=x", "EXT"]),
        ("=x", ["=x"]),
    ],
)
def test_words(line: str, expected: list[str]) -> None:
    assert words(line) == expected
    assert problems(line) == []


def test_words_know_their_place() -> None:
    kind, number, name = lexed('EXT  8001 name="前 台"').words
    assert kind == Word("EXT", 1, 3)
    assert number == Word("8001", 6, 4)
    assert name == Setting(Word("name", 11, 4), Word("前 台", 16, 5))


@pytest.mark.parametrize(
    ("line", "expected", "code", "column", "width"),
    [
        ('EXT 1 name="a b', "name=a b", PortCode.BAD_QUOTE, 12, 1),
        ('EXT 1 name="a""', 'name=a"', PortCode.BAD_QUOTE, 12, 1),
        ('EXT 1 name="a"b', "name=a", PortCode.BAD_QUOTE, 15, 1),
        ('EXT 1 name="a"#b', "name=a", PortCode.BAD_QUOTE, 15, 2),
        ('EXT 1 name=a"b', 'name=a"b', PortCode.BAD_QUOTE, 13, 1),
        ('EXT 1 name = "a b"', "name=a b", PortCode.BAD_SETTING, 12, 1),
        ("EXT 1 name =a", "name=a", PortCode.BAD_SETTING, 12, 1),
        ("EXT 1 name= a", "name=a", PortCode.BAD_SETTING, 11, 1),
        ("EXT 1 name＝a", "name=a", PortCode.FULL_WIDTH, 11, 1),
        ("EXT 1 name=“a b”", "name=a b", PortCode.FULL_WIDTH, 12, 1),
        ("EXT 1 ｎａｍｅ=a", "name=a", PortCode.FULL_WIDTH, 7, 4),
        ("EXT\u30001 name=a", "name=a", PortCode.FULL_WIDTH, 4, 1),
        ("EXT 1 name=a\u00a0", "name=a", PortCode.FULL_WIDTH, 13, 1),
        ("EXT 1 name=a ＃b", "name=a", PortCode.FULL_WIDTH, 14, 1),
        ("EXT 1 name=a ；b", "name=a", PortCode.FULL_WIDTH, 14, 1),
    ],
)
def test_mistakes_are_reported_and_read_as_they_were_meant(
    line: str, expected: str, code: PortCode, column: int, width: int
) -> None:
    assert words(line)[-1] == expected
    assert problems(line)[0] == (code.code, column, width)


def test_a_value_that_is_missing_does_not_swallow_the_next_key() -> None:
    assert words("EXT 1 name= group=x") == ["EXT", "1", "name=", "group=x"]
    assert words("EXT 1 name= # x") == ["EXT", "1", "name="]


def test_full_width_characters_inside_a_value_are_the_operators_own() -> None:
    assert problems("EXT 1 name=前台（东）；二楼") == []
    assert problems('EXT 1 name="前台　“东”"') == []


def test_a_run_of_full_width_characters_is_one_problem() -> None:
    (problem,) = lexed("ＥＸＴ 8001").problems
    assert problem.message.render() == '"ＥＸＴ" are no plain characters'
    assert problem.expected is not None
    assert problem.expected.render() == "EXT  typed with the input method off"


def test_dashes_of_every_kind_mean_a_dash() -> None:
    for dash in "–—－～":
        assert words(f"EXT 8002{dash}8009") == ["EXT", "8002-8009"]


def test_plain_forms() -> None:
    assert plain_form("Ａ") == "A"
    assert plain_form("～") == "-"
    assert plain_form("“") == '"'
    assert plain_form("A") is None
    assert plain_form("前") is None


def test_spaces() -> None:
    assert all(map(is_space, " \t\u00a0\u2003\u202f\u3000"))
    assert not any(map(is_space, "a\u200b\x1f"))


@given(st.text(st.characters(exclude_characters="\n\r")))
def test_any_line_becomes_words_inside_it(line: str) -> None:
    found = lexed(line)
    for word in found.words:
        for part in (word,) if isinstance(word, Word) else (word.key, word.value):
            assert 1 <= part.column <= len(line) + 1
            assert part.column + part.width <= len(line) + 1
    for problem in found.problems:
        assert problem.column is not None
        assert 1 <= problem.column <= len(line)
        assert problem.column + problem.width <= len(line) + 1


@given(
    st.lists(
        st.sampled_from(["EXT", "8001", "name=", '="', '"', '""', " ", "=", "＝", "“", "”", "　", "#", "ＥＸ", "前"])
    )
)
def test_any_pieces_become_words_inside_the_line(pieces: list[str]) -> None:
    line = "".join(pieces)
    for problem in lexed(line).problems:
        assert problem.column is not None
        assert problem.column + problem.width <= len(line) + 1
