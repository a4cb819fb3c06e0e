"""CSTA XML: frames, messages, and the link's session with a switch that says anything."""

from collections.abc import Iterator
from functools import cache

from lxml import etree

from gateway.links.csta_xml.codec import ParseProblem, UnknownElements, UnknownMessage, build, parse
from gateway.links.csta_xml.framing import EVENT_INVOKE_ID, Deframer, Frame, FrameProblem, frame
from gateway.links.csta_xml.markup import Markup, Markups
from gateway.links.csta_xml.messages import CallEventKind, Message, SystemStatus, SystemStatusValue
from gateway.links.csta_xml.problems import NAME_CHARACTERS_MAX, UNKNOWN_NAMES_MAX
from model.ids import Microseconds
from model.states import LinkState
from tests.fuzz.receiving import Receiver
from tests.fuzz.target import Script, Target, cut, scripted
from tests.gateway.links.csta_xml.far_end import FarEnd, Stage, event, ports
from tests.simulator.test_emitted import SERVICES

PORT_CFG = "EXT 8001-8003;;TRUNK T001"
SAY, SAY_RAW, WAIT = range(3)
"""Instructions: a body in a sound frame; bytes as they are; some seconds pass."""
INSTRUCTIONS = 3


def check_framing(data: bytes) -> None:
    """The first byte is the size of the pieces: cut in whatever way, the frames are the same."""
    size, stream = (data[0] or 1, data[1:]) if data else (1, b"")
    whole = Deframer()
    frames = whole.receive(stream)
    deframer = Deframer()
    pieces = [one for piece in cut(stream, size) for one in deframer.receive(piece)]
    sound = [one for one in frames if isinstance(one, Frame)]
    assert [one for one in pieces if isinstance(one, Frame)] == sound
    assert deframer.broken == whole.broken
    read = b"".join(frame(one.invoke_id, one.body) for one in sound)
    assert stream.startswith(read), "what was read packs to the same bytes"
    if whole.broken:
        (problem,) = (one for one in frames if isinstance(one, FrameProblem))
        assert stream[len(read) :].startswith(bytes.fromhex(problem.excerpt)), "it shows where it is"
        assert (whole.pending_bytes, whole.receive(read)) == (0, [])
    else:
        assert whole.pending_bytes == len(stream) - len(read)


def framing_seeds() -> Iterator[bytes]:
    events = [frame(EVENT_INVOKE_ID, body) for body in xml_seeds()]
    for size in (1, 9, 200):
        yield bytes((size,)) + b"".join(events[size % 7 :: 7])
    yield b"\x10" + frame(1, b"") + b"\0\0\0\x07" + b"0001"
    yield b"\x10" + frame(1, b"") + b"\0\0\0\x08" + b"\xb2" * 4


def check_xml(data: bytes) -> None:
    """A message comes back equal from what is built of it; markup seen before reads as the parser does."""
    unknown = UnknownElements()
    markups = Markups()
    read = parse(data, unknown, markups)
    assert parse(data, markups=markups) == read, "the second time its markup is known"
    assert parse(data, markups=known_markups()) == read, "its markup is that of other texts"
    assert len(unknown.by_name) <= UNKNOWN_NAMES_MAX
    if isinstance(read, ParseProblem):
        assert data.strip(b" \t\r\n\0").startswith(bytes.fromhex(read.excerpt)), "it shows where it is"
        assert str(read)
    elif isinstance(read, UnknownMessage):
        assert 0 < len(read.name) <= NAME_CHARACTERS_MAX
    else:
        assert isinstance(read, Message)
        assert parse(build(read), markups=Markups()) == read


class KnownMarkups(Markups):
    """Those of the good messages, and of no others: nothing is kept from one input to the next."""

    def __init__(self) -> None:
        super().__init__()
        self._is_complete = False
        for body in xml_seeds():
            parse(body, markups=self)
        self._is_complete = True

    def keep(self, body: bytes, parsed: etree._Element) -> Markup | None:
        return None if self._is_complete else super().keep(body, parsed)


@cache
def known_markups() -> KnownMarkups:
    return KnownMarkups()


@cache
def messages() -> tuple[Message, ...]:
    """One of each request that the simulator answers, and of each event that a switch sends."""
    events = [
        event(kind.name, "8001", "7:8001", calling="8001", called="8002") for kind in CallEventKind
    ]  # fmt: skip
    escaped = event("DELIVERED", "8001", "7:8001", calling="a&<]]>b", called="8002")
    wide = event("DELIVERED", "8001", "7:8001", calling="８００１", called="座席")
    return (*SERVICES, *events, escaped, wide, SystemStatus(system_status=SystemStatusValue.NORMAL))


