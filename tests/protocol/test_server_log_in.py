"""The server's half: who gets in, who does not, and that the reasons cannot be told apart from outside."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import Code, Problem
from protocol.limits import USER_BYTES_MAX
from protocol.lock_out import LockOut
from protocol.server_log_in import ServerLogIn, Verdict
from tests.protocol.log_ins import BINDING, PASSWORD, accounts, client_half, server_half

FAR = 1e9


def proof(server: ServerLogIn, user: str = "ada", password: str = PASSWORD, binding: bytes | None = None) -> str:
    """The client-final message of a client that plays its part."""
    client = client_half(user, password, binding)
    server_first = server.challenge(client.client_first)
    assert isinstance(server_first, str), server_first
    client_final = client.prove(server_first)
    assert isinstance(client_final, str)
    return client_final


@pytest.mark.parametrize("binding", [None, BINDING])
def test_the_right_password_proves_both_sides(binding: bytes | None) -> None:
    server, client = server_half(binding=binding), client_half(binding=binding)
    server_first = server.challenge(client.client_first)
    assert isinstance(server_first, str)
    client_final = client.prove(server_first)
    assert isinstance(client_final, str)
    verdict = server.judge(client_final, 5.0, FAR)
    assert verdict.account is not None
    assert (verdict.account.user, verdict.answer_at, server.failure) == ("ada", 5.0, "")
    assert client.verify(verdict.server_final) is None


@pytest.mark.parametrize(
    ("user", "password", "failure"),
    [
        ("ada", "wrong horse", "invalid-proof"),
        ("nobody", PASSWORD, "unknown-user"),
        ("gone", PASSWORD, "disabled-user"),
        ("gone", "wrong horse", "disabled-user"),
    ],
)
def test_whoever_fails_learns_nothing_of_why(user: str, password: str, failure: str) -> None:
    server = server_half()
    assert server.judge(proof(server, user, password), 5.0, FAR) == Verdict(5.0)
    assert server.failure == failure


def test_a_name_that_nobody_has_is_challenged_like_any_other_and_always_alike() -> None:
    def challenge(user: str, nonce: str) -> list[str]:
        server_first = server_half(nonce=nonce).challenge(client_half(user).client_first)
        assert isinstance(server_first, str)
        return server_first.split(",")

    known, unknown = challenge("ada", "a"), challenge("nobody", "b")
    assert [part[:2] for part in unknown] == [part[:2] for part in known]
    assert [len(part) for part in unknown] == [len(part) for part in known]
    assert unknown[1:] == challenge("nobody", "c")[1:]
    assert unknown[1] != known[1]


def test_a_proof_of_another_session_is_worth_nothing() -> None:
    overheard = proof(server_half(nonce="first"))
    replayed = server_half(nonce="second")
    replayed.challenge(client_half().client_first)
    assert replayed.judge(overheard, 1.0, FAR).account is None
    assert replayed.failure == "other-error"


def test_a_changed_proof_is_worth_nothing() -> None:
    server = server_half()
    start, _, signature = proof(server).rpartition("p=")
    raw = bytearray(base64.b64decode(signature))
    raw[0] ^= 1
    assert server.judge(f"{start}p={base64.b64encode(raw).decode()}", 1.0, FAR).account is None


@pytest.mark.parametrize(
    ("server_binding", "client_binding", "change"),
    [
        (BINDING, None, None),  # n: no binding
        (BINDING, BINDING, ("p=tls-server-end-point", "y")),  # "the server claims to know of none"
        (BINDING, BINDING, ("p=tls-server-end-point", "n")),
        (BINDING, BINDING, ("p=tls-server-end-point", "p=tls-unique")),
        (BINDING, BINDING, ("p=tls-server-end-point", "p=tls-exporter")),
        (None, BINDING, None),  # a client over TLS, brought to a port without
    ],
)
def test_nobody_is_talked_out_of_the_channel_s_binding(
    server_binding: bytes | None, client_binding: bytes | None, change: tuple[str, str] | None
) -> None:
    client_first = client_half(binding=client_binding).client_first
    if change is not None:
        assert change[0] in client_first
        client_first = client_first.replace(*change)
    refused = server_half(binding=server_binding).challenge(client_first)
    assert isinstance(refused, Problem)
    assert refused.code is Code.LOG_IN_FAILED
    assert "channel-binding" in refused.text


def test_a_proof_bound_to_another_certificate_is_worth_nothing() -> None:
    server = server_half(binding=BINDING)
    assert server.judge(proof(server, binding=b"of somebody in between"), 1.0, FAR).account is None
    assert server.failure == "channel-bindings-dont-match"


def test_who_failed_waits_and_a_proof_without_a_turn_is_not_looked_at() -> None:
    lock_out = LockOut()
    first = server_half(lock_out)
    first.judge(proof(first, password="wrong"), 0.0, 10.0)
    second = server_half(lock_out)
    assert second.judge(proof(second), 0.0, 10.0).answer_at == 1.0
    late = server_half(lock_out)
    verdict = late.judge(proof(late), 0.0, 1.5)
    assert verdict.account is None
    assert verdict.answer_at > 1e9
    assert late.failure == "too-many-failures"


def test_a_claimed_name_is_cut() -> None:
    server = server_half()
    server.challenge(f"n,,n={'ä' * 200},r=x")
    assert server.user == "ä" * (USER_BYTES_MAX // 2)


@pytest.mark.parametrize("client_first", ["", "n", ",,", "n,,", "n,,n=,r=x", "n,a=x,n=ada,r=x", "n,,m=x,n=ada,r=x"])
def test_what_is_no_client_first_message(client_first: str) -> None:
    assert isinstance(server_half().challenge(client_first), Problem)


@given(st.text(max_size=80), st.text(max_size=80))
def test_random_messages_end_in_a_refusal_and_never_in_an_exception(client_first: str, client_final: str) -> None:
    assert isinstance(server_half().challenge(client_first), Problem)
    server = server_half(held=accounts())
    server.challenge(client_half().client_first)
    assert server.judge(client_final, 1.0, FAR).account is None
