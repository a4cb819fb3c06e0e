"""Telephones for tests, on one UDP socket: they call, ring, answer, hold, and transfer by REFER, with Replaces too.

A phone is an extension number; the trunk is a phone whose calls carry ``X-Trunk: 1``. What a phone does with a call
that comes in is a coroutine given by the test. No media: Asterisk needs none for what is tested here.
"""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import quote

from runtime.tasks import spawn
from tests.peers.sip import SDP, Message, parse, response_to, tag_of, uri_of

ANSWER_SECONDS_MAX = 20.0
"""For whatever a test waits for: Asterisk acts in milliseconds, a loaded machine in a few seconds."""

REASONS = {180: "Ringing", 183: "Session Progress", 200: "OK", 404: "Not Found", 480: "Temporarily Unavailable",
           486: "Busy Here", 487: "Request Terminated", 603: "Decline"}  # fmt: skip

Behaviour = Callable[["PhoneCall"], Awaitable[None]]


class PhoneFailed(AssertionError):
    """A phone did not get the answer that it needed."""


@dataclass(slots=True, eq=False)
class PhoneCall:
    """One SIP dialog of a phone, from either side."""

    phones: "Phones"
    call_id: str
    local: str
    remote: str
    target: str
    is_caller: bool
    dialled: str = ""
    extra: list[tuple[str, str]] = field(default_factory=list)
    invite: Message | None = None
    sequence: int = 1
    branch: str = ""
    refused_with: int = 0
    final: dict[int, asyncio.Future[Message]] = field(default_factory=dict)
    notified: list[str] = field(default_factory=list)
    ringing: asyncio.Event = field(default_factory=asyncio.Event)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    sdp_version: int = 1

    # -- the called side ------------------------------------------------------------------------------------------

    def ring(self) -> None:
        """180 Ringing."""
        self._respond(180)

    def progress(self) -> None:
        """183 Session Progress: what a network sends instead of ringing."""
        self._respond(183)

    def refuse(self, status: int) -> None:
        """486, 480, 404, 603 …"""
        self._respond(status)
        self.ended.set()

    def divert(self, destination: str) -> None:
        """302 Moved Temporarily."""
        if self.invite is not None:
            contact = ("Contact", f"<sip:{destination}@127.0.0.1:{self.phones.switch_port}>")
            self.phones.send(response_to(self._to_tagged(self.invite), 302, "Moved Temporarily", [contact]))
        self.ended.set()

    async def answer(self) -> None:
        """200 OK, and wait for the ACK."""
        self._respond(200, self._sdp("sendrecv"))
        await self._wait(self.answered)

    # -- either side ----------------------------------------------------------------------------------------------

    async def until_ringing(self) -> None:
        """Wait for the far end's 180."""
        await self._wait(self.ringing)

    async def until_answered(self) -> None:
        """Wait for the far end's answer."""
        await self._wait(self.answered)

    async def until_ended(self) -> None:
        """Wait for the far end to hang up, refuse or cancel."""
        await self._wait(self.ended)

    async def speak(self, seconds: float) -> None:
        """Speak for a while, or until the far end hangs up: people do, and a switch needs it to join the two ends."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.ended.wait()

    async def hang_up(self) -> None:
        """BYE, once the dialogue is confirmed: what comes before that is lost, and the call stays up."""
        if not self.ended.is_set():
            await self._wait(self.answered)
            self.ended.set()
            await self._request("BYE")

    async def cancel(self) -> None:
        """CANCEL of a call that rings; waits for its 487."""
        start = f"CANCEL sip:{self.dialled}@127.0.0.1:{self.phones.switch_port} SIP/2.0"
        via = ("Via", f"SIP/2.0/UDP 127.0.0.1:{self.phones.port};branch={self.branch}")
        self.phones.send(Message(start, [via, *self._dialog_headers(self.remote.partition(";tag=")[0], "1 CANCEL")]))
        await self._wait(self.ended)

    async def hold(self) -> None:
        """A re-INVITE with ``sendonly``."""
        await self._reinvite("sendonly")

    async def unhold(self) -> None:
        """A re-INVITE with ``sendrecv``."""
        await self._reinvite("sendrecv")

    async def refer(self, destination: str) -> None:
        """A blind transfer; the far end hangs our leg up."""
        await self._refer(f"<sip:{destination}@127.0.0.1:{self.phones.switch_port}>")

    async def refer_to_call(self, other: "PhoneCall") -> None:
        """An attended transfer: REFER with Replaces of our second call."""
        to_tag, from_tag = tag_of(other.remote), tag_of(other.local)
        replaces = quote(f"{other.call_id};to-tag={to_tag};from-tag={from_tag}", safe="")
        await self._refer(f"<sip:{other.dialled}@127.0.0.1:{self.phones.switch_port}?Replaces={replaces}>")

    # -- inside ---------------------------------------------------------------------------------------------------

    async def _refer(self, refer_to: str) -> None:
        referred_by = ("Referred-By", f"<{uri_of(self.local)}>")
        response = await self._request("REFER", [("Refer-To", refer_to), referred_by])
        if response.status != 202:
            raise PhoneFailed(f"REFER was answered {response.start}")

    async def _reinvite(self, direction: str) -> None:
        self.sdp_version += 1
        response = await self._request("INVITE", body=self._sdp(direction))
        if response.status != 200:
            raise PhoneFailed(f"re-INVITE was answered {response.start}")

    async def _request(self, method: str, extra: list[tuple[str, str]] | None = None, body: str = "") -> Message:
        self.sequence += 1
        number = self.sequence
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self.final[number] = answer
        via = ("Via", f"SIP/2.0/UDP 127.0.0.1:{self.phones.port};branch={self.phones.new_branch()}")
        headers = [via, *self._dialog_headers(self.remote, f"{number} {method}"), *(extra or [])]
        if body:
            headers.append(("Content-Type", "application/sdp"))
        self.phones.send(Message(f"{method} {self.target} SIP/2.0", headers, body))
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            return await answer

    def _dialog_headers(self, remote: str, sequence: str) -> list[tuple[str, str]]:
        contact = f"<sip:{uri_of(self.local).removeprefix('sip:').partition('@')[0]}@127.0.0.1:{self.phones.port}>"
        return [
            ("Max-Forwards", "70"), ("From", self.local), ("To", remote), ("Call-ID", self.call_id),
            ("CSeq", sequence), ("Contact", contact), ("Allow", "INVITE, ACK, BYE, CANCEL, REFER, NOTIFY, UPDATE"),
            ("Supported", "replaces"), *self.extra,
        ]  # fmt: skip

    def _sdp(self, direction: str) -> str:
        return SDP.format(version=self.sdp_version, port=self.phones.media_port, direction=direction)

    def _to_tagged(self, request: Message) -> Message:
        headers = [(name, self.local if name.lower() == "to" else value) for name, value in request.headers]
        return Message(request.start, headers, request.body)

    def _respond(self, status: int, body: str = "") -> None:
        if self.invite is None:
            raise PhoneFailed("only a call that came in can be answered")
        contact = ("Contact", f"<sip:{self.dialled}@127.0.0.1:{self.phones.port}>")
        message = response_to(self._to_tagged(self.invite), status, REASONS[status], [contact])
        if body:
            message.headers.append(("Content-Type", "application/sdp"))
            message.body = body
        self.phones.send(message)

    async def _wait(self, event: asyncio.Event) -> None:
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            await event.wait()

    def take(self, message: Message) -> None:
        """A message of this dialog."""
        if message.is_request:
            self._take_request(message)
        else:
            self._take_response(message)

    def _take_request(self, request: Message) -> None:
        method = request.method
        if method == "ACK":
            self.answered.set()
        elif method == "INVITE":
            answer = response_to(request, 200, "OK", [("Contact", f"<sip:phone@127.0.0.1:{self.phones.port}>")])
            answer.headers.append(("Content-Type", "application/sdp"))
            answer.body = self._sdp("sendrecv")
            self.phones.send(answer)
        elif method == "CANCEL":
            self.phones.send(response_to(request, 200, "OK"))
            self._respond(487)
            self.ended.set()
        else:
            self.phones.send(response_to(request, 200, "OK"))
            if method == "BYE":
                self.ended.set()
            elif method == "NOTIFY":
                self.notified.append(request.body.strip())

    def _take_response(self, response: Message) -> None:
        number = int(response.get("CSeq").split()[0])
        if response.method == "INVITE" and response.status >= 200:
            self._acknowledge(response, number)
        if response.method == "INVITE" and number == 1:
            self._take_answer(response)
        waiting = self.final.get(number)
        if waiting is not None and response.status >= 200 and not waiting.done():
            waiting.set_result(response)

    def _take_answer(self, response: Message) -> None:
        if response.status in (180, 183):
            self.ringing.set()
        if 180 <= response.status < 300:
            self.remote = response.get("To")
            self.target = uri_of(response.get("Contact")) or self.target
        if response.status == 200:
            self.answered.set()
        elif response.status >= 300:
            self.refused_with = response.status
            self.ended.set()

    def _acknowledge(self, response: Message, number: int) -> None:
        is_success = response.status < 300
        branch = self.phones.new_branch() if is_success else self.branch
        target = uri_of(response.get("Contact")) if is_success else f"sip:{self.dialled}@127.0.0.1"
        via = ("Via", f"SIP/2.0/UDP 127.0.0.1:{self.phones.port};branch={branch}")
        headers = [via, *self._dialog_headers(response.get("To"), f"{number} ACK")]
        self.phones.send(Message(f"ACK {target} SIP/2.0", headers))


class Phones(asyncio.DatagramProtocol):
    """All telephones of a test. ``failures`` are what behaviours raised; ``phones()`` raises them at its end."""

    def __init__(self, switch_port: int) -> None:
        self.switch_port = switch_port
        self.port = 0
        self.media_port = 9
        self.calls: dict[str, PhoneCall] = {}
        self.failures: list[BaseException] = []
        self._numbers = itertools.count(1)
        self._behaviours: dict[str, Behaviour] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._behaving: list[asyncio.Task[None]] = []

    def on_call(self, number: str, behaviour: Behaviour) -> None:
        """What the phone of this number does with a call; the one of ``*`` serves every number without its own."""
        self._behaviours[number] = behaviour

    async def call(
        self, caller: str, number: str, *, is_trunk: bool = False, from_user: str | None = None
    ) -> PhoneCall:
        """Dial. ``from_user`` is written into From as it is, for callers who mean no good."""
        serial = next(self._numbers)
        extra = [("X-Trunk", "1")] if is_trunk else []
        local = f"<sip:{caller if from_user is None else from_user}@127.0.0.1>;tag=phone{serial}"
        target = f"sip:{number}@127.0.0.1:{self.switch_port}"
        call = PhoneCall(
            self, f"call{serial}-{self.port}", local, f"<{target}>", target, True, dialled=number, extra=extra
        )
        self.calls[call.call_id] = call
        call.branch = self.new_branch()
        via = ("Via", f"SIP/2.0/UDP 127.0.0.1:{self.port};branch={call.branch}")
        headers = [via, *call._dialog_headers(call.remote, "1 INVITE"), ("Content-Type", "application/sdp")]
        self.send(Message(f"INVITE {target} SIP/2.0", headers, call._sdp("sendrecv")))
        return call

    def calls_of(self, number: str) -> list[PhoneCall]:
        """The calls that came in at a phone, oldest first."""
        return [call for call in self.calls.values() if not call.is_caller and call.dialled == number]

    def new_branch(self) -> str:
        """A branch that no transaction has."""
        return f"z9hG4bK{self.port}x{next(self._numbers)}"

    def send(self, message: Message) -> None:
        """To the switch."""
        if self._transport is not None:
            self._transport.sendto(message.encode(), ("127.0.0.1", self.switch_port))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        message = parse(data)
        call = self.calls.get(message.get("Call-ID"))
        if call is not None:
            call.take(message)
        elif message.is_request and message.method == "INVITE":
            self._called(message)
        elif message.is_request and message.method != "ACK":
            self.send(response_to(message, 200, "OK"))

    def _called(self, invite: Message) -> None:
        number = invite.user
        behaviour = self._behaviours.get(number) or self._behaviours.get("*")
        local = f"{invite.get('To')};tag=phone{next(self._numbers)}"
        call = PhoneCall(
            self, invite.get("Call-ID"), local, invite.get("From"), uri_of(invite.get("Contact")), False, number
        )
        call.invite = invite
        self.calls[call.call_id] = call
        self.send(response_to(invite, 100, "Trying"))
        if behaviour is None:
            call.refuse(480)
        elif self._tasks is not None:
            self._behaving.append(spawn(self._tasks, self._behave(behaviour, call), name=f"phone {number}"))

    async def _behave(self, behaviour: Behaviour, call: PhoneCall) -> None:
        try:
            await behaviour(call)
        except Exception as error:
            self.failures.append(error)


@asynccontextmanager
async def phones(switch_port: int, port: int) -> AsyncIterator[Phones]:
    """Telephones at ``port``, calling by the switch at ``switch_port``; ends with an error if one of them failed."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(
        lambda: Phones(switch_port), local_addr=("127.0.0.1", port)
    )
    protocol.port = port
    try:
        async with asyncio.TaskGroup() as group:
            protocol._tasks = group
            yield protocol
            for task in protocol._behaving:
                task.cancel()
    finally:
        transport.close()
    if protocol.failures:
        raise protocol.failures[0]


async def answers(call: PhoneCall) -> None:
    """A behaviour: ring, answer, and speak until the far end hangs up."""
    call.ring()
    await call.answer()


async def rings(call: PhoneCall) -> None:
    """A behaviour: ring, and never answer."""
    call.ring()


async def is_busy(call: PhoneCall) -> None:
    """A behaviour: 486."""
    call.refuse(486)
