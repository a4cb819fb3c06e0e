"""port.cfg: the trunks, extensions, IVR ports and queues that the gateway serves, in the order in which seats are
given.

`parse` is pure: bytes in, every port that could be read and every problem at once out. A broken line never hides the
next. `read_port_file` adds the reading. The grammar of a line is `portcfg_line`'s; the format for operators is
`docs/portcfg.md`. Must not know the licence, the link or the call model.

Ports carry two names: `number` is what people dial and what identifies the port in the file; `device` is the switch's
own id for it (the number itself unless the file says otherwise), and `endpoint` what Asterisk calls the phone or
trunk behind it.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from gateway.portcfg_characters import character_problems, is_bad_character
from gateway.portcfg_clashes import Clashes
from gateway.portcfg_encoding import DecodedLine, Encoding, encoding_of, lacks_last_line_end, lines_of, looks_like_utf16
from gateway.portcfg_lexer import Word, lex
from gateway.portcfg_line import PortLine, read_line
from gateway.portcfg_problems import PortCode, SourceLine, file_problem
from model.ids import DeviceNumber
from model.states import PortKind
from runtime.problems import Problem, has_errors, why_unreadable
from runtime.texts import text

__all__ = ["Port", "PortFile", "PortKind", "PortLine", "parse", "read_port_file", "write"]

FILE_BYTES_MAX = 4 * 1024 * 1024
"""100,000 ports of one line each need less; a larger file is not a port.cfg."""

LINE_BYTES_MAX = 4 * 1024
"""Four values of the greatest length fit; a longer line is one whose line ends were lost."""

PORTS_MAX = 100_000
"""Ports of one gateway: ten times the largest site that one switch link can carry; as ranges read in about a second."""

PROBLEMS_MAX = 1_000
"""Problems listed of one file: nobody reads further, and a file of rubbish must fill neither memory nor time."""


@dataclass(frozen=True, slots=True)
class Port:
    """One line or channel of the switch. `line` is the line of port.cfg that names it, from 1."""

    number: DeviceNumber
    kind: PortKind
    name: str
    group: str
    device: str
    endpoint: str
    line: int


@dataclass(frozen=True, slots=True)
class PortFile:
    """What a port.cfg says: `ports` in file order, `lines` as written (for checks that need more than the ports),
    `problems`.

    When `ok` is false the ports are what could be understood: good enough to show, not to run on.
    """

    file: str
    ports: tuple[Port, ...]
    lines: tuple[PortLine, ...]
    problems: tuple[Problem, ...]
    encoding: Encoding = Encoding.UTF_8

    @property
    def ok(self) -> bool:
        """Whether the gateway may run on it: warnings do not stop it."""
        return not has_errors(self.problems)


def read_port_file(path: Path, file: str | None = None) -> PortFile:
    """Read and parse the file; one that cannot be read is a problem like any other. `file` is the name shown for it."""
    shown = file or str(path)
    try:
        with path.open("rb") as port_file:
            raw = port_file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        message = text("the file cannot be read: {reason}", reason=why_unreadable(error))
        expected = text("a file that the gateway may read; port_cfg in gateway.toml names it")
        problem = file_problem(PortCode.UNREADABLE, shown, message, expected=expected)
        return PortFile(shown, (), (), (problem,))
    return parse(raw, shown)


def parse(raw: bytes, file: str = "port.cfg") -> PortFile:
    """All ports and all problems of the file's bytes, the problems in the order of their places. Never raises."""
    if refused := _refused_whole(raw, file):
        return PortFile(file, (), (), (refused,))
    encoding = encoding_of(raw)
    collected = _Collector(file)
    last: SourceLine | None = None
    for decoded in lines_of(raw, encoding):
        last = SourceLine(file, decoded.number, decoded.text)
        collected.take(last, decoded)
        if len(collected.problems) > PROBLEMS_MAX:
            return collected.given_up(last.number, encoding)
    if last is not None and lacks_last_line_end(raw):
        collected.problems.append(_no_last_line_end(last))
    if not collected.ports and not collected.problems:
        collected.problems.append(_no_ports(file))
    return collected.port_file(encoding)


def write(ports: Iterable[Port]) -> bytes:
    """The ports as a port.cfg of one line each; `parse` gives them back, but for their line numbers.

    Raises ValueError for a port that no port.cfg can name, such as one with a line end in its name.
    """
    written = tuple(ports)
    raw = "".join(map(_written, written)).encode()
    if encoding_of(raw) is not Encoding.UTF_8:  # names of rare letters alone, whose bytes are also Chinese
        raw = codecs.BOM_UTF8 + raw
    read = parse(raw)
    if written and (not read.ok or len(read.ports) != len(written)):
        raise ValueError(read.problems[0].message.render())
    return raw


def _written(port: Port) -> str:
    defaults = {"name": "", "group": "", "device": port.number, "endpoint": default_endpoint(port.number)}
    settings = "".join(
        f' {key}="{_quoted(value)}"' for key, default in defaults.items() if (value := getattr(port, key)) != default
    )
    return f"{port.kind.name} {port.number}{settings}\n"


def _quoted(value: str) -> str:
    return value.replace('"', '""').replace("{", "{{").replace("}", "}}")


def default_endpoint(number: str) -> str:
    """The Asterisk endpoint of a port that names none."""
    return f"PJSIP/{number}"


