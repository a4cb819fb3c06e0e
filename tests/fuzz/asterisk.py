"""AMI: blocks, and what the link makes of a switch, or of a forger within its stream, that says anything."""

from collections.abc import Iterator

from gateway.links.asterisk.ami import (
    HEADERS_MAX,
    POISON_SAMPLE_BYTES,
    AmiParser,
    Banner,
    Event,
    Poison,
    Response,
    WrongProtocol,
)
from gateway.links.asterisk.effects import Alarm, Effect, SnapshotWanted
from gateway.links.asterisk.normalise import Normaliser
from gateway.links.asterisk.scenario import INDENT, PORTS, read_event
from gateway.links.asterisk.session import AmiSession, Answer, Ended, SwitchSnapshot
from gateway.portcfg import parse
from model.ids import Microseconds
from model.states import LinkState
from tests.fuzz.receiving import Receiver
from tests.fuzz.target import Script, Target, cut
from tests.gateway.links.asterisk.scenario_files import scenarios

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
PREFIX = "p"
"""Of the session's ActionIDs: short, so that an input can answer."""
ACTIONS_MAX = 64
"""At once: a log-in's filters, and a snapshot."""
AGES_US = 100 * 3600 * 1_000_000
"""Longer than anything of a call is kept."""
SAY, WAIT = range(2)
PORTS_OF_SWITCH = parse(PORTS.encode()).ports


# -- blocks ----------------------------------------------------------------------------------------------------------


def check_blocks(data: bytes) -> None:
    """The first byte is the size of the pieces: cut in whatever way, the blocks are the same; what is no event of the
    switch's own is poison with a reason."""
    size, stream = (data[0] or 1, data[1:]) if data else (1, b"")
    whole, parser = AmiParser(), AmiParser()
    blocks = whole.receive(stream)
    pieces = [block for piece in cut(stream, size) for block in parser.receive(piece)]
    if not any(isinstance(block, WrongProtocol) for block in blocks):
        assert pieces == blocks
    poisoned = 0
    for at, block in enumerate(blocks):
        assert isinstance(block, Banner | WrongProtocol) == (at == 0)
        match block:
            case Poison():
                poisoned += 1
                assert block.reason
                assert len(block.sample) <= POISON_SAMPLE_BYTES
            case Event() | Response():
                assert len(block.fields) <= HEADERS_MAX
                assert not any("\r\n" in text for pair in block.fields.items() for text in pair)
    assert whole.poison_count == poisoned


def block_seeds() -> Iterator[bytes]:
    for path in scenarios()[::6]:
        events = [read_event(line) for line in _inputs(path.read_text("utf-8"))]
        yield b"\x40" + BANNER + b"".join(_block(event) for event in events[:12])
    yield b"\x05" + BANNER + b"Response: Success\r\nActionID: p-1\r\nMessage: Pong\r\n\r\nX: y\r\n\r\n"
    yield b"\x05SSH-2.0-OpenSSH_9.2\r\n"


# -- a whole link ----------------------------------------------------------------------------------------------------


def check_link(data: bytes) -> None:
    """Session, normaliser and call model together, as a gateway runs them. When the switch at last says that it has no
    channel, nothing is held."""
    session = AmiSession("ultra", "secret", PREFIX, Microseconds(0))
    normaliser = Normaliser(PORTS_OF_SWITCH)
    normaliser.arm()
    receiver = Receiver(PORTS_OF_SWITCH, single_appearance=False)
    receiver.link_state(LinkState.UP, "")
    script = Script(data)
    now_us = Microseconds(0)
    for step in script.steps():
        if step % 2 == WAIT:
            now_us = Microseconds(now_us + script.number() * 100_000)
            outputs = session.tick(now_us) if session.due_us <= now_us else []
        else:
            outputs = session.receive(script.piece(), now_us)
        receiver.now_us = now_us
        for output in outputs:
            match output:
                case Event():
                    _pass_on(normaliser.receive(output, now_us), receiver)
                case SwitchSnapshot() if output.is_complete:
                    calls = normaliser.adopt(output.statuses, output.bridges, output.asked_us, now_us)
                    receiver.whole_switch(calls, output.asked_us)
                case Ended():
                    receiver.link_state(LinkState.DOWN, output.reason)
                case Poison() | Answer():
                    pass
        while (due_us := normaliser.due_us) is not None and due_us <= now_us:
            _pass_on(normaliser.tick(due_us), receiver)
        assert session.bytes_to_send().count(b"\r\n\r\n") <= ACTIONS_MAX, "it says no more than a log-in takes"
    receiver.look()
    late_us = Microseconds(now_us + AGES_US)
    normaliser.adopt([], [], late_us, late_us)
    board = normaliser.board
    assert (board.channels, board.calls, board.bridges) == ({}, {}, {})


