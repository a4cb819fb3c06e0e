"""What an operator is told about a wrong configuration file, word for word."""

import enum
import json
from pathlib import Path
from typing import Annotated, Any, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from runtime.config import load_settings, settings_of
from runtime.expected import Expected, UnfitValue
from runtime.logs import LogSettings
from runtime.problems import Problem, as_json, render
from runtime.texts import text
from runtime.toml_file import TomlFile, read_toml


class Interface(enum.StrEnum):
    CSTA_XML = "csta-xml"
    ASTERISK = "asterisk"


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Switch(Table):
    interface: Interface
    host: str
    port: int = Field(ge=1, le=65535)
    auto_start: bool = True
    secret: SecretStr | None = None

    @model_validator(mode="after")
    def _asterisk_has_its_port(self) -> Self:
        if self.interface is Interface.ASTERISK and self.port == 80:
            raise UnfitValue(text("80 is the web's port"), expected=text("5038 as a rule"), key="port")
        return self


class Serve(Table):
    listen: Annotated[str, Expected(text("HOST:PORT"))] = "127.0.0.1:7400"

    @field_validator("listen")
    @classmethod
    def _only_loopback(cls, listen: str) -> str:
        if not listen.startswith("127."):
            raise UnfitValue(text("only loopback until log-in is built"))
        return listen


class Gateway(Table):
    port_cfg: Path
    switch: Switch
    serve: Serve = Serve()
    log: LogSettings = LogSettings()
    waits: list[float] = []


GOOD = """\
port_cfg = "port.cfg"
waits = [1, 2.5]
[switch]
interface = "asterisk"
host = "192.0.2.10"
port = 5038
[log]
level = "debug"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gateway.toml"


def told(path: Path, content: str | bytes) -> list[str]:
    """The first line of every problem and what was expected, with the file's folder left out."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    problems = load_settings(path, Gateway)
    assert isinstance(problems, tuple), "the file was accepted"
    assert problems, "no settings and no problem"
    return [_short(problem, path) for problem in problems]


def _short(problem: Problem, path: Path) -> str:
    rendered = render(problem).replace(f"{path.parent}/", "").split("\n")
    expected = [line.partition("= ")[2] for line in rendered if "= expected" in line]
    return " | ".join([rendered[0], *expected])


def test_a_good_file_becomes_settings_with_types(path: Path) -> None:
    path.write_text(GOOD)
    settings = load_settings(path, Gateway)
    assert isinstance(settings, Gateway)
    assert settings.port_cfg == Path("port.cfg")
    assert settings.switch.interface is Interface.ASTERISK
    assert settings.waits == [1.0, 2.5]
    assert settings.serve.listen == "127.0.0.1:7400"


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file(path: Path) -> None:
    assert told(
        path,
        """\
port_cfg = 7
[switch]
interfase = "asterisk"
host = "192.0.2.10"
port = "abc"
auto_start = "yes"
[log]
level = "loud"
waits = 1
""",
    ) == [
        "gateway.toml:1:12: C006 error: port_cfg cannot be 7 | expected: a path in quotes",
        'gateway.toml:2:1: C005 error: switch.interface is missing | expected: "csta-xml" or "asterisk"',
        "gateway.toml:3:1: C004 error: there is no key switch.interfase"
        " | expected: one of interface, host, port, auto_start, secret; did you mean interface?",
        'gateway.toml:5:8: C006 error: switch.port cannot be "abc" | expected: a whole number from 1 to 65535',
        'gateway.toml:6:14: C006 error: switch.auto_start cannot be "yes" | expected: true or false',
        'gateway.toml:8:9: C006 error: log.level cannot be "loud" | expected: "debug", "info", "warning" or "error"',
        "gateway.toml:9:1: C004 error: there is no key log.waits | expected: one of file, level, format",
    ]