def _refused_whole(raw: bytes, file: str) -> Problem | None:
    if len(raw) > FILE_BYTES_MAX:
        return file_problem(
            PortCode.FILE_TOO_LARGE, file, text("the file has more than {limit} bytes", limit=FILE_BYTES_MAX),
            expected=text("at most {limit} bytes", limit=FILE_BYTES_MAX),
        )  # fmt: skip
    if looks_like_utf16(raw):
        return file_problem(
            PortCode.NOT_TEXT, file, text('the file is UTF-16, which some editors call "Unicode"'),
            expected=text("save it as UTF-8 (or as ANSI on a Chinese Windows, which is GB18030)"),
        )  # fmt: skip
    return None


def _no_ports(file: str) -> Problem:
    return file_problem(
        PortCode.NO_PORTS, file, text("the file names no port"),
        expected=text("at least one line like: EXT 8001"),
    )  # fmt: skip


def _no_last_line_end(line: SourceLine) -> Problem:
    return line.problem(
        PortCode.NO_LAST_LINE_END,
        text("the last line has no line end; it is read in full"),
        column=len(line.text) + 1,
        expected=text("a line end here, or other programs may drop this line"),
    )


@dataclass(slots=True)
class _Collector:
    """Takes the lines in order and knows what was named before."""

    file: str
    ports: list[Port] = field(default_factory=list)
    lines: list[PortLine] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    by_number: dict[str, int] = field(default_factory=dict)
    by_device: dict[str, Port] = field(default_factory=dict)
    by_endpoint: dict[str, Port] = field(default_factory=dict)
    numbers_seen: int = 0

    def port_file(self, encoding: Encoding) -> PortFile:
        """What was gathered."""
        problems = sorted(self.problems, key=lambda problem: (problem.line or 0, problem.column or 0))
        return PortFile(self.file, tuple(self.ports), tuple(self.lines), tuple(problems), encoding)

    def given_up(self, line: int, encoding: Encoding) -> PortFile:
        """What was gathered of a file that is rubbish, up to `line`."""
        message = text("more than {limit} problems; the file was read up to line {line}", limit=PROBLEMS_MAX, line=line)
        more = file_problem(PortCode.TOO_MANY_PROBLEMS, self.file, message, expected=text("mend those above first"))
        read = self.port_file(encoding)
        return replace(read, problems=(*read.problems[:PROBLEMS_MAX], more))

    def take(self, source: SourceLine, decoded: DecodedLine) -> None:
        """One line: what is wrong with its characters, then what it says, as far as the characters leave it sure."""
        if decoded.size_bytes > LINE_BYTES_MAX:
            self.problems.append(_line_too_long(source, decoded))
            return
        self.problems += character_problems(source, decoded)
        damaged = _bad_columns(source.text)
        line = read_line(source, lex(source))
        if line is None or len(damaged) == len(source.text.replace(" ", "")):
            return
        # A bad character makes its word wrong too; saying both would send the operator after the wrong one.
        self.problems += [problem for problem in line.problems if not _covers(problem, damaged)]
        if self.numbers_seen <= PORTS_MAX:
            self.lines.append(line)
        if line.numbers is not None and line.number_word is not None:
            self._add_ports(line, line.number_word)

    def _add_ports(self, line: PortLine, number_word: Word) -> None:
        assert line.numbers is not None
        before = self.numbers_seen
        self.numbers_seen += len(line.numbers)
        if self.numbers_seen > PORTS_MAX:
            if before <= PORTS_MAX:
                self.problems.append(_too_many_ports(line.source, number_word))
            return
        clashes = Clashes(line, number_word)
        for number in line.numbers:
            first_line = self.by_number.setdefault(number, line.source.number)
            if first_line != line.source.number:
                clashes.add(PortCode.DUPLICATE_NUMBER, number, number, number, first_line)
            elif line.kind is not None:
                self._add_port(line, line.kind, number, clashes)
        self.problems += clashes.problems()

    def _add_port(self, line: PortLine, kind: PortKind, number: str, clashes: Clashes) -> None:
        port = Port(
            number=DeviceNumber(number),
            kind=kind,
            name=line.value("name", "", number),
            group=line.value("group", "", number),
            device=line.value("device", number, number),
            endpoint=line.value("endpoint", default_endpoint(number), number),
            line=line.source.number,
        )
        device_owner = self.by_device.setdefault(port.device, port)
        if device_owner is not port:
            clashes.add(PortCode.SAME_DEVICE, port.device, number, device_owner.number, device_owner.line)
        endpoint_owner = self.by_endpoint.setdefault(port.endpoint, port)
        if endpoint_owner is not port and not kind is endpoint_owner.kind is PortKind.TRUNK:
            clashes.add(PortCode.SAME_ENDPOINT, port.endpoint, number, endpoint_owner.number, endpoint_owner.line)
        self.ports.append(port)


def _bad_columns(line: str) -> frozenset[int]:
    if line.isascii() and line.isprintable():
        return frozenset()
    return frozenset(index + 1 for index, character in enumerate(line) if is_bad_character(character))


def _covers(problem: Problem, columns: frozenset[int]) -> bool:
    return problem.column is not None and not columns.isdisjoint(range(problem.column, problem.column + problem.width))


def _line_too_long(source: SourceLine, decoded: DecodedLine) -> Problem:
    return source.problem(
        PortCode.LINE_TOO_LONG,
        text("the line has {count} bytes", count=decoded.size_bytes),
        expected=text("at most {limit} bytes; are the line ends lost?", limit=LINE_BYTES_MAX),
    )


def _too_many_ports(source: SourceLine, number_word: Word) -> Problem:
    return source.problem(
        PortCode.TOO_MANY_PORTS,
        text("with this line the file names more than {limit} ports; from here on none is taken", limit=PORTS_MAX),
        column=number_word.column,
        width=number_word.width,
        expected=text("at most {limit} ports", limit=PORTS_MAX),
    )