def _pass_on(effects: list[Effect], receiver: Receiver) -> None:
    for effect in effects:
        if isinstance(effect, Alarm):
            receiver.alarm(effect.code, effect.text)
        elif not isinstance(effect, SnapshotWanted):
            receiver.report(effect)


def link_seeds() -> Iterator[bytes]:
    for path in scenarios():
        text = path.read_text("utf-8")
        events = [read_event(line) for line in _inputs(text)]
        script = b""
        log_in = BANNER + b"".join(
            b"Response: Success\r\nActionID: %b-%d\r\nChallenge: 1\r\n\r\n" % (PREFIX.encode(), number)
            for number in (1, 2)
        )
        for said in (log_in + b"Event: FullyBooted\r\n\r\n", *(_block(event) for event in events)):
            script += bytes((SAY,)) + len(said).to_bytes(2, "big") + said
        yield script + bytes((WAIT, 60))


def _inputs(scenario: str) -> Iterator[str]:
    """The lines of events."""
    for line in scenario.splitlines():
        if line and not line.startswith((INDENT, "#", "at ", "ports ", "StatusComplete")):
            yield line


def _block(event: Event) -> bytes:
    headers = "".join(f"{name}: {value}\r\n" for name, value in event.fields.items())
    return f"Event: {event.name}\r\n{headers}\r\n".encode()


def long_blocks(length: int) -> Iterator[bytes]:
    yield b"\xff" + BANNER + b"Event: X\r\n\r\n" * (length // 12)
    yield b"\xff" + BANNER + b"Event: X\r\n" + b"a: b\r\n" * (length // 6) + b"\r\n"
    yield b"\xff" + BANNER + b"\r\n\r\n" * (length // 4)
    yield b"\xff" + BANNER + b"x" * length
    yield b"\xff" + BANNER + b"Event: X\r\nUniqueid: " + b"\xff" * length + b"\r\n\r\n"


def long_links(length: int) -> Iterator[bytes]:
    """Channels that begin, one after the other, and meet two by two."""
    began, met = b"", b""
    for number in range(min(length, 60_000) // 300):
        named = b"Channel: PJSIP/8001-%08x\r\nUniqueid: %d.1\r\n" % (number, number)
        began += b"Event: Newchannel\r\n%bChannelStateDesc: Up\r\nCallerIDNum: 8001\r\nExten: 8002\r\n\r\n" % named
        met += b"Event: BridgeEnter\r\n%bBridgeUniqueid: B%d\r\nBridgeType: basic\r\n\r\n" % (named, number // 2)
    yield b"".join(bytes((SAY,)) + len(said).to_bytes(2, "big") + said for said in (BANNER, began, met))


AMI_WORDS = tuple(
    word.encode()
    for word in (
        "Event: ", "Response: Success\r\n", "\r\n\r\n", "\r\nUniqueid: u1", "\r\nChannel: PJSIP/8001-00000016",
        "\r\nActionID: p-1", "\r\nChannelStateDesc: Up", "\r\nBridgeUniqueid: B1", "Newchannel", "Hangup", "DialBegin",
        "DialEnd", "BridgeEnter", "BridgeLeave", "QueueCallerJoin", "\r\nPosition: ", "\r\nCount: ", "\r\nCause: ",
        "StatusComplete", "BridgeListComplete", "\r\nListItems: ", "FullyBooted", "²", "1" * 4400,
    )
)  # fmt: skip

TARGETS = (
    Target("ami", check_blocks, block_seeds, AMI_WORDS, long=long_blocks),
    Target("ami-link", check_link, link_seeds, AMI_WORDS, 16_384, long_links),
)
