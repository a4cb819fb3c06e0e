"""The way in at the server, message by message: from HELLO to WELCOME, and every way in which it ends early."""

import pytest

from model.ids import DeviceNumber
from protocol.client_log_in import ClientLogIn
from protocol.errors import TEXT, Code, Problem
from protocol.frame import Frame, FrameReader, pack_frame
from protocol.kinds import Kind, Role
from protocol.limits import BODY_BYTES_MAX_SERVER, SCRAM_BYTES_MAX, ServerLimits
from protocol.lock_out import LockOut
from protocol.messages import Hello, Welcome, pack_hello, pack_proof, read_challenge
from protocol.opening import NO_USERS_HERE, Granted, Opening, Outcome
from tests.protocol.log_ins import PASSWORD, client_half, server_half

LIMITS = ServerLimits(hello_seconds_max=5.0, log_in_seconds_max=10.0)


def welcome(hello: Hello) -> Welcome | Problem:
    assert hello.role is not None
    if hello.name == "full":
        return Problem(Code.TOO_MANY_SESSIONS, "full")
    return Welcome("gateway", 1, hello.role, 1_000, 1, ())


def new_opening(lock_out: LockOut | None = None) -> Opening:
    return Opening(welcome, lambda: server_half(lock_out), LIMITS, now=0.0)


def hello_of(log_in: ClientLogIn | None, role: Role | None = None, name: str = "test", device: str = "") -> Frame:
    client_first = None if log_in is None else log_in.client_first
    return Frame(Kind.HELLO, 0, 0, pack_hello(Hello(name, role, DeviceNumber(device), client_first=client_first)))


def proof_of(log_in: ClientLogIn, challenge: Outcome) -> Frame:
    """The PROOF that answers a CHALLENGE."""
    assert isinstance(challenge, bytes), challenge
    (frame,) = FrameReader(BODY_BYTES_MAX_SERVER).receive(challenge)
    assert frame.kind == Kind.CHALLENGE
    server_first = read_challenge(frame.body)
    assert isinstance(server_first, str)
    client_final = log_in.prove(server_first)
    assert isinstance(client_final, str)
    return Frame(Kind.PROOF, 0, 0, pack_proof(client_final))


def logged_in(opening: Opening, user: str = "ada", password: str = PASSWORD, now: float = 1.0, **asked: str) -> Outcome:
    """What comes of a whole log-in."""
    log_in = client_half(user, password)
    return opening.take(proof_of(log_in, opening.take(hello_of(log_in, **asked), now)), now)  # type: ignore[arg-type]


def code_of(outcome: Outcome) -> Code:
    assert isinstance(outcome, Problem), outcome
    return outcome.code


def test_a_log_in_opens_the_session_with_the_account_s_role_and_device() -> None:
    opening = new_opening()
    granted = logged_in(opening, "amy")
    assert isinstance(granted, Granted)
    assert (granted.hello.role, granted.hello.device, granted.welcome.role) == (Role.AGENT, "8001", Role.AGENT)
    assert granted.welcome.server_final is not None
    assert opening.user == "amy"


@pytest.mark.parametrize(
    ("user", "password"), [("ada", "wrong horse"), ("nobody", PASSWORD), ("gone", PASSWORD), ("gone", "wrong horse")]
)
def test_every_failure_has_the_same_words(user: str, password: str) -> None:
    assert logged_in(new_opening(), user, password) == Problem(Code.LOG_IN_FAILED, TEXT[Code.LOG_IN_FAILED])


def test_the_role_is_judged_after_the_password() -> None:
    log_in = client_half("cdr", "wrong horse")
    opening = new_opening()
    wrong = opening.take(proof_of(log_in, opening.take(hello_of(log_in, Role.ADMIN), 1.0)), 1.0)
    assert code_of(wrong) is Code.LOG_IN_FAILED
    log_in = client_half("cdr")
    opening = new_opening()
    right = opening.take(proof_of(log_in, opening.take(hello_of(log_in, Role.ADMIN), 1.0)), 1.0)
    assert code_of(right) is Code.ROLE_REFUSED


