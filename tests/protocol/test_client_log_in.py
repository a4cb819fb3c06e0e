"""The client's half: it goes on with nobody who did not ask for the password and does not know it, and shows it to
nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.client_log_in import ClientLogIn, Credentials
from protocol.errors import Code, Problem
from protocol.limits import SCRAM_ITERATIONS_MAX
from tests.protocol.log_ins import BINDING, client_half, server_half


def proven() -> ClientLogIn:
    client = client_half()
    server_first = server_half().challenge(client.client_first)
    assert isinstance(server_first, str)
    assert isinstance(client.prove(server_first), str)
    return client


def test_a_server_that_does_not_ask_is_left() -> None:
    for server_final in (None, "v=AAAA"):
        problem = client_half().verify(server_final)
        assert problem is not None
        assert problem.code is Code.LOG_IN_FAILED


@pytest.mark.parametrize("server_final", [None, "", "v=AAAA", "v=", "e=other-error", "v=bm90IGl0"])
def test_a_server_that_does_not_know_the_password_is_left(server_final: str | None) -> None:
    problem = proven().verify(server_final)
    assert problem is not None
    assert problem.code is Code.LOG_IN_FAILED


@pytest.mark.parametrize(
    "server_first",
    [
        "",
        "r=another,s=AAECAwQFBgcICQoLDA0ODw==,i=4096",
        "r=clientnonce,s=AAECAwQFBgcICQoLDA0ODw==,i=4096",
        "r=clientnoncex,s=AAECAwQFBgcICQoLDA0ODw==,i=1",
        "r=clientnoncex,s=AA==,i=4096",
        "e=unknown-user",
    ],
)
def test_a_challenge_that_is_none_is_not_answered(server_first: str) -> None:
    assert isinstance(client_half().prove(server_first), Problem)


def test_a_client_works_no_longer_than_it_must() -> None:
    asked = f"r=clientnoncex,s=AAECAwQFBgcICQoLDA0ODw==,i={SCRAM_ITERATIONS_MAX + 1}"
    problem = client_half().prove(asked)
    assert isinstance(problem, Problem)
    assert str(SCRAM_ITERATIONS_MAX) in problem.text


def test_a_second_challenge_is_not_answered() -> None:
    assert isinstance(proven().prove("r=clientnoncex,s=AAECAwQFBgcICQoLDA0ODw==,i=4096"), Problem)


def test_over_tls_it_says_that_it_is_bound() -> None:
    assert client_half(binding=BINDING).client_first.startswith("p=tls-server-end-point,,")
    assert client_half().client_first.startswith("n,,")


@pytest.mark.parametrize(("user", "password"), [("", "long enough"), ("ada", "bell\x07"), ("a\x00da", "long enough")])
def test_credentials_that_cannot_be(user: str, password: str) -> None:
    credentials = Credentials(user, password)
    assert credentials.problem() is not None
    with pytest.raises(ValueError, match="characters that neither may") as raised:
        ClientLogIn(credentials, nonce="x")
    assert "bell" not in str(raised.value)


def test_the_password_is_not_shown() -> None:
    credentials = Credentials("ada", "s3cret horse")
    assert credentials.problem() is None
    assert "s3cret" not in f"{credentials!r} {credentials} {ClientLogIn(credentials, nonce='x')!r}"


@given(st.text(max_size=80))
def test_a_random_challenge_is_refused_and_never_an_exception(server_first: str) -> None:
    assert isinstance(client_half().prove(server_first), Problem)
