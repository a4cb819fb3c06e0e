"""What two lines have in common: told once for each earlier line."""

from gateway.portcfg_clashes import Clashes
from gateway.portcfg_lexer import lex
from gateway.portcfg_line import read_line
from gateway.portcfg_problems import PortCode, SourceLine


def clashes_of(written: str) -> Clashes:
    source = SourceLine("port.cfg", 9, written)
    line = read_line(source, lex(source))
    assert line is not None
    assert line.number_word is not None
    return Clashes(line, line.number_word)


def told(clashes: Clashes) -> list[tuple[str, int | None, str]]:
    return [(problem.code, problem.column, problem.message.render()) for problem in clashes.problems()]


def test_an_overlap_is_told_once_for_each_earlier_line() -> None:
    clashes = clashes_of("EXT 8001-8010")
    for number in ("8001", "8002", "8003"):
        clashes.add(PortCode.DUPLICATE_NUMBER, number, number, number, 2)
    clashes.add(PortCode.DUPLICATE_NUMBER, "8009", "8009", "8009", 5)
    assert told(clashes) == [
        ("P006", 5, "8001 is named in line 2 already (and 2 more)"),
        ("P006", 5, "8009 is named in line 5 already"),
    ]


def test_a_device_points_at_its_value() -> None:
    clashes = clashes_of("EXT 8001 device=N1")
    clashes.add(PortCode.SAME_DEVICE, "N1", "8001", "7001", 3)
    assert told(clashes) == [("P016", 17, "8001 has the device N1 of 7001 in line 3")]


def test_a_device_by_default_points_at_the_number() -> None:
    clashes = clashes_of("EXT 8001 endpoint=PJSIP/x")
    clashes.add(PortCode.SAME_DEVICE, "8001", "8001", "7001", 3)
    clashes.add(PortCode.SAME_ENDPOINT, "PJSIP/x", "8001", "7001", 3)
    assert told(clashes) == [
        ("P016", 5, "8001 has the device 8001 of 7001 in line 3"),
        ("P017", 19, "8001 has the endpoint PJSIP/x of 7001 in line 3"),
    ]


def test_a_range_with_one_device_for_all() -> None:
    clashes = clashes_of("EXT 8001-8003 device=N1")
    for number in ("8002", "8003"):
        clashes.add(PortCode.SAME_DEVICE, "N1", number, "8001", 9)
    assert told(clashes) == [("P016", 22, "the device N1 is the same for every number of the range")]
