"""Every limit and default of ULP, each with its reason. The names and values are tables of docs/protocol.md.

A limit that a peer may break is answered with a code, never by an exception that ends a daemon.
"""

from dataclasses import dataclass
from typing import Final

BODY_BYTES_MAX_CLIENT: Final = 64 * 1024
"""Largest body a client may send: a request is a few hundred bytes; more is a mistake or an attack."""

BODY_BYTES_MAX_SERVER: Final = 256 * 1024
"""Largest body a server may send: a transfer of two crowded conferences fits with room to spare."""

FIELD_BYTES_MAX: Final = 65_535
"""Largest field: its length is two bytes."""

CALL_DATA_VALUE_BYTES_MAX: Final = 4 * 1024
"""Largest value of one call-data key: room for an address or a note, not for a document."""

CALL_DATA_BYTES_MAX: Final = 32 * 1024
"""Largest call data of a conversation: half a field, so that a merge of two conversations still fits one."""

NAME_BYTES_MAX: Final = 128
"""Longest name a client may give itself in HELLO: it stands in logs and on screens."""

IDEMPOTENCY_KEY_BYTES_MAX: Final = 64
"""Longest idempotency key: a UUID in text is 36."""

FILTER_DEVICES_MAX: Final = 1_000
"""Most devices in one filter, and as many agents and queues: a supervisor's team; who wants more takes all of it."""

FILTER_PLACES_MAX: Final = 1_000_000
"""Most places in the filter index, over all subscribers: some 100 MiB when every one is taken."""

REPLY_TEXT_BYTES_MAX: Final = 4 * 1024
"""Most of a text in a REPLY; what is longer is cut, for a switch may say more than anybody reads."""

RING_EVENTS_MAX: Final = 100_000
"""Events held in memory for a resume: over three minutes at 500 events a second, some 30 MB."""

RING_BYTES_MAX: Final = 256 * 1024 * 1024
"""Bytes held in memory for a resume, whichever of the two is reached first."""

SESSIONS_MAX: Final = 6_000
"""Most open sessions: 5,000 softphones and what a site runs beside them."""

HALF_OPEN_MAX: Final = 512
"""Most connections without a WELCOME yet: a burst of reconnects passes, a flood of idlers does not."""

HELLO_SECONDS_MAX: Final = 5
"""Time from connect to a good HELLO: one frame, sent at once by any client that means it."""

LOG_IN_SECONDS_MAX: Final = 10
"""Time from HELLO to the end of the log-in: SCRAM is two round trips and one slow hash."""

LOG_IN_DELAY_SECONDS: Final = (1.0, 2.0, 4.0, 8.0)
"""How long an answer to a log-in waits after 1, 2, 3 … failures from its address; the last one repeats. Nobody who
mistyped minds; who guesses gets some ten thousand tries a day, and the longest still ends within LOG_IN_SECONDS_MAX."""

LOG_IN_FORGET_SECONDS: Final = 60
"""Without a failure from an address until its failures are forgotten: many times the longest delay."""

LOG_IN_SOURCES_MAX: Final = 10_000
"""Most addresses whose failures are remembered, the latest of them: some 2 MB."""

USER_BYTES_MAX: Final = 128
"""Longest name of a user: a mail address fits, and it stands in logs."""

SCRAM_BYTES_MAX: Final = 1024
"""Longest SCRAM message: a name, two nonces and a proof are 400 bytes."""

SCRAM_ITERATIONS_MAX: Final = 1_000_000
"""Most iterations a client works through for a server it does not know yet: half a second, not a minute."""

REQUESTS_OUTSTANDING_MAX: Final = 64
"""Most requests of one session without a reply: more than a person or a dialler for one has under way."""

IDEMPOTENCY_KEYS_MAX: Final = 10_000
"""Most idempotency keys remembered: the oldest answered ones make room."""

IDEMPOTENCY_SECONDS: Final = 600
"""How long a key is remembered: longer than any client's reconnect schedule needs."""

WAITING_BYTES_MAX: Final = 4 * 1024 * 1024
"""Bytes waiting for one live subscriber before it is a slow consumer: half a minute at 500 events a second."""

CATCH_UP_BYTES_WAITING: Final = 128 * 1024
"""Bytes waiting while a snapshot or a catch-up is pulled at the reader's speed: enough to keep a fast reader busy."""

CATCH_UP_PIECE_BYTES: Final = 64 * 1024
"""Bytes handed to one catching-up subscriber before the next one's turn: some milliseconds where they must be encoded
first."""

CATCH_UP_TURN_BYTES: Final = 512 * 1024
"""Bytes handed to all catching-up subscribers together before the events' turn comes."""

CATCH_UP_TURN_SECONDS: Final = 0.005
"""Time for the same, whichever is reached first: what an event waits for them is this and one piece."""

CATCH_UP_SECONDS_MAX: Final = 3600
"""Longest snapshot and catch-up: a day of a busy journal over a slow line; who is slower never gets to the head."""

CATCH_UP_PROGRESS_SECONDS_MAX: Final = 10
"""Longest standstill within it: a reader that takes nothing is gone."""

SNAPSHOTS_PER_SECOND_MAX: Final = 4
"""Snapshots taken for new subscriptions; beyond it one of the same second serves, and the events since follow it. One
of 10,000 calls takes some 20 ms to put together."""

SNAPSHOTS_SHARED_MAX: Final = 4
"""Snapshots held as bytes for whoever begins with them: those of a second. One of 10,000 calls is 1.6 MB."""

GOODBYE_SECONDS: Final = 2
"""Time for BYE and what stands before it to leave; then the connection is cut."""

HEARTBEAT_MS: Final = 5_000
"""Heartbeat interval the server names in WELCOME: a dead peer is known within 15 s."""

HEARTBEATS_MISSED_MAX: Final = 3
"""Heartbeats missed in a row that end a session: one lost is a hiccup, three are a dead peer."""

CLIENTS_EXPECTED: Final = 0
"""Softphones expected, named in WELCOME; they spread their first wait over ``min(15 s, this / 500 s)``."""

SESSIONS_LISTED_MAX: Final = 250
"""Most rows in the answer to QUERY_SESSIONS, those furthest behind first: more do not fit one field."""

RECONNECT_SECONDS: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""A daemon's waits before it connects again; the last one repeats."""

RECONNECT_JITTER_SHARE: Final = 0.2
"""Each wait is spread by so much to either side, so that a thousand clients do not come back in one instant."""

RECONNECT_RESET_SECONDS: Final = 60
"""A session that lived this long starts the waits anew."""

DEFAULT_PORT_GATEWAY: Final = 7400
"""TCP port of the gateway's server, on loopback."""


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """The limits of one server; a daemon's configuration and the tests may set others than the defaults."""

    sessions_max: int = SESSIONS_MAX
    half_open_max: int = HALF_OPEN_MAX
    hello_seconds_max: float = HELLO_SECONDS_MAX
    log_in_seconds_max: float = LOG_IN_SECONDS_MAX
    log_in_delay_seconds: tuple[float, ...] = LOG_IN_DELAY_SECONDS
    requests_outstanding_max: int = REQUESTS_OUTSTANDING_MAX
    waiting_bytes_max: int = WAITING_BYTES_MAX
    ring_events_max: int = RING_EVENTS_MAX
    ring_bytes_max: int = RING_BYTES_MAX
    catch_up_seconds_max: float = CATCH_UP_SECONDS_MAX
    catch_up_progress_seconds_max: float = CATCH_UP_PROGRESS_SECONDS_MAX
    goodbye_seconds: float = GOODBYE_SECONDS
    heartbeat_ms: int = HEARTBEAT_MS
