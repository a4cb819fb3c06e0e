"""Events and values of the CTI server and the IVR come back as they were; what a peer mutates is a problem."""

from hypothesis import given
from hypothesis import strategies as st

from model.centre_events import CentreEvent
from protocol.bodies import BODIES
from protocol.centre_codec import (
    CentrePart,
    centre_snapshot_body,
    decode_centre,
    decode_centre_part,
    pack_centre_event,
)
from protocol.errors import Code, Problem
from protocol.kinds import CENTRE_EVENTS, CENTRE_SNAPSHOTS, Kind
from tests.protocol.centre_samples import centre_events, parts


@given(centre_events)
def test_events_come_back_equal(event: CentreEvent) -> None:
    kind, body = pack_centre_event(event)
    assert decode_centre(kind, event.number, body) == event


@given(parts)
def test_values_of_a_snapshot_come_back_equal(part: CentrePart) -> None:
    assert decode_centre_part(*centre_snapshot_body(part)) == part


@given(st.sampled_from(sorted(CENTRE_EVENTS | CENTRE_SNAPSHOTS)), centre_events, st.data())
def test_mutated_bytes_never_raise(kind: Kind, event: CentreEvent, data: st.DataObject) -> None:
    body = bytearray(pack_centre_event(event)[1])
    for _ in range(data.draw(st.integers(0, 4))):
        if body:
            body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(body[: data.draw(st.integers(0, len(body)))])
    for read in (decode_centre(kind, 1, cut), decode_centre_part(kind, cut)):
        assert isinstance(read, Problem) or read is not None


@given(centre_events.filter(lambda event: event.concerned != ()), st.data())
def test_an_event_whose_list_is_not_that_of_what_it_tells_is_refused(event: CentreEvent, data: st.DataObject) -> None:
    """Else a filter would let pass what concerns nobody it names, or hold back what does."""
    kind, body = pack_centre_event(event)
    values = BODIES[Kind(kind)].parse(body)
    assert isinstance(values, dict)
    told = list(values["concerned"])
    told.pop(data.draw(st.integers(0, len(told) - 1)))
    read = decode_centre(kind, event.number, BODIES[Kind(kind)].build({**values, "concerned": told}))
    assert isinstance(read, Problem)
    assert read.code is Code.MALFORMED
    assert "concerns" in read.text


def test_other_kinds_are_none_of_these() -> None:
    assert isinstance(decode_centre(Kind.ESTABLISHED, 1, b""), Problem)
    assert isinstance(decode_centre_part(Kind.SNAPSHOT_CALL, b""), Problem)
