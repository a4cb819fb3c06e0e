"""The declaration of the bodies of the CTI server and the IVR covers their kinds, and begins with what filters read."""

from protocol.centre_bodies import CENTRE_BODIES, CONCERNED_TAG
from protocol.kinds import CENTRE_EVENTS, CENTRE_SNAPSHOTS, Kind


def test_every_kind_has_its_body() -> None:
    assert set(CENTRE_BODIES) == CENTRE_EVENTS | CENTRE_SNAPSHOTS


def test_what_an_event_concerns_is_its_first_field() -> None:
    for kind in CENTRE_EVENTS - {Kind.SEEN}:
        assert CENTRE_BODIES[kind].fields[0].tag == CONCERNED_TAG
        assert CENTRE_BODIES[kind].fields[0].name == "concerned"
    assert CENTRE_BODIES[Kind.SEEN].fields == ()
