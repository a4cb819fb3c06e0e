"""How a problem is shown: the place first, the caret below what it means, nothing that a terminal would obey."""

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.problems import (
    SOURCE_CELLS_MAX,
    Problem,
    Severity,
    as_json,
    cell_width,
    has_errors,
    render,
    underlined,
    why_unreadable,
)
from runtime.texts import Language, text, verbatim

PROBLEM = Problem(
    code="P003",
    severity=Severity.ERROR,
    file="port.cfg",
    message=text('"{word}" is no kind of port', word="EXTT"),
    line=12,
    column=1,
    source_line="EXTT  8001",
    width=4,
    expected=text("TRUNK, EXT, IVR or QUEUE"),
)


def test_a_problem_in_english() -> None:
    assert render(PROBLEM) == (
        'port.cfg:12:1: P003 error: "EXTT" is no kind of port\n'
        "   12 | EXTT  8001\n"
        "      | ^^^^\n"
        "      = expected: TRUNK, EXT, IVR or QUEUE"
    )


def test_a_problem_in_chinese() -> None:
    assert render(PROBLEM, Language.ZH) == (
        'port.cfg:12:1: P003 错误：没有 "EXTT" 这种端口类型\n'
        "   12 | EXTT  8001\n"
        "      | ^^^^\n"
        "      = 应为：TRUNK（外线）、EXT（分机）、IVR 或 QUEUE（队列）"
    )


def test_a_problem_without_a_place() -> None:
    problem = Problem("P002", Severity.WARNING, "port.cfg", text("the file names no port"))
    assert render(problem) == "port.cfg: P002 warning: the file names no port"


def test_colour_changes_nothing_but_the_colour() -> None:
    coloured = render(PROBLEM, colour=True)
    for shade in ("\033[1m", "\033[31m", "\033[36m", "\033[0m"):
        assert shade in coloured
        coloured = coloured.replace(shade, "")
    assert coloured == render(PROBLEM)


def test_json_holds_what_scripts_need() -> None:
    shown = as_json(PROBLEM, Language.ZH)
    assert json.loads(json.dumps(shown)) == {
        "code": "P003",
        "severity": "error",
        "file": "port.cfg",
        "line": 12,
        "column": 1,
        "width": 4,
        "message": '没有 "EXTT" 这种端口类型',
        "expected": "TRUNK（外线）、EXT（分机）、IVR 或 QUEUE（队列）",
        "parameters": {"word": "EXTT"},
        "source_line": "EXTT  8001",
    }
    nested = Problem("P001", Severity.ERROR, "f", text("the file cannot be read: {reason}", reason=verbatim("x")))
    assert as_json(nested)["parameters"] == {"reason": "x"}
    assert as_json(nested)["expected"] is None


def test_only_errors_are_errors() -> None:
    warning = Problem("P030", Severity.WARNING, "port.cfg", text("the file names no port"))
    assert not has_errors([warning])
    assert has_errors([warning, PROBLEM])


@pytest.mark.parametrize(
    ("line", "column", "width", "shown", "caret"),
    [
        ("EXT 8001", 5, 4, "EXT 8001", "    ^^^^"),
        ("name=前台 x", 9, 1, "name=前台 x", "          ^"),
        ("name=前台 x", 6, 2, "name=前台 x", "     ^^^^"),
        ("\tEXTT 1", 2, 4, "        EXTT 1", "        ^^^^"),
        ("ab\tx", 4, 1, "ab      x", "        ^"),
        ("前\tx", 3, 1, "前      x", "        ^"),
        ("e\u0301x y", 4, 1, "e\u0301x y", "  ^"),
        ("EXT", 4, 1, "EXT", "   ^"),
        ("", 1, 1, "", "^"),
        ("a\x1b[31mb", 2, 1, "a␛[31mb", " ^"),
        ("a\u202eb", 2, 1, "a\ufffdb", " ^"),
    ],
)
def test_the_caret(line: str, column: int, width: int, shown: str, caret: str) -> None:
    assert underlined(line, column, width) == (shown, caret)


def test_a_long_line_is_cut_around_the_caret() -> None:
    line = "a" * 300 + "WORD" + "b" * 300
    shown, caret = underlined(line, 301, 4)
    assert len(shown) == SOURCE_CELLS_MAX
    assert (shown[0], shown[-1]) == ("…", "…")
    assert shown[caret.index("^") : caret.index("^") + 4] == "WORD"
    assert caret.count("^") == 4
    start, _ = underlined(line, 1, 1)
    assert start.startswith("aaa")
    end, caret = underlined(line, len(line) + 1, 1)
    assert end.endswith("bbb")
    assert len(caret) == len(end) + 1


@given(st.text(st.characters(exclude_characters="\n\r"), max_size=400), st.integers(1, 500), st.integers(1, 500))
def test_whatever_the_line_the_caret_is_on_the_screen(line: str, column: int, width: int) -> None:
    shown, caret = underlined(line, min(column, len(line) + 1), width)
    assert not {unicodedata.category(character) for character in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert sum(map(cell_width, shown)) <= SOURCE_CELLS_MAX
    assert set(caret) <= {" ", "^"}
    assert caret.endswith("^")
    assert caret.index("^") <= SOURCE_CELLS_MAX


def test_why_a_file_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file") as missing:
        (tmp_path / "missing").read_bytes()
    with pytest.raises(OSError, match="directory") as folder:
        tmp_path.read_bytes()
    assert why_unreadable(missing.value).render(Language.ZH) == "文件不存在"
    assert why_unreadable(folder.value).render() == "it is a folder"
    assert why_unreadable(PermissionError(13, "denied")).render() == "permission denied"
    assert why_unreadable(OSError(5, "Input/output error")).render(Language.ZH) == "Input/output error"