def test_a_full_server_says_so_after_the_log_in() -> None:
    assert code_of(logged_in(new_opening(), name="full")) is Code.TOO_MANY_SESSIONS


def test_no_user_no_session() -> None:
    assert code_of(new_opening().take(hello_of(None, Role.ADMIN), 0.0)) is Code.LOG_IN_REQUIRED


def test_a_server_without_users_takes_no_password_for_checked() -> None:
    opening = Opening(welcome, lambda: None, LIMITS, 0.0)
    assert opening.take(hello_of(client_half(), Role.ADMIN), 0.0) == Problem(Code.LOG_IN_FAILED, NO_USERS_HERE)
    opening = Opening(welcome, lambda: None, LIMITS, 0.0)
    granted = opening.take(hello_of(None, Role.ADMIN), 0.0)
    assert isinstance(granted, Granted)
    assert granted.welcome.server_final is None


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (hello_of(client_half()), Code.UNEXPECTED_FRAME),
        (Frame(Kind.SUBSCRIBE, 1, 1, b""), Code.UNEXPECTED_FRAME),
        (Frame(0x7777, 0, 0, b""), Code.UNEXPECTED_FRAME),
        (Frame(Kind.PROOF, 0, 0, b""), Code.MALFORMED),
        (Frame(Kind.PROOF, 0, 0, b"\x00\x01\xff\xffc=biws"), Code.MALFORMED),
        (Frame(Kind.PROOF, 0, 0, b"\x00\x01\x00\x02\xff\xfe"), Code.MALFORMED),
        (Frame(Kind.PROOF, 0, 0, pack_proof("c" * (SCRAM_BYTES_MAX + 1))), Code.MALFORMED),
        (Frame(Kind.PROOF, 0, 0, pack_proof("no proof")), Code.LOG_IN_FAILED),
    ],
)
def test_what_is_no_proof_ends_the_log_in(frame: Frame, code: Code) -> None:
    opening = new_opening()
    assert isinstance(opening.take(hello_of(client_half()), 0.0), bytes)
    assert code_of(opening.take(frame, 1.0)) is code


def test_hello_and_proof_have_their_time() -> None:
    opening = new_opening()
    assert opening.deadline == 5.0
    assert code_of(opening.time_passed(5.0)) is Code.HELLO_TOO_LATE
    opening = new_opening()
    opening.take(hello_of(client_half()), 4.0)
    assert opening.deadline == 14.0
    assert code_of(opening.time_passed(14.0)) is Code.LOG_IN_FAILED


def test_after_a_failure_the_answer_waits_whatever_it_is() -> None:
    lock_out = LockOut()
    assert code_of(logged_in(new_opening(lock_out), password="wrong horse")) is Code.LOG_IN_FAILED
    opening = new_opening(lock_out)
    assert logged_in(opening, now=1.0) == b""
    assert opening.deadline == 2.0
    assert isinstance(opening.time_passed(2.0), Granted)
    opening = new_opening(lock_out)
    assert logged_in(opening, password="wrong horse", now=2.0) == b""
    assert code_of(opening.take(Frame(Kind.PROOF, 0, 0, b""), 2.1)) is Code.UNEXPECTED_FRAME
    assert code_of(opening.time_passed(3.0)) is Code.LOG_IN_FAILED


def test_who_gets_no_turn_is_refused_like_the_others_when_the_time_is_up() -> None:
    lock_out = LockOut(delays=(20.0,))
    logged_in(new_opening(lock_out), password="wrong horse", now=0.0)
    opening = new_opening(lock_out)
    assert logged_in(opening, now=0.0) == b""
    assert opening.deadline == 10.0
    assert opening.time_passed(10.0) == Problem(Code.LOG_IN_FAILED, TEXT[Code.LOG_IN_FAILED])
    assert opening.failure == "too-many-failures"


def test_before_hello_nothing_else_is_taken() -> None:
    for kind, code in ((Kind.PROOF, Code.UNEXPECTED_FRAME), (0x7777, Code.NOT_ULP)):
        (frame,) = FrameReader(BODY_BYTES_MAX_SERVER).receive(pack_frame(kind, 0, 0))
        assert code_of(new_opening().take(frame, 0.0)) is code