@pytest.mark.parametrize(
    ("port", "given"),
    [
        ("0", "0"),
        ("65536", "65536"),
        ("1.5", "1.5"),
        ("true", "true"),
        ('"5038"', '"5038"'),
        ("[1]", "a list"),
        ("{ a = 1 }", "a table"),
        ("2026-03-01", "2026-03-01"),
        ("inf", "inf"),
    ],
)
def test_a_wrong_port_is_named_as_it_was_given(path: Path, port: str, given: str) -> None:
    assert told(path, GOOD.replace("port = 5038", f"port = {port}")) == [
        f"gateway.toml:6:8: C006 error: switch.port cannot be {given} | expected: a whole number from 1 to 65535"
    ]


def test_a_missing_table_is_named_though_it_has_no_place(path: Path) -> None:
    assert told(path, 'port_cfg = "port.cfg"\n') == ["gateway.toml: C005 error: switch is missing | expected: a table"]


def test_an_empty_file_lacks_everything(path: Path) -> None:
    assert told(path, "") == [
        "gateway.toml: C005 error: port_cfg is missing | expected: a path in quotes",
        "gateway.toml: C005 error: switch is missing | expected: a table",
    ]


def test_a_value_in_the_place_of_a_table_and_an_element_of_a_list_have_their_place(path: Path) -> None:
    assert told(path, 'port_cfg = "p"\nwaits = [1, "x"]\nswitch = 7\n') == [
        'gateway.toml:2:9: C006 error: waits[1] cannot be "x" | expected: a number',
        "gateway.toml:3:10: C006 error: switch cannot be 7 | expected: a table",
    ]


def test_a_validator_s_reason_and_place_are_told(path: Path) -> None:
    assert told(path, GOOD.replace("5038", "80") + '[serve]\nlisten = "0.0.0.0:7400"\n') == [
        "gateway.toml:6:8: C006 error: switch.port: 80 is the web's port | expected: 5038 as a rule",
        "gateway.toml:10:10: C006 error: serve.listen: only loopback until log-in is built",
    ]


def test_a_field_can_say_what_it_takes(path: Path) -> None:
    assert told(path, GOOD + "[serve]\nlisten = 7400\n") == [
        "gateway.toml:10:10: C006 error: serve.listen cannot be 7400 | expected: HOST:PORT"
    ]


def test_a_long_value_is_shown_in_part(path: Path) -> None:
    (line,) = told(path, GOOD.replace('"asterisk"', f'"{"x" * 500}"'))
    assert "x" * 59 + "… |" in line
    assert len(line) < 200


@pytest.mark.parametrize(
    ("written", "begins"),
    [
        ("secret = 31337", "7:10: C006 error: switch.secret cannot be what stands there | expected: text in quotes"),
        ("secret = [31337]", "7:10: C006 error: switch.secret cannot be a list | expected: text in quotes"),
        ("secret = { is = 31337 }", "7:10: C006 error: switch.secret cannot be a table | expected: text in quotes"),
        ("pasword = 31337", "7:1: C004 error: there is no key switch.pasword | expected: one of interface,"),
        ("sekret = '31337'", "7:1: C004 error: there is no key switch.sekret | expected: one of interface,"),
        ("secret = 31337 31337", "7:16: C003 error: not valid TOML: Expected newline or end of document"),
        ("secret = s31337", "7:10: C003 error: not valid TOML: Invalid value | expected: [table] or"),
        (
            "[log]\nfile = { secret = 31337 }",
            "8:8: C006 error: log.file cannot be a table | expected: a path in quotes",
        ),
        ("[log]\nsecret = 31337", "8:1: C004 error: there is no key log.secret | expected: one of file, level, format"),
        ("[secrets]\nof = 31337", "7:1: C004 error: there is no key secrets | expected: one of port_cfg,"),
        ("[log.secrets]\nof = 31337", "7:1: C004 error: there is no key log.secrets | expected: one of file,"),
    ],
)
def test_what_is_or_may_be_a_secret_is_told_without_its_value(path: Path, written: str, begins: str) -> None:
    path.write_text(f"{GOOD.partition('[log]')[0]}{written}\n")
    problems = load_settings(path, Gateway)
    assert isinstance(problems, tuple)
    (problem,) = problems
    assert _short(problem, path).startswith(f"gateway.toml:{begins}")
    said = render(problem) + json.dumps(as_json(problem)) + repr(problem)
    assert "31337" not in said


