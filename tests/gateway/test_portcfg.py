"""port.cfg as a whole: the example of the specification, what two lines may not share, and bytes of every kind."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.portcfg import (
    FILE_BYTES_MAX,
    LINE_BYTES_MAX,
    PORTS_MAX,
    PROBLEMS_MAX,
    Port,
    PortFile,
    PortKind,
    parse,
    read_port_file,
    write,
)
from gateway.portcfg_encoding import Encoding
from gateway.portcfg_problems import PortCode
from model.ids import DeviceNumber
from runtime.texts import Language

EXAMPLE = """\
TRUNK  T001-T030  group=PSTN endpoint=PJSIP/trunk
EXT    8001       name="前台 Reception" endpoint=PJSIP/8001
EXT    8002-8099  device="N<+8621{number}>"
IVR    7001-7030  group=main
QUEUE  6000       name=Service
"""


def codes(read: PortFile) -> list[str]:
    return [problem.code for problem in read.problems]


def found(raw: bytes | str) -> list[tuple[str, int | None, int | None]]:
    read = parse(raw if isinstance(raw, bytes) else raw.encode())
    return [(problem.code, problem.line, problem.column) for problem in read.problems]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_example_in_every_form(encoding: str, end: str) -> None:
    read = parse(EXAMPLE.replace("\n", end).encode(encoding))
    assert read.problems == ()
    assert read.encoding is (Encoding.GB18030 if encoding == "gb18030" else Encoding.UTF_8)
    assert [sum(port.kind is kind for port in read.ports) for kind in PortKind] == [30, 99, 30, 1]
    assert read.ports[0] == Port(DeviceNumber("T001"), PortKind.TRUNK, "", "PSTN", "T001", "PJSIP/trunk", 1)
    assert read.ports[30] == Port(DeviceNumber("8001"), PortKind.EXT, "前台 Reception", "", "8001", "PJSIP/8001", 2)
    assert read.ports[31] == Port(DeviceNumber("8002"), PortKind.EXT, "", "", "N<+86218002>", "PJSIP/8002", 3)


def test_a_missing_last_line_end_is_read_in_full_and_warned_about() -> None:
    read = parse(b"EXT 8001\nEXT 8002")
    assert [port.number for port in read.ports] == ["8001", "8002"]
    assert [(problem.code, problem.line, problem.column) for problem in read.problems] == [("P030", 2, 9)]
    assert read.ok


def test_a_broken_line_never_hides_the_next() -> None:
    read = parse(b"EXTT 1\nEXT\n\xff\nEXT 2 x\nEXT 3\n")
    assert [port.number for port in read.ports] == ["2", "3"]
    assert [problem.line for problem in read.problems] == [1, 2, 3, 4]
    assert not read.ok


def test_duplicates_name_the_first_line() -> None:
    read = parse(b"EXT 8001\nEXT 8002\nIVR 8001\n")
    (problem,) = read.problems
    assert (problem.code, problem.line, problem.column) == ("P006", 3, 5)
    assert problem.message.render() == "8001 is named in line 1 already"
    assert problem.message.render(Language.ZH) == "8001 在第 1 行已经写过"
    assert [port.line for port in read.ports] == [1, 2]


def test_a_number_in_a_broken_line_is_a_number_all_the_same() -> None:
    assert found("EXTT 8001\nEXT 8001\n") == [("P003", 1, 1), ("P006", 2, 5)]


def test_two_ports_have_no_device_in_common() -> None:
    assert found("EXT 8001 device=N1\nIVR 7001 device=N1\n") == [("P016", 2, 17)]
    assert found("EXT 8001\nEXT 8002 device=8001\n") == [("P016", 2, 17)]
    assert found("TRUNK T001-T002 device=N1\n") == [("P016", 1, 24)]


def test_only_trunks_share_an_endpoint() -> None:
    assert found("TRUNK T001-T002 endpoint=PJSIP/a\nTRUNK T003 endpoint=PJSIP/a\n") == []
    assert found("EXT 8001 endpoint=PJSIP/a\nEXT 8002 endpoint=PJSIP/a\n") == [("P017", 2, 19)]
    assert found("TRUNK T001 endpoint=PJSIP/a\nEXT 8002 endpoint=PJSIP/a\n") == [("P017", 2, 19)]
    assert found("IVR 8001-8002 endpoint=PJSIP/a\n") == [("P017", 1, 24)]


def test_a_bad_character_is_told_once_and_not_as_a_bad_word_too() -> None:
    assert found(b"EXT 80\xff1 nmae=x\n") == [("P018", 1, 7), ("P010", 1, 10)]
    assert found(b"EX\x07T 8001\n") == [("P020", 1, 3)]
    assert found(b"EXT 8001\n\x1a") == [("P020", 2, 1), ("P030", 2, 2)]


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"\xef\xbb\xbf", b"# nothing\n ; here\n"])
def test_a_file_without_ports(raw: bytes) -> None:
    assert codes(parse(raw)) == ["P002"]


def test_utf16_is_one_problem_and_not_a_thousand() -> None:
    assert codes(parse(EXAMPLE.encode("utf-16"))) == ["P019"]


def test_a_line_too_long_is_not_read_and_the_next_is() -> None:
    read = parse(b"EXT 8001 name=" + b"x" * LINE_BYTES_MAX + b"\nEXT 8002\n")
    assert [(problem.code, problem.line) for problem in read.problems] == [("P022", 1)]
    assert [port.number for port in read.ports] == ["8002"]


def test_a_file_too_large_is_not_read() -> None:
    line = b"EXT 8001\n"
    assert codes(parse(line * (FILE_BYTES_MAX // len(line) + 1))) == ["P023"]


def test_too_many_ports_are_told_once() -> None:
    ranges = [f"EXT {n:02}0000-{n:02}9999" for n in range(PORTS_MAX // 10_000)]
    full = parse("\n".join([*ranges, ""]).encode())
    assert len(full.ports) == PORTS_MAX
    assert full.problems == ()
    over = parse("\n".join([*ranges, "EXT 1", "EXT 2", "EXTT 3", ""]).encode())
    assert [(problem.code, problem.line) for problem in over.problems] == [("P024", 11), ("P003", 13)]


def test_a_file_of_rubbish_is_told_of_within_limits() -> None:
    read = parse(b"rubbish x\n" * 5_000)
    assert len(read.problems) == PROBLEMS_MAX + 1
    assert read.problems[-1].code == "P025"
    assert read.problems[-1].message.render() == "more than 1000 problems; the file was read up to line 501"
    assert len(read.lines) == 501


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    missing = read_port_file(tmp_path / "port.cfg", "port.cfg")
    assert codes(missing) == ["P001"]
    assert missing.problems[0].message.render() == "the file cannot be read: there is no such file"
    assert read_port_file(tmp_path, "etc").problems[0].message.render() == "the file cannot be read: it is a folder"


def test_a_file_is_read_under_its_own_name(tmp_path: Path) -> None:
    path = tmp_path / "port.cfg"
    path.write_bytes(EXAMPLE.encode("gb18030"))
    read = read_port_file(path)
    assert read.ok
    assert read.file == str(path)
    assert len(read.ports) == 160


@given(st.binary(max_size=300))
def test_no_bytes_make_it_fall_over_and_every_place_is_in_the_file(raw: bytes) -> None:
    check_places(raw)


PIECES = [
    *("EXT", "TRUNK", "IVR", "ext", " ", "  ", "\t", "8001", "8002-8009", "T001-T003", "9-1", "name=", "device=", "x"),
    *(
        "endpoint=",
        "PJSIP/1",
        "{number}",
        "{",
        "}}",
        '"',
        '""',
        "#",
        ";",
        "=",
        "前台",
        "＝",
        "“",
        "　",
        "\x00",
        "\ufeff",
    ),
    *("\n", "\r", "\r\n"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=60), st.sampled_from(["utf-8", "gb18030", "utf-8-sig"]))
def test_no_pieces_of_a_file_make_it_fall_over(pieces: list[str], encoding: str) -> None:
    check_places("".join(pieces).encode(encoding))


def check_places(raw: bytes) -> None:
    """Every problem is of a known code and points into the file, or just behind a line's end."""
    read = parse(raw)
    lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    places = [(problem.line or 0, problem.column or 0) for problem in read.problems]
    assert places == sorted(places)
    assert {problem.code for problem in read.problems} <= {code.code for code in PortCode}
    for problem in read.problems:
        if problem.line is None:
            assert problem.column is None
            continue
        assert problem.source_line is not None
        assert problem.column is not None
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(problem.source_line) + 1
        assert problem.column + problem.width <= len(problem.source_line) + 2
        assert problem.message.render(Language.ZH)
    assert len({port.number for port in read.ports}) == len(read.ports)


