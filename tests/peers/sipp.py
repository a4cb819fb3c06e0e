"""SIPp as callers from outside (uac) and as telephones (uas): its scenarios, processes, and own count of calls."""

import asyncio
import csv
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.peers.asterisk import Unavailable

SDP = """\
v=0
o=user1 53655765 2353687637 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000
a={direction}"""


def sipp_program() -> str:
    """Where SIPp is; raises Unavailable when it is not installed."""
    found = shutil.which("sipp")
    if found is None:
        raise Unavailable("SIPp is not installed (Debian package sip-tester)")
    return found


@dataclass(frozen=True, slots=True)
class Count:
    """What a SIPp says of itself: calls that went as its scenario says, and calls that did not."""

    successful: int
    failed: int


class Sipp:
    """One SIPp process. ``calls`` counts down for a caller; a telephone serves until it is stopped."""

    def __init__(self, folder: Path, name: str, scenario: str, switch_port: int, port: int) -> None:
        self._folder = folder / name
        self._folder.mkdir()
        (self._folder / "scenario.xml").write_text(scenario, encoding="utf-8")
        self._switch_port = switch_port
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, numbers: Sequence[str], *options: str) -> None:
        """Start it; ``numbers`` are its field 0, call after call, and round again."""
        (self._folder / "numbers.csv").write_text("SEQUENTIAL\n" + "".join(f"{one};\n" for one in numbers))
        command = [
            sipp_program(), f"127.0.0.1:{self._switch_port}", "-sf", "scenario.xml", "-inf", "numbers.csv",
            "-i", "127.0.0.1", "-p", str(self._port), "-nostdin", "-trace_stat", "-stf", "statistics.csv", "-fd", "1",
            "-trace_err", "-error_file", "errors.txt", *options,
        ]  # fmt: skip
        with (self._folder / "screen").open("wb") as screen:
            self._process = subprocess.Popen(
                command, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=screen, stderr=subprocess.STDOUT
            )

    async def ended(self) -> Count:
        """Wait for a caller's last call; its count."""
        process = self._process
        if process is not None:
            await asyncio.get_running_loop().run_in_executor(None, process.wait)
        return self.count()

    async def stop(self) -> Count:
        """Ask it to end after the calls it has; its count."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGUSR1)
        return await self.ended()

    def kill(self) -> None:
        """End it now."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def count(self) -> Count:
        """Its own count, as far as it has written it."""
        path = self._folder / "statistics.csv"
        if not path.exists():
            return Count(0, 0)
        with path.open(newline="") as statistics:
            rows = list(csv.DictReader(statistics, delimiter=";"))
        if not rows:
            return Count(0, 0)
        return Count(int(rows[-1]["SuccessfulCall(C)"]), int(rows[-1]["FailedCall(C)"]))

    def errors(self) -> str:
        """What it complained of, for a failing test's sake."""
        path = self._folder / "errors.txt"
        return path.read_text(errors="replace")[:4000] if path.exists() else ""


@asynccontextmanager
async def stopped_at_end(programs: Sequence[Sipp]) -> AsyncIterator[None]:
    """Nothing of it is left running."""
    try:
        yield
    finally:
        for program in programs:
            program.kill()


# -- scenarios -------------------------------------------------------------------------------------------------------


def _message(start: str, headers: Sequence[str], body: str = "") -> str:
    lines = [start, *headers]
    if body:
        lines.append("Content-Type: application/sdp")
    text = "\n".join([*lines, "Content-Length: [len]", "", body])
    return f"<![CDATA[\n\n{text}\n\n]]>"


def _send(start: str, headers: Sequence[str], body: str = "", attributes: str = "") -> str:
    return f"<send {attributes}>{_message(start, headers, body)}</send>"


def _scenario(*steps: str) -> str:
    inside = "\n".join(steps)
    return f'<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="s">\n{inside}\n</scenario>\n'


_CALLER = (
    "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]",
    "From: <sip:1380000[call_number]@[local_ip]:[local_port]>;tag=[call_number]",
    "Call-ID: [call_id]",
    "Contact: <sip:caller@[local_ip]:[local_port]>",
    "Max-Forwards: 70",
)
_TO_NEW = "To: <sip:[field0]@[remote_ip]:[remote_port]>"
_TO_DIALOG = "To: <sip:[field0]@[remote_ip]:[remote_port]>[peer_tag_param]"
_URI = "sip:[field0]@[remote_ip]:[remote_port]"

_INVITE = _send(
    f"INVITE {_URI} SIP/2.0", [*_CALLER, _TO_NEW, "CSeq: 1 INVITE", "X-Trunk: 1"], SDP.format(direction="sendrecv"),
    'retrans="500"',
)  # fmt: skip
_PROVISIONAL = '<recv response="100" optional="true"/>\n<recv response="180" optional="true"/>\n' + (
    '<recv response="183" optional="true"/>'
)
_ACK = _send("ACK [next_url] SIP/2.0", [*_CALLER, _TO_DIALOG, "CSeq: 1 ACK", "[routes]"])


def _of_invite(steps_before: int) -> list[str]:
    """The caller's headers with the INVITE's branch, for CANCEL and the ACK of a refusal (RFC 3261 9.1, 17.1.1.3)."""
    return [header.replace("[branch]", f"[branch-{steps_before}]") for header in _CALLER]


def _ack_refusal(steps_before: int) -> str:
    return _send(f"ACK {_URI} SIP/2.0", [*_of_invite(steps_before), _TO_DIALOG, "CSeq: 1 ACK"])


_BYE = _send("BYE [next_url] SIP/2.0", [*_CALLER, _TO_DIALOG, "CSeq: 2 BYE", "[routes]"], attributes='retrans="500"')


