"""Who is told of responses and proofs, and that it is once."""

from gateway.links.asterisk.ami import Event, Response
from gateway.links.asterisk.requests import Lost, OpenRequests
from model.commands import Outcome, Refusal

DONE = Outcome()


def proof(event: Event) -> Outcome | None:
    """Hangup proves it."""
    return DONE if event.name == "Hangup" else None


def test_a_response_finds_who_waits_for_it_once() -> None:
    requests = OpenRequests()
    told: list[Response | Lost] = []
    requests.on_response("a-1", told.append)
    requests.answered("nobody", Response("Error", {}))
    for status in ("Success", "Error"):
        requests.answered("a-1", Response(status, {}))
    assert told == [Response("Success", {})]


def test_an_event_proves_an_action_done_once() -> None:
    requests = OpenRequests()
    proven: list[Outcome] = []
    requests.on_proof(proof, proven.append)
    for name in ("Newstate", "Hangup", "Hangup"):
        requests.seen(Event(name, {}))
    assert proven == [DONE]


def test_who_waits_no_longer_is_told_nothing() -> None:
    requests = OpenRequests()
    told: list[object] = []
    requests.on_response("a-1", told.append)
    requests.on_proof(proof, told.append)
    requests.forget_response("a-1")
    requests.forget_proof(proof)
    requests.answered("a-1", Response("Success", {}))
    requests.seen(Event("Hangup", {}))
    requests.lost("x")
    assert told == []


def test_a_lost_link_answers_everybody() -> None:
    requests = OpenRequests()
    told: list[object] = []
    requests.on_response("a-1", told.append)
    requests.on_proof(proof, told.append)
    requests.lost("the switch stops")
    requests.lost("again")
    assert told == [Lost("the switch stops"), Outcome(Refusal.LINK_DOWN, "the link was lost: the switch stops")]
