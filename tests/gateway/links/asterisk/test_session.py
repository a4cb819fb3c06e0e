"""One connection's life, as a transcript: what the switch says, what we answer, what comes of it."""

import random
import re

from gateway.links.asterisk.ami import Event, Poison
from gateway.links.asterisk.session import (
    BOOT_US,
    LOGIN_US,
    PING_US,
    REASON_CHARACTERS_MAX,
    SILENCE_US,
    SNAPSHOT_AGAIN_US,
    SNAPSHOT_PAUSE_US,
    SNAPSHOT_US,
    AmiSession,
    Answer,
    End,
    Ended,
    LoggedIn,
    LoggingIn,
    Output,
    SwitchSnapshot,
)
from model.ids import Microseconds

BANNER = "Asterisk Call Manager/11.0.0\r\n"
START = Microseconds(1_000_000)


class Talk:
    """The other end of a session, with a hand on the clock."""

    def __init__(self) -> None:
        self.session = AmiSession("cti", "secret", "p", START)
        self.now_us = START

    def said(self) -> list[str]:
        """What the session sent: the actions' names, with the ActionID's number."""
        sent = self.session.bytes_to_send().decode()
        return [f"{name} {number}" for name, number in re.findall(r"Action: (\w+)\r\nActionID: (p-\d+)", sent)]

    def hears(self, *blocks: str) -> list[Output]:
        """Blocks of the switch, their headers divided by blanks."""
        texts = [block if block == BANNER else re.sub(r" (?=\w+: )", "\r\n", block) + "\r\n\r\n" for block in blocks]
        return self.session.receive("".join(texts).encode(), self.now_us)

    def waits(self, microseconds: int) -> list[Output]:
        """Time passes."""
        self.now_us = Microseconds(self.now_us + microseconds)
        return self.session.tick(self.now_us)

    def logs_in(self) -> None:
        """Up to the first snapshot's questions."""
        self.hears(BANNER)
        self.said()
        self.hears("Response: Success ActionID: p-1 Challenge: 687924454")
        self.said()
        self.hears("Response: Success ActionID: p-2 Message: Authentication accepted")
        self.said()
        self.hears("Event: FullyBooted Status: Fully Booted")

    def lists(self, bridges: str, statuses: str, *items: str, count: int | None = None) -> list[Output]:
        """An answer to BridgeList (no bridges) and Status."""
        told = len(items) if count is None else count
        return self.hears(
            f"Response: Success ActionID: {bridges} EventList: start",
            f"Event: BridgeListComplete ActionID: {bridges} ListItems: 0",
            f"Response: Success ActionID: {statuses} EventList: start",
            *items,
            f"Event: StatusComplete ActionID: {statuses} ListItems: {told}",
        )


def test_from_the_banner_to_the_first_snapshot() -> None:
    talk = Talk()
    assert talk.hears(BANNER) == [LoggingIn("11.0.0")]
    assert talk.said() == ["Challenge p-1"]
    talk.hears("Response: Success ActionID: p-1 Challenge: 687924454")
    login = talk.session.bytes_to_send().decode()
    assert re.search(r"Action: Login\r\nActionID: p-2\r\nAuthType: MD5\r\nUsername: cti\r\nKey: [0-9a-f]{32}", login)
    assert "secret" not in login
    assert talk.hears("Response: Success ActionID: p-2 Message: Authentication accepted") == [LoggedIn()]
    assert {text.split()[0] for text in talk.said()} == {"Filter"}
    assert talk.hears("Event: FullyBooted Status: Fully Booted") == []
    bridges, statuses = talk.said()
    assert [bridges.split()[0], statuses.split()[0]] == ["BridgeList", "Status"]
    item = f"Event: Status Channel: PJSIP/8001-1 Uniqueid: 1.1 ActionID: {statuses.split()[1]}"
    outputs = talk.lists(bridges.split()[1], statuses.split()[1], item)
    (snapshot,) = (one for one in outputs if not isinstance(one, Answer))
    assert isinstance(snapshot, SwitchSnapshot)
    assert (snapshot.is_complete, len(snapshot.statuses), snapshot.asked_us) == (True, 1, START)