def xml_seeds() -> Iterator[bytes]:
    for message in messages():
        yield build(message)


def check_session(data: bytes) -> None:
    """A link that is up hears anything: it goes on, or ends with a reason. What it says to the switch is always sound,
    for the far end reads every frame of it; what it tells the call model fits on the wire."""
    stage = Stage(port_cfg=PORT_CFG).up()
    receiver = Receiver(ports(PORT_CFG), single_appearance=True)
    receiver.link_state(LinkState.UP, "")
    stage.heard.on_report = receiver.report
    told = stage.heard.state, stage.heard.reason
    script = Script(data)
    for step in script.steps():
        match step % INSTRUCTIONS:
            case 0:
                invoke_id = int.from_bytes(script.take(2), "big") % (EVENT_INVOKE_ID + 1)
                stage.say_raw(frame(invoke_id, script.piece()))
            case 1:
                stage.say_raw(script.piece())
            case _:
                stage.pass_seconds(script.number() / 4)
                receiver.now_us = Microseconds(stage.clock.wall_us())
                receiver.compare_rest()
        if (stage.heard.state, stage.heard.reason) != told:
            told = stage.heard.state, stage.heard.reason
            receiver.link_state(*told)
        receiver.look()
        if stage.session.ended is not None:
            assert stage.session.ended, "it says why"
            return


def session_seeds() -> Iterator[bytes]:
    far_end, wait = FarEnd(), bytes((WAIT, 40))
    bodies = list(xml_seeds())
    for at in range(0, len(bodies), 6):
        said = b"".join(
            bytes((SAY,)) + EVENT_INVOKE_ID.to_bytes(2, "big") + len(body).to_bytes(2, "big") + body
            for body in bodies[at : at + 6]
        )
        yield said + wait
    crowded = event("QUEUED", "8001", "7:8001", number_queued=2**40, calls_in_front=-1)
    yield scripted((SAY_RAW, far_end.says(crowded)), wait)
    status = far_end.says(SystemStatus(system_status=SystemStatusValue.DISABLED), 3)
    yield scripted((SAY_RAW, status), wait, (SAY_RAW, status[:10]), wait, (SAY_RAW, b"\0\0\0\x07"))


def long_framings(length: int) -> Iterator[bytes]:
    yield b"\xff" + frame(1, b"") * (length // 8)
    yield b"\xff" + frame(1, bytes(1_000)) * (length // 1_008)


def long_xml(length: int) -> Iterator[bytes]:
    message = build(messages()[0])
    end = message.rindex(b"</")
    for inner, size in (
        (b"<a/>", 4),
        (b"<a>", 3),
        (b"<cause>normal</cause>", 21),
        (b"<extensions/>", 13),
        (b"&amp;", 5),
        (b" ", 1),
    ):
        yield message[:end] + inner * (length // size) + message[end:]
    yield b"<" + b"a" * length + b"/>"
    yield b"<a" + b"".join(b" b%d=''" % number for number in range(length // 10)) + b"/>"
    yield b"<a xmlns:" + b"".join(b"n%d='u' xmlns:" % number for number in range(length // 20)) + b"x='u'/>"


def long_sessions(length: int) -> Iterator[bytes]:
    event_frame = frame(EVENT_INVOKE_ID, build(messages()[-2]))
    yield scripted((SAY_RAW, event_frame * (min(length, 65_000) // len(event_frame))))
    yield scripted((SAY_RAW, frame(1, b"") * (min(length, 65_000) // 8)))


XML_WORDS = tuple(
    word.encode()
    for word in (
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<!DOCTYPE", "<![CDATA[", "]]>", "<!--", "-->", "&lt;", "&#x41;",
        "<cause>", "<deviceIdentifier>", "<connection>", "<callID>", "<deviceID>", "xmlns=", "encoding=\"gb18030\"",
        "EstablishedEvent", "DeliveredEvent", "<monitorCrossRefID>", "<localConnectionInfo>", "\ufeff",
    )
)  # fmt: skip

TARGETS = (
    Target("csta-framing", check_framing, framing_seeds, (b"\0\0\0\x08", b"9999"), 2_048, long_framings),
    Target("csta-xml", check_xml, xml_seeds, XML_WORDS, long=long_xml),
    Target("csta-session", check_session, session_seeds, XML_WORDS, long=long_sessions),
)
