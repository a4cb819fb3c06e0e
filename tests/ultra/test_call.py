"""`ultra call` at a real gateway and a simulated switch: every command does what it says, refusals have their code."""

import json
from collections.abc import Iterator

import pytest

from protocol.errors import Code
from protocol.requests import Reply
from tests.ultra.real_site import RealSite, real_site, ultra
from ultra.call import reply_json


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealSite]:
    with real_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(autouse=True)
def quiet(site: RealSite) -> Iterator[None]:
    """Everybody hangs up after a test."""
    yield
    while calls := table(site):
        site.admin(f"hangup {next(iter(next(iter(calls.values()))))}")


def table(site: RealSite) -> dict[str, dict[str, str]]:
    """The switch's own calls."""
    return dict(site.admin("table")["calls"])


def states(site: RealSite) -> list[dict[str, str]]:
    return list(table(site).values())


def done(site: RealSite, *arguments: str) -> str:
    """A command that the switch takes and whose event comes."""
    ended = site.ultra("call", *arguments, "--wait")
    assert ended.code == 0, ended.err
    first, event = ended.out.splitlines()
    assert first.startswith("accepted")
    return event.split()[2]


def test_make_answer_hold_retrieve_clear(site: RealSite) -> None:
    assert done(site, "make", "1000", "1001") in ("service_initiated", "originated")
    assert done(site, "answer", "1001") == "established"
    assert states(site) == [{"1000": "connected", "1001": "connected"}]
    assert done(site, "hold", "1000") == "held"
    assert states(site) == [{"1000": "hold", "1001": "connected"}]
    assert done(site, "retrieve", "1000") == "retrieved"
    assert done(site, "clear", "1000") == "connection_cleared"
    assert "1000" not in str(states(site))


def test_consult_alternate_reconnect(site: RealSite) -> None:
    done(site, "make", "1000", "1001")
    done(site, "answer", "1001")
    done(site, "consult", "1000", "1002")
    done(site, "answer", "1002")
    done(site, "alternate", "1000")
    assert {"1000": "connected", "1001": "connected"} in states(site)
    assert {"1000": "hold", "1002": "connected"} in states(site)
    done(site, "reconnect", "1000")
    assert {"1000": "connected", "1002": "connected"} in states(site)


def test_consult_and_transfer(site: RealSite) -> None:
    done(site, "make", "1000", "1001")
    done(site, "answer", "1001")
    done(site, "consult", "1001", "1002")
    done(site, "answer", "1002")
    assert done(site, "transfer", "1001") == "transferred"
    assert states(site) == [{"1000": "connected", "1002": "connected"}]


def test_consult_and_conference_and_everybody_leaves(site: RealSite) -> None:
    done(site, "make", "1000", "1001")
    done(site, "answer", "1001")
    done(site, "consult", "1001", "1002")
    done(site, "answer", "1002")
    assert done(site, "conference", "1001") == "conferenced"
    assert states(site) == [{"1000": "connected", "1001": "connected", "1002": "connected"}]
    done(site, "clear", "1000", "--all")
    assert states(site) == []


def test_a_single_step_transfer_and_a_deflection(site: RealSite) -> None:
    done(site, "make", "1000", "1001")
    done(site, "deflect", "1001", "1002")
    assert "1002" in states(site)[0]
    done(site, "answer", "1002")
    assert done(site, "transfer", "1002", "--to", "1003") == "transferred"
    assert set(states(site)[0]) == {"1000", "1003"}


def test_a_call_is_named_by_its_id(site: RealSite) -> None:
    made = site.ultra("call", "make", "1002", "1003", "--json", "--wait").json_lines
    call_id = made[1]["calls"][0]["call_id"]
    answered = site.ultra("call", "answer", "1003", "--call", call_id, "--json", "--wait").json_lines
    assert answered[0] == {"accepted": True, "code": "accepted"}
    assert answered[1]["kind"] == "established"
    refused = site.ultra("call", "answer", "1003", "--call", "1:1")
    assert refused.code == 1
    assert refused.err.startswith("Error: unknown_call: ")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("answer", "1000"), "wrong_state"),
        (("hold", "1000"), "wrong_state"),
        (("transfer", "1000"), "wrong_state"),
        (("transfer", "1000", "--to", "1001"), "wrong_state"),
        (("make", "9999", "1000"), "unknown_device"),
        (("make", "1000", ""), "bad_destination"),
    ],
)
def test_a_refusal_has_its_code_and_exit_code(site: RealSite, arguments: tuple[str, ...], code: str) -> None:
    ended = site.ultra("call", *arguments)
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"Error: {code}: ")
    form = json.loads((ended := site.ultra("call", *arguments, "--json")).out)
    assert ended.code == 1
    assert (form["accepted"], form["code"]) == (False, code)


def test_a_call_id_that_is_none(site: RealSite) -> None:
    for identity in ("7", "1:x", f"{1 << 64}:1"):
        ended = ultra("call", "clear", "1000", "--call", identity)
        assert ended.code == 2
        assert "--call" in ended.err


def test_an_answer_in_json_leaves_out_what_is_not_there() -> None:
    assert reply_json(Reply()) == {"accepted": True, "code": "accepted"}
    assert reply_json(Reply(Code.REFUSED_BY_SWITCH, "no", "generic")) == {
        "accepted": False,
        "code": "refused_by_switch",
        "text": "no",
        "switch_error": "generic",
    }
