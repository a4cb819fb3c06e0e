"""AMI bytes to call-model reports, against panoramisk's parser on the same bytes.

Ours does more: it checks identities and makes reports of calls; panoramisk makes one dictionary of each block. Two
streams: ``filtered`` is what our link gets, who tells the switch what to send; ``whole`` is what a client without a
filter gets (VarSet left out). Each side parses in its own process' prime: best of several rounds, garbage collected
before.
"""

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from panoramisk.ami_protocol import AMIProtocol

from gateway.links.asterisk.ami import AmiParser, Event
from gateway.links.asterisk.normalise import CALL_EVENTS, Normaliser
from gateway.links.asterisk.session import WANTED
from gateway.portcfg import parse
from model.core import CallModel
from model.ids import Microseconds
from model.reports import CallReport, TransferReport
from model.states import LinkState
from model.view import Licence, Link

CALLS = 500
"""One stream: a call from outside, answered, cleared. Six megabytes, more than a processor keeps near."""

CHUNK_BYTES = 65_536
"""What one read from a socket gives under load."""

ROUNDS = 5

BANNER = b"Asterisk Call Manager/11.0.0\r\n"

PORT_CFG = b"TRUNK T001-T030 endpoint=PJSIP/trunk\nEXT 8001-8099\n"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one way through a stream takes."""

    stream: str
    who: str
    microseconds_per_call: float
    blocks_per_second: int


class _Deaf:
    """Panoramisk's place for events: takes them and does nothing."""

    forgetable_actions = awaiting_actions = ()

    def dispatch(self, event: object) -> None:
        """Called for each event."""


def streams() -> dict[str, bytes]:
    """The two streams, by name."""
    template = (Path(__file__).parent / "ami_call.txt").read_text(encoding="utf-8").replace("\n", "\r\n")
    blocks = [block for block in template.split("\r\n\r\n") if block.strip()]
    wanted = [block for block in blocks if block.split("\r\n", 1)[0].removeprefix("Event: ") in CALL_EVENTS]
    return {"filtered": _calls(wanted), "whole": _calls(blocks)}


def _calls(blocks: list[str]) -> bytes:
    call = "".join(block + "\r\n\r\n" for block in blocks)
    return BANNER + "".join(_one(call, number) for number in range(CALLS)).encode()


def _one(call: str, number: int) -> str:
    return (
        call.replace("@UNIQUEID0@", f"1795402731.{2 * number}")
        .replace("@UNIQUEID1@", f"1795402731.{2 * number + 1}")
        .replace("@SUFFIX0@", f"{2 * number:08x}")
        .replace("@SUFFIX1@", f"{2 * number + 1:08x}")
        .replace("@BRIDGE@", f"{number:08x}-3f0e-43c9-bdf0-62cdb0cce9ac")
    )


def ours(chunks: list[bytes]) -> int:
    """Bytes to reports; returns how many calls were told from beginning to end."""
    return sum(report.happening.name == "CONNECTION_CLEARED" for report in _reports(chunks)) // 2


def ours_with_model(chunks: list[bytes]) -> int:
    """Bytes to the call model's numbered events; returns how many calls ended."""
    up = Link(LinkState.UP, "asterisk", "", Microseconds(0))
    model = CallModel(1, up, Licence("evaluation", "", 32, 0, ""), single_appearance=False)
    ended = 0
    for report in _reports(chunks):
        ended += any(call.ended for event in model.report(report).events for call in getattr(event, "calls", ()))
    return ended


def _reports(chunks: list[bytes]) -> Iterator[CallReport]:
    parser, normaliser = AmiParser(WANTED), Normaliser(parse(PORT_CFG).ports)
    normaliser.arm()
    now_us = Microseconds(0)
    for chunk in chunks:
        now_us = Microseconds(now_us + 1_000)
        for block in parser.receive(chunk):
            if isinstance(block, Event):
                for effect in normaliser.receive(block, now_us):
                    if isinstance(effect, CallReport):
                        yield effect
                    elif isinstance(effect, TransferReport):
                        raise AssertionError("nobody transfers here")


def panoramisk(chunks: list[bytes]) -> int:
    """The same bytes to panoramisk's messages."""
    protocol = AMIProtocol()
    protocol.connection_made(None)
    protocol.factory = _Deaf()
    for chunk in chunks:
        protocol.data_received(chunk)
    return CALLS


def measure(name: str, who: str, stream: bytes, work: Callable[[list[bytes]], int]) -> Cost:
    """The best of several rounds; AssertionError when a round did not do the work."""
    chunks = [stream[at : at + CHUNK_BYTES] for at in range(0, len(stream), CHUNK_BYTES)]
    best = float("inf")
    for _ in range(ROUNDS):
        gc.collect()
        began = time.perf_counter()
        done = work(chunks)
        best = min(best, time.perf_counter() - began)
        assert done == CALLS, f"{who} told {done} of {CALLS} calls"
    return Cost(name, who, round(best / CALLS * 1e6, 1), round(stream.count(b"\r\n\r\n") / best))


def run(json: bool = False) -> dict[str, object]:
    """Measure, print a table unless ``json``; ``ratio`` is cost per call, ours ÷ panoramisk, on the filtered stream.

    Below 1 ours is the cheaper one. ``ratio_whole`` is the same without a filter at the switch, ``ratio_with_model``
    with the call model behind ours.
    """
    ways = (("ours", ours), ("ours with model", ours_with_model), ("panoramisk", panoramisk))
    costs = [measure(name, who, stream, work) for name, stream in streams().items() for who, work in ways]
    if not json:
        for cost in costs:
            print(
                f"{cost.stream:<9} {cost.who:<16} {cost.microseconds_per_call:>9.1f} µs/call"
                f" {cost.blocks_per_second:>10,} blocks/s"
            )
    per_call = {(cost.stream, cost.who): cost.microseconds_per_call for cost in costs}
    peer = per_call["filtered", "panoramisk"]
    return {
        "benchmark": "ami",
        "ratio": round(per_call["filtered", "ours"] / peer, 3),
        "ratio_with_model": round(per_call["filtered", "ours with model"] / peer, 3),
        "ratio_whole": round(per_call["whole", "ours"] / per_call["whole", "panoramisk"], 3),
        "calls": CALLS,
        "panoramisk": version("panoramisk"),
        "costs": [asdict(cost) for cost in costs],
    }