VALUES = st.text(
    st.characters(categories=["L", "N", "P", "S"], include_characters=" ", exclude_characters="\ufffd"), max_size=20
)
PORTS = st.lists(
    st.builds(
        Port,
        number=st.from_regex(r"[A-Z*]{0,2}[0-9]{1,6}", fullmatch=True).map(DeviceNumber),
        kind=st.sampled_from(PortKind),
        name=VALUES,
        group=VALUES,
        device=VALUES.map(str.strip).filter(bool),
        endpoint=st.from_regex(r"[A-Z]{1,5}/[a-z0-9{}\"#;=]{1,9}", fullmatch=True),
        line=st.just(0),
    ),
    unique_by=(lambda port: port.number, lambda port: port.device, lambda port: port.endpoint),
    max_size=20,
)


@given(PORTS)
def test_ports_written_are_read_back(ports: list[Port]) -> None:
    read = parse(write(ports))
    assert read.ok == bool(ports)
    assert [(p.kind, p.number, p.name, p.group, p.device, p.endpoint) for p in read.ports] == [
        (p.kind, p.number, p.name, p.group, p.device, p.endpoint) for p in ports
    ]


def test_names_whose_bytes_are_also_chinese_are_read_back_as_they_were() -> None:
    port = Port(DeviceNumber("8001"), PortKind.EXT, "", "Ƃ", "8001", "PJSIP/8001", 1)
    assert parse(write([port])).ports == (port,)


def test_what_no_file_can_name_is_not_written() -> None:
    port = Port(DeviceNumber("8001"), PortKind.EXT, "two\nlines", "", "8001", "PJSIP/8001", 1)
    with pytest.raises(ValueError, match="never closed"):
        write([port])


def test_the_shipped_file_is_good() -> None:
    shipped = read_port_file(Path(__file__).parents[2] / "port.cfg")
    assert shipped.problems == ()
    assert {port.kind for port in shipped.ports} == set(PortKind)