def test_the_key_is_asterisk_s_own_example() -> None:
    session = AmiSession("cti", "cti", "p", START)
    session.receive(BANNER.encode(), START)
    session.receive(b"Response: Success\r\nActionID: p-1\r\nChallenge: 687924454\r\n\r\n", START)
    assert b"Key: 1da455d00f9b09b0361e4754b1f58274\r\n" in session.bytes_to_send()


def test_a_refused_log_in_ends_it_with_the_switch_s_words() -> None:
    talk = Talk()
    talk.hears(BANNER)
    talk.hears("Response: Success ActionID: p-1 Challenge: 1")
    (ended,) = talk.hears("Response: Error ActionID: p-2 Message: Authentication failed")
    assert isinstance(ended, Ended)
    assert (ended.end, ended.reason) == (End.LOGIN_REFUSED, "log-in refused for user 'cti': Authentication failed")
    assert talk.hears("Event: FullyBooted Status: x") == []
    assert talk.waits(SILENCE_US) == []


def test_the_switch_s_words_are_cut_to_what_an_operator_reads() -> None:
    talk = Talk()
    talk.hears(BANNER)
    talk.hears("Response: Success ActionID: p-1 Challenge: 1")
    (ended,) = talk.hears(f"Response: Error ActionID: p-2 Message: {'x' * 60_000}")
    assert isinstance(ended, Ended)
    assert ended.reason.startswith("log-in refused for user 'cti': xxx")
    assert len(ended.reason) == REASON_CHARACTERS_MAX


def test_an_answer_that_comes_again_asks_for_nothing() -> None:
    talk = Talk()
    talk.logs_in()
    talk.said()
    for answered in ("p-1", "p-2"):
        talk.hears(f"Response: Success ActionID: {answered} Challenge: 1")
    assert talk.said() == []


def test_another_protocol_ends_it() -> None:
    (ended,) = Talk().session.receive(b"220 mail\r\n", START)
    assert isinstance(ended, Ended)
    assert ended.end is End.WRONG_PROTOCOL
    assert "220 mail" in ended.reason


def test_silence_ends_it_at_each_stage() -> None:
    talk = Talk()
    talk.hears(BANNER)
    (ended,) = talk.waits(LOGIN_US)
    assert isinstance(ended, Ended)
    assert "log-in" in ended.reason
    talk = Talk()
    talk.logs_in()
    talk.said()
    (ended,) = talk.waits(SNAPSHOT_US)
    assert isinstance(ended, Ended)
    assert "Status" in ended.reason
    talk = Talk()
    (ended,) = talk.waits(SILENCE_US)
    assert isinstance(ended, Ended)
    assert "nothing heard" in ended.reason


def test_a_switch_that_never_boots_is_left() -> None:
    talk = Talk()
    talk.hears(BANNER)
    talk.hears("Response: Success ActionID: p-1 Challenge: 1")
    talk.hears("Response: Success ActionID: p-2 Message: x")
    ended: list[Output] = []
    while not ended:
        talk.hears("Event: VarSet Variable: x")
        ended = talk.waits(PING_US)
        assert talk.now_us < START + 2 * BOOT_US
    assert "booted" in ended[0].reason  # type: ignore[union-attr]


def test_pings_are_asked_and_any_sign_of_life_counts() -> None:
    talk = Talk()
    talk.logs_in()
    bridges, statuses = (text.split()[1] for text in talk.said())
    talk.lists(bridges, statuses)
    for _ in range(10):
        assert talk.waits(PING_US) == []
        assert [text.split()[0] for text in talk.said()] == ["Ping"]
        talk.hears("Event: VarSet Variable: x")
    assert talk.session.due_us == talk.now_us + PING_US


def test_snapshot_wishes_become_one_and_not_too_soon() -> None:
    talk = Talk()
    talk.logs_in()
    bridges, statuses = (text.split()[1] for text in talk.said())
    for _ in range(5):
        talk.session.want_snapshot(talk.now_us)
    assert talk.said() == []
    talk.lists(bridges, statuses)
    assert talk.said() == ["BridgeList p-" + talk_number(talk, -1), "Status p-" + talk_number(talk, 0)]
    talk.lists(*(f"p-{talk_number(talk, back)}" for back in (-1, 0)))
    talk.session.want_snapshot(talk.now_us)
    assert talk.said() == []
    assert talk.session.due_us == talk.now_us + SNAPSHOT_PAUSE_US
    talk.waits(SNAPSHOT_PAUSE_US)
    assert len(talk.said()) == 2


