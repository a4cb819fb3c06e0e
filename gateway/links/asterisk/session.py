"""One AMI connection's life, sans I/O: log-in, filter, waiting for the boot's end, snapshots, keep-alive, answers.

Order of calls: ``receive`` for bytes as they come, ``tick`` when ``due_us`` has passed; after each, send what
``bytes_to_send`` returns. After ``Ended`` the session is over. It must not know what a channel event means.
"""

import hashlib
from dataclasses import dataclass, field
from enum import Enum, auto

from gateway.links.asterisk.ami import AmiParser, Banner, Block, Event, Poison, Response, WrongProtocol, build_action
from gateway.links.asterisk.normalise import CALL_EVENTS
from model.ids import Microseconds

SECOND = 1_000_000
NEVER = Microseconds(0)

LOGIN_US = 10 * SECOND
"""From the connection to the log-in's answer: a switch that takes longer is not at work."""

BOOT_US = 120 * SECOND
"""From the log-in to FullyBooted: a large dialplan loads in a minute."""

PING_US = 10 * SECOND
"""Between signs of life that we ask for; the server sends none of its own."""

SILENCE_US = 25 * SECOND
"""Nothing heard for two pings and a half: the connection is dead."""

SNAPSHOT_US = 10 * SECOND
"""For a snapshot's whole answer: 10,000 channels are listed in about a second."""

SNAPSHOT_PAUSE_US = 1 * SECOND
"""From the end of one snapshot to the next question: a forger cannot make us ask without end."""

SNAPSHOT_AGAIN_US = 5 * SECOND
"""After an incomplete snapshot: a poisoned call lasts minutes, and only its end makes a clean answer possible."""

REASON_CHARACTERS_MAX = 500
"""Of what operators are told: the switch's own words may be part of it, and its message may be as long as a block."""

_LISTS = frozenset({"Status", "StatusComplete", "BridgeListItem", "BridgeListComplete"})
_LIFE = frozenset({"FullyBooted", "Shutdown"})
WANTED = frozenset(name.encode() for name in CALL_EVENTS | _LISTS | _LIFE)


class End(Enum):
    """Why a session is over."""

    WRONG_PROTOCOL = auto()
    LOGIN_REFUSED = auto()
    SILENT = auto()
    SWITCH_STOPPED = auto()


@dataclass(frozen=True, slots=True)
class LoggingIn:
    """The peer is an AMI server of this version; the log-in is on its way."""

    version: str


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """The log-in was accepted; the switch may still be booting."""


@dataclass(frozen=True, slots=True)
class SwitchSnapshot:
    """An answer to Status and BridgeList; incomplete when items were lost to forged blocks among them."""

    statuses: tuple[Event, ...]
    bridges: tuple[Event, ...]
    asked_us: Microseconds
    is_complete: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """The response to an action of ``ask``."""

    action_id: str
    response: Response


@dataclass(frozen=True, slots=True)
class Ended:
    """The session is over; ``reason`` is for operators."""

    end: End
    reason: str


Output = LoggingIn | LoggedIn | SwitchSnapshot | Answer | Ended | Event | Poison


@dataclass(slots=True)
class _Listing:
    action_id: str
    item: str
    complete: str
    items: list[Event] = field(default_factory=list)
    expected: int | None = None


