"""The codes of port.cfg: each once, and the document says the same."""

import re

from gateway.portcfg_problems import PortCode, SourceLine, file_problem
from runtime.problems import Severity
from runtime.texts import text
from tests.rules.source_tree import ROOT


def test_codes_are_not_used_twice() -> None:
    codes = [code.code for code in PortCode]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"P\d{3}", code) for code in codes)


def test_the_document_lists_every_code_with_its_meaning() -> None:
    document = (ROOT / "docs" / "portcfg.md").read_text("utf-8")
    rows = re.findall(r"^\| (P\d{3}) \| (\w+) \| (.+?) \|$", document, re.MULTILINE)
    assert rows == [(code.code, code.severity.value, code.meaning.render()) for code in PortCode]


def test_a_problem_of_a_line() -> None:
    problem = SourceLine("port.cfg", 7, "EXT").problem(PortCode.NO_NUMBER, text("the number is missing"), column=4)
    assert (problem.code, problem.severity, problem.line, problem.column) == ("P004", Severity.ERROR, 7, 4)
    assert problem.source_line == "EXT"


def test_a_caret_is_never_empty() -> None:
    problem = SourceLine("port.cfg", 7, "EXT").problem(PortCode.NO_NUMBER, text("the number is missing"), width=0)
    assert problem.width == 1


def test_a_problem_of_the_file_has_no_place() -> None:
    problem = file_problem(PortCode.NO_PORTS, "port.cfg", text("the file names no port"))
    assert (problem.line, problem.column, problem.source_line) == (None, None, None)