def talk_number(talk: Talk, back: int) -> str:
    """The number of the action last asked, or one before it."""
    return str(talk.session._actions + back)


def test_a_list_with_forged_blocks_in_it_is_incomplete_and_asked_for_again() -> None:
    talk = Talk()
    talk.logs_in()
    bridges, statuses = (text.split()[1] for text in talk.said())
    outputs = talk.lists(bridges, statuses, "Event: Status Channel: PJSIP/trunk-1 CallerIDNum: 138", "X: 1", count=1)
    kinds = [type(one) for one in outputs if not isinstance(one, Answer)]
    assert kinds == [Poison, Poison, SwitchSnapshot]
    snapshot = outputs[-1]
    assert isinstance(snapshot, SwitchSnapshot)
    assert (snapshot.is_complete, snapshot.statuses) == (False, ())
    assert talk.waits(SNAPSHOT_AGAIN_US - 1) == []
    assert "Status" not in str(talk.said())
    talk.waits(1)
    assert "Status" in str(talk.said())


def test_a_user_who_may_not_list_channels_is_refused() -> None:
    talk = Talk()
    talk.logs_in()
    _, statuses = (text.split()[1] for text in talk.said())
    (ended,) = talk.hears(f"Response: Error ActionID: {statuses} Message: Permission denied")
    assert isinstance(ended, Ended)
    assert ended.end is End.LOGIN_REFUSED
    assert "write=reporting" in ended.reason


def test_bridges_that_we_may_not_list_are_none() -> None:
    talk = Talk()
    talk.logs_in()
    bridges, statuses = (text.split()[1] for text in talk.said())
    talk.hears(f"Response: Error ActionID: {bridges} Message: Permission denied")
    outputs = talk.hears(f"Event: StatusComplete ActionID: {statuses} ListItems: 0")
    assert [type(one) for one in outputs] == [SwitchSnapshot]


def test_a_forger_cannot_answer_for_the_switch() -> None:
    talk = Talk()
    talk.logs_in()
    talk.said()
    assert [type(one) for one in talk.hears("Event: StatusComplete ActionID: guess-9 ListItems: 0")] == [Poison]
    assert talk.hears("Response: Success ActionID: guess-1 Challenge: 1") == []


def test_events_pass_and_shutdown_ends_it() -> None:
    talk = Talk()
    talk.logs_in()
    (event,) = talk.hears("Event: Hangup Uniqueid: 1.1")
    assert isinstance(event, Event)
    (ended,) = talk.hears("Event: Shutdown Shutdown: Cleanly Restart: True", "Event: Hangup Uniqueid: 1.1")
    assert isinstance(ended, Ended)
    assert (ended.end, ended.reason) == (End.SWITCH_STOPPED, "the switch restarts")


def test_ten_thousand_mutated_conversations_are_survived() -> None:
    dice = random.Random(2)
    good = (
        BANNER + "Response: Success\r\nActionID: p-1\r\nChallenge: 1\r\n\r\nResponse: Success\r\nActionID: p-2\r\n\r\n"
        "Event: FullyBooted\r\nStatus: x\r\n\r\nEvent: BridgeListComplete\r\nActionID: p-33\r\nListItems: 0\r\n\r\n"
        "Event: StatusComplete\r\nActionID: p-34\r\nListItems: 0\r\n\r\nEvent: Hangup\r\nUniqueid: 1.1\r\n\r\n"
    ).encode()
    for _ in range(10_000):
        session = AmiSession("cti", "secret", "p", START)
        bad = bytearray(good)
        for _ in range(dice.randrange(1, 8)):
            bad[dice.randrange(len(bad))] = dice.randrange(256)
        cut = dice.randrange(len(bad))
        session.receive(bytes(bad[:cut]), START)
        session.receive(bytes(bad[cut:]), START)
        session.tick(Microseconds(START + PING_US))
        assert session.due_us > START
        assert session.bytes_to_send().count(b"\r\n\r\n") < 60