@dataclass(slots=True)
class AmiSession:
    """``prefix`` must be new for each connection and not to be guessed: a forger must not answer our actions."""

    user: str
    secret: str
    prefix: str
    started_us: Microseconds
    parser: AmiParser = field(default_factory=lambda: AmiParser(WANTED))
    _out: list[bytes] = field(default_factory=list)
    _actions: int = 0
    _challenge_id: str = ""
    _login_id: str = ""
    _is_logged_in: bool = False
    _is_booted: bool = False
    _asked_us: Microseconds = NEVER
    _listings: list[_Listing] = field(default_factory=list)
    _snapshot_due_us: Microseconds | None = None
    _snapshot_ended_us: Microseconds | None = None
    _heard_us: Microseconds = NEVER
    _ping_due_us: Microseconds = NEVER
    _is_over: bool = False

    def __post_init__(self) -> None:
        self._heard_us = self.started_us
        self._ping_due_us = Microseconds(self.started_us + PING_US)

    def bytes_to_send(self) -> bytes:
        """What is to be written now."""
        out, self._out = b"".join(self._out), []
        return out

    def ask(self, action: str, headers: list[tuple[str, str]]) -> str:
        """Queue an action; returns its ActionID. UnsafeValue when a value would break out of its line."""
        self._actions += 1
        action_id = f"{self.prefix}-{self._actions}"
        self._out.append(build_action(action, [("ActionID", action_id), *headers]))
        return action_id

    def want_snapshot(self, now_us: Microseconds) -> None:
        """Ask for a snapshot soon; wishes while one is on its way, or right after one, become one more."""
        if self._snapshot_due_us is None:
            earliest = (self._snapshot_ended_us or Microseconds(-SNAPSHOT_PAUSE_US)) + SNAPSHOT_PAUSE_US
            self._snapshot_due_us = Microseconds(max(now_us, earliest))
        self._start_snapshot(now_us)

    @property
    def due_us(self) -> Microseconds:
        """When ``tick`` is to be called next."""
        waits = [self._ping_due_us, Microseconds(self._heard_us + SILENCE_US)]
        if not self._is_logged_in:
            waits.append(Microseconds(self.started_us + LOGIN_US))
        elif not self._is_booted:
            waits.append(Microseconds(self.started_us + BOOT_US))
        elif self._listings:
            waits.append(Microseconds(self._asked_us + SNAPSHOT_US))
        elif self._snapshot_due_us is not None:
            waits.append(self._snapshot_due_us)
        return min(waits)

    def tick(self, now_us: Microseconds) -> list[Output]:
        """Time has passed."""
        if self._is_over:
            return []
        if now_us >= self._heard_us + SILENCE_US:
            return self._end(End.SILENT, f"nothing heard from the switch for {SILENCE_US // SECOND} s")
        if not self._is_logged_in and now_us >= self.started_us + LOGIN_US:
            return self._end(End.SILENT, f"no answer to the log-in within {LOGIN_US // SECOND} s")
        if not self._is_booted and now_us >= self.started_us + BOOT_US:
            return self._end(End.SILENT, f"the switch was not fully booted within {BOOT_US // SECOND} s")
        if self._listings and now_us >= self._asked_us + SNAPSHOT_US:
            return self._end(End.SILENT, f"no complete answer to Status within {SNAPSHOT_US // SECOND} s")
        if self._is_logged_in and now_us >= self._ping_due_us:
            self.ask("Ping", [])
            self._ping_due_us = Microseconds(now_us + PING_US)
        self._start_snapshot(now_us)
        return []

    def receive(self, chunk: bytes, now_us: Microseconds) -> list[Output]:
        """Bytes from the switch; returns what they give, in order."""
        self._heard_us = now_us
        outputs: list[Output] = []
        for block in self.parser.receive(chunk):
            if self._is_over:
                break
            outputs += self._take(block, now_us)
        self._start_snapshot(now_us)
        return outputs

    def _take(self, block: Block, now_us: Microseconds) -> list[Output]:
        if isinstance(block, Event):
            return self._take_event(block, now_us)
        if isinstance(block, Response):
            return self._take_response(block, now_us)
        if isinstance(block, Banner):
            self._challenge_id = self.ask("Challenge", [("AuthType", "MD5")])
            return [LoggingIn(block.version)]
        if isinstance(block, WrongProtocol):
            said = block.greeting[:40].decode("ascii", "replace")
            return self._end(End.WRONG_PROTOCOL, f"no Asterisk manager on that port: the peer said {said!r}")
        return [block]

    def _take_response(self, response: Response, now_us: Microseconds) -> list[Output]:
        action_id = response.fields.get("ActionID", "")
        if not action_id.startswith(self.prefix):
            return []
        if action_id == self._challenge_id:
            self._challenge_id = ""  # each action is answered once: another answer asks for nothing
            answer = f"{response.fields.get('Challenge', '')}{self.secret}".encode()
            key = hashlib.md5(answer, usedforsecurity=False).hexdigest()  # AMI has no better one
            credentials = [("AuthType", "MD5"), ("Username", self.user), ("Key", key), ("Events", "on")]
            self._login_id = self.ask("Login", credentials)
            return []
        if action_id == self._login_id:
            self._login_id = ""
            if not response.is_success:
                said = response.fields.get("Message", response.status)
                return self._end(End.LOGIN_REFUSED, f"log-in refused for user {self.user!r}: {said}")
            self._is_logged_in = True
            self._filter()
            return [LoggedIn()]
        for listing in self._listings:
            if action_id != listing.action_id or response.is_success:
                continue
            said = response.fields.get("Message", response.status)
            if listing.item == "Status":  # taken for an empty list it would end every call
                reason = f"user {self.user!r} may not list channels (write=reporting): {said}"
                return self._end(End.LOGIN_REFUSED, reason)
            listing.expected = 0
            return self._finished(now_us)
        return [Answer(action_id, response)]

    def _filter(self) -> None:
        """Let the switch send only what the call model needs: nine tenths of its events are VarSet and the like."""
        for name in sorted(CALL_EVENTS | _LIFE):
            criteria = f"action(include),name({name}),method(none)"
            self.ask("Filter", [("Operation", "Add"), ("MatchCriteria", criteria)])

    def _take_event(self, event: Event, now_us: Microseconds) -> list[Output]:
        if event.name in _LISTS:
            return self._take_listed(event, now_us)
        if event.name == "FullyBooted":
            self._is_booted = True
            self.want_snapshot(now_us)
            return []
        if event.name == "Shutdown":
            how = "restarts" if event.value("Restart") == "True" else "stops"
            return self._end(End.SWITCH_STOPPED, f"the switch {how}")
        return [event]

    def _take_listed(self, event: Event, now_us: Microseconds) -> list[Output]:
        action_id = event.value("ActionID")
        listing = next((one for one in self._listings if one.action_id == action_id), None)
        if listing is None:
            return [Poison(f"{event.name} that answers nothing", b"")]
        if event.name == listing.item:
            listing.items.append(event)
            return []
        listing.expected = event.number("ListItems") or 0
        return self._finished(now_us)

    def _finished(self, now_us: Microseconds) -> list[Output]:
        """The snapshot, when both lists are complete."""
        if any(one.expected is None for one in self._listings):
            return []
        bridges, statuses = self._listings
        is_complete = all(one.expected == len(one.items) for one in self._listings)
        self._listings = []
        self._snapshot_ended_us = now_us
        if not is_complete and self._snapshot_due_us is None:
            self._snapshot_due_us = Microseconds(now_us + SNAPSHOT_AGAIN_US)
        return [SwitchSnapshot(tuple(statuses.items), tuple(bridges.items), self._asked_us, is_complete)]

    def _start_snapshot(self, now_us: Microseconds) -> None:
        due_us = self._snapshot_due_us
        if due_us is None or now_us < due_us or self._listings or not self._is_booted or self._is_over:
            return
        self._snapshot_due_us = None
        self._asked_us = now_us
        self._listings = [
            _Listing(self.ask("BridgeList", []), "BridgeListItem", "BridgeListComplete"),
            _Listing(self.ask("Status", []), "Status", "StatusComplete"),
        ]

    def _end(self, end: End, reason: str) -> list[Output]:
        self._is_over = True
        return [Ended(end, reason[:REASON_CHARACTERS_MAX])]