def test_a_secret_s_line_is_shown_up_to_its_value(path: Path) -> None:
    path.write_text(GOOD.replace("[log]", "secret = 31337\n[log]"))
    problems = load_settings(path, Gateway)
    assert isinstance(problems, tuple)
    assert "    7 | secret = …\n      |          ^\n" in render(problems[0])


def test_syntax_errors_have_line_and_column(path: Path) -> None:
    assert told(path, "port_cfg = \n") == [
        "gateway.toml:1:12: C003 error: not valid TOML: Invalid value"
        ' | expected: [table] or key = value, text in "quotes"'
    ]
    (line,) = told(path, 'a = "1"\n[b\n')
    assert line.startswith("gateway.toml:2:3: C003")
    (line,) = told(path, "a = 1\na = 2\n")
    assert line.startswith("gateway.toml:2:")


def test_bytes_that_are_no_utf8_are_told_with_their_offset(path: Path) -> None:
    assert told(path, 'a = 1\nname = "接待"\n'.encode("gb18030")) == [
        "gateway.toml:2: C002 error: byte 0xBD at offset 14 is not UTF-8 | expected: a file saved as UTF-8"
    ]


def test_a_byte_order_mark_and_windows_line_ends_are_no_mistake(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert isinstance(load_settings(path, Gateway), Gateway)
    path.write_bytes(b"\xef\xbb\xbfport_cfg = 7\r\n[switch]\r\n")
    problems = load_settings(path, Gateway)
    assert isinstance(problems, tuple)
    assert (problems[0].column, problems[0].source_line) == (12, "port_cfg = 7")


def test_a_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    def first_line(path: Path) -> str:
        problems = load_settings(path, Gateway)
        assert isinstance(problems, tuple)
        return render(problems[0])

    assert first_line(tmp_path / "no.toml").endswith("C001 error: the file cannot be read: there is no such file")
    assert first_line(tmp_path).endswith("C001 error: the file cannot be read: it is a folder")
    assert first_line(tmp_path / ("x" * 300)).endswith("C001 error: the file cannot be read: File name too long")


SCALARS = st.none().map(lambda _: "x") | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes()
KEYS = st.sampled_from(["port_cfg", "switch", "interface", "host", "port", "serve", "listen", "log", "file", "waits"])
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(), inner), max_leaves=12
)


@given(document=st.dictionaries(KEYS, DOCUMENTS))
def test_whatever_stands_in_the_file_it_is_settings_or_problems(document: dict[str, Any]) -> None:
    held = settings_of(TomlFile("gateway.toml", (), document, {}), Gateway)
    if isinstance(held, tuple):
        assert held
        assert len(set(held)) == len(held)
        assert all(render(problem).startswith("gateway.toml: C00") for problem in held)


@given(raw=st.binary(max_size=60) | st.text(st.sampled_from("[]{}=\"'#,.\n\r a1")).map(str.encode))
def test_whatever_bytes_are_in_the_file_it_is_read_or_refused(raw: bytes, tmp_path_factory: Any) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(raw)
    file = read_toml(path)
    if isinstance(file, tuple):
        assert [render(problem) for problem in file]
    else:
        assert all(1 <= place.line <= len(file.lines) for place in file.places.values())
        assert all(render(file.problem("G001", key, text("wrong"))) for key in file.places)


def test_the_owner_of_the_settings_can_complain_about_any_key(path: Path) -> None:
    path.write_text(GOOD)
    file = read_toml(path)
    assert isinstance(file, TomlFile)
    assert isinstance(settings_of(file, Gateway), Gateway)
    problem = file.problem("G001", ("switch", "host"), text("no such host"), at_value=False)
    assert (problem.line, problem.column, problem.width) == (5, 1, 4)
    assert file.problem("G001", ("switch", "profile"), text("missing")).line == 3
    assert file.problem("G001", ("journal",), text("missing")).line is None