def caller_talks(talk_ms: int) -> str:
    """A caller who is answered, talks, and hangs up."""
    return _scenario(
        _INVITE, _PROVISIONAL, '<recv response="200" rrs="true"/>', _ACK, f'<pause milliseconds="{talk_ms}"/>',
        _BYE, '<recv response="200"/>',
    )  # fmt: skip


def caller_finds_busy() -> str:
    """A caller who is told 486."""
    return _scenario(_INVITE, _PROVISIONAL, '<recv response="486"/>', _ack_refusal(5))


def caller_gives_up(after_ms: int) -> str:
    """A caller who hears it ring and gives up."""
    cancel = _send(f"CANCEL {_URI} SIP/2.0", [*_of_invite(4), _TO_NEW, "CSeq: 1 CANCEL"], attributes='retrans="500"')
    return _scenario(
        _INVITE, '<recv response="100" optional="true"/>', '<recv response="180"/>',
        f'<pause milliseconds="{after_ms}"/>', cancel, '<recv response="200"/>', '<recv response="487"/>',
        _ack_refusal(7),
    )  # fmt: skip


_ECHOED = ("[last_Via:]", "[last_From:]", "[last_To:];tag=[call_number]", "[last_Call-ID:]", "[last_CSeq:]")
_ECHOED_IN_DIALOG = ("[last_Via:]", "[last_From:]", "[last_To:]", "[last_Call-ID:]", "[last_CSeq:]")
_CONTACT = "Contact: <sip:[local_ip]:[local_port]>"

_CALLED = """<recv request="INVITE"><action>
<ereg regexp="&lt;.*" search_in="hdr" header="From:" assign_to="remote"/>
<ereg regexp="&lt;.*" search_in="hdr" header="To:" assign_to="local"/>
<ereg regexp="sip:[^&gt;]*" search_in="hdr" header="Contact:" assign_to="target"/>
</action></recv>
<Reference variables="remote,local,target"/>"""
_RING = _send("SIP/2.0 180 Ringing", [*_ECHOED, _CONTACT])
_PICK_UP = (
    _send("SIP/2.0 200 OK", [*_ECHOED, _CONTACT], SDP.format(direction="sendrecv"), 'retrans="500"')
    + '\n<recv request="ACK"/>'
)
_OK = _send("SIP/2.0 200 OK", [*_ECHOED_IN_DIALOG, _CONTACT])
_UNTIL_BYE = f'<recv request="BYE"/>\n{_OK}'

_OWN = (
    "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]",
    "From: [$local];tag=[call_number]",
    "To: [$remote]",
    "Call-ID: [call_id]",
    _CONTACT,
    "Max-Forwards: 70",
)


def _reinvite(number: int, direction: str) -> str:
    invite = _send(
        "INVITE [$target] SIP/2.0", [*_OWN, f"CSeq: {number} INVITE"], SDP.format(direction=direction), 'retrans="500"'
    )
    ack = _send("ACK [$target] SIP/2.0", [*_OWN, f"CSeq: {number} ACK"])
    return f'{invite}\n<recv response="100" optional="true"/>\n<recv response="200"/>\n{ack}'


def phone_answers(ring_ms: int) -> str:
    """A telephone that rings, answers, and speaks until the far end hangs up."""
    return _scenario(_CALLED, _RING, f'<pause milliseconds="{ring_ms}"/>', _PICK_UP, _UNTIL_BYE)


def phone_is_busy() -> str:
    """A telephone that says 486."""
    return _scenario(_CALLED, _send("SIP/2.0 486 Busy Here", _ECHOED), '<recv request="ACK"/>')


def phone_rings() -> str:
    """A telephone that nobody answers."""
    refusal = (
        "[last_Via:]", "From: [$remote]", "To: [$local];tag=[call_number]", "[last_Call-ID:]", "CSeq: [$cseq]",
    )  # fmt: skip
    called = _CALLED.replace(
        "</action>", '<ereg regexp="[0-9]+ INVITE" search_in="hdr" header="CSeq:" assign_to="cseq"/>\n</action>'
    )
    return _scenario(
        called, _RING, '<recv request="CANCEL"/>', _OK, _send("SIP/2.0 487 Request Terminated", refusal),
        '<recv request="ACK"/>',
    )  # fmt: skip


def phone_holds(ring_ms: int, pause_ms: int) -> str:
    """A telephone that answers, holds, and takes the call back."""
    pause = f'<pause milliseconds="{pause_ms}"/>'
    return _scenario(
        _CALLED, _RING, f'<pause milliseconds="{ring_ms}"/>', _PICK_UP, pause, _reinvite(1, "sendonly"), pause,
        _reinvite(2, "sendrecv"), _UNTIL_BYE,
    )  # fmt: skip


def phone_transfers(ring_ms: int, pause_ms: int) -> str:
    """A telephone that answers and refers the caller to field 0; the switch then hangs its leg up."""
    refer = _send(
        "REFER [$target] SIP/2.0",
        [*_OWN, "CSeq: 1 REFER", f"Refer-To: <{_URI}>", "Referred-By: [$local]"],
        attributes='retrans="500"',
    )
    return _scenario(
        _CALLED, _RING, f'<pause milliseconds="{ring_ms}"/>', _PICK_UP, f'<pause milliseconds="{pause_ms}"/>', refer,
        '<recv response="202"/>',
        '<label id="1"/>', '<recv request="NOTIFY" optional="true" next="2"/>', '<recv request="BYE"/>',
        _OK.replace("<send ", '<send next="3" '),
        '<label id="2"/>', _OK.replace("<send ", '<send next="1" '),
        '<label id="3"/>', '<pause milliseconds="50"/>',
    )  # fmt: skip
