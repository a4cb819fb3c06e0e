"""One line of port.cfg: what is read of it, and every mistake in it with its place."""

import pytest

from gateway.portcfg_lexer import lex
from gateway.portcfg_line import VALUE_CHARS_MAX, PortLine, fill, read_line
from gateway.portcfg_problems import PortCode, SourceLine
from model.states import PortKind


def line_of(written: str) -> PortLine:
    source = SourceLine("port.cfg", 1, written)
    line = read_line(source, lex(source))
    assert line is not None
    return line


@pytest.mark.parametrize("written", ["", "   ", "# EXT 8001", "; x"])
def test_a_line_that_says_nothing(written: str) -> None:
    source = SourceLine("port.cfg", 1, written)
    assert read_line(source, lex(source)) is None


def test_a_whole_line() -> None:
    line = line_of('TRUNK T001-T003 name="外线 {number}" group=PSTN device=D{number} endpoint=PJSIP/trunk')
    assert line.problems == ()
    assert line.kind is PortKind.TRUNK
    assert list(line.numbers or ()) == ["T001", "T002", "T003"]
    assert [line.value(key, "-", "T002") for key in ("name", "group", "device", "endpoint")] == [
        "外线 T002",
        "PSTN",
        "DT002",
        "PJSIP/trunk",
    ]


def test_keys_that_are_not_given_take_the_default() -> None:
    assert line_of("EXT 8001").value("device", "8001", "8001") == "8001"


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("EXTT 8001", [(PortCode.UNKNOWN_KIND, 1, 4)]),
        ("ext 8001", [(PortCode.UNKNOWN_KIND, 1, 3)]),
        ("kind=EXT 8001", [(PortCode.UNKNOWN_KIND, 1, 5)]),
        ("EXT", [(PortCode.NO_NUMBER, 4, 1)]),
        ("EXT # 8001", [(PortCode.NO_NUMBER, 4, 1)]),
        ("EXT name=x", [(PortCode.NO_NUMBER, 4, 1)]),
        ("EXT 80x1", [(PortCode.BAD_NUMBER, 5, 4)]),
        ("EXT 8001 - 8009", [(PortCode.BAD_SETTING, 10, 1)]),
        ("EXT 8001 x y", [(PortCode.BAD_SETTING, 10, 1), (PortCode.BAD_SETTING, 12, 1)]),
        ("EXT 8001 =x", [(PortCode.BAD_SETTING, 10, 2)]),
        ("EXT 8001 Name=x", [(PortCode.UNKNOWN_KEY, 10, 4)]),
        ("EXT 8001 name=x name=x", [(PortCode.DUPLICATE_KEY, 17, 4)]),
        ("EXT 8001 name=", [(PortCode.BAD_VALUE, 15, 1)]),
        ('EXT 8001 device=""', [(PortCode.BAD_VALUE, 17, 2)]),
        ('EXT 8001 device="8001 "', [(PortCode.BAD_VALUE, 17, 7)]),
        ("EXT 8001 endpoint=8001", [(PortCode.BAD_VALUE, 19, 4)]),
        ('EXT 8001 endpoint="PJSIP/80 01"', [(PortCode.BAD_VALUE, 19, 13)]),
        (f"EXT 8001 name={'x' * (VALUE_CHARS_MAX + 1)}", [(PortCode.BAD_VALUE, 15, VALUE_CHARS_MAX + 1)]),
        ("EXT 8001 device={nummer}", [(PortCode.BAD_TEMPLATE, 17, 8)]),
        ('EXT 8001 name="a""{}"', [(PortCode.BAD_TEMPLATE, 19, 2)]),
        ("EXT 8001 name=}{", [(PortCode.BAD_TEMPLATE, 15, 1), (PortCode.BAD_TEMPLATE, 16, 1)]),
        ("EX 80x1 nmae=x", [(PortCode.UNKNOWN_KIND, 1, 2), (PortCode.BAD_NUMBER, 4, 4), (PortCode.UNKNOWN_KEY, 9, 4)]),
    ],
)
def test_mistakes(written: str, found: list[tuple[PortCode, int, int]]) -> None:
    assert [(problem.code, problem.column, problem.width) for problem in line_of(written).problems] == [
        (code.code, column, width) for code, column, width in found
    ]


@pytest.mark.parametrize(
    ("written", "guess"),
    [("EXTT 1", "EXT?"), ("Trunk 1", "TRUNK?"), ("外线 1", "TRUNK?"), ("座席 1", "EXT?"), ("EXT 1 grp=x", "group?")],
)
def test_a_guess_at_what_was_meant(written: str, guess: str) -> None:
    expected = line_of(written).problems[0].expected
    assert expected is not None
    assert expected.render().endswith(f"did you mean {guess}")


def test_no_guess_at_what_is_like_nothing() -> None:
    expected = line_of("8001 1").problems[0].expected
    assert expected is not None
    assert "did you mean" not in expected.render()


def test_what_is_right_in_a_broken_line_is_kept() -> None:
    line = line_of("EXTT 8001-8003 nmae=x name=y")
    assert line.kind is None
    assert list(line.numbers or ()) == ["8001", "8002", "8003"]
    assert list(line.settings) == ["name"]


def test_templates() -> None:
    assert fill("N<+8621{number}>", "8001") == "N<+86218001>"
    assert fill("{{number}} {number}", "8001") == "{number} 8001"
    assert fill("{{{number}}}", "8001") == "{8001}"
