"""What an event concerns is read from its bytes alone."""

import pytest
from hypothesis import given

from model.centre_events import CentreEvent, ConcernKind
from model.events import Event
from protocol.centre_codec import pack_centre_event
from protocol.codec import encode
from protocol.concerns import concerned, filter_name
from protocol.frame import HEADER, HEADER_BYTES
from protocol.kinds import CALL_EVENTS, EVENTS_TO_ALL, Kind
from protocol.packing import pack_event
from tests.protocol.centre_samples import centre_events
from tests.protocol.samples import established, events, link_event


@given(events)
def test_the_devices_of_a_gateway_s_event(event: Event) -> None:
    frame = encode(event)
    kind = HEADER.unpack_from(frame)[1]
    named = concerned(kind, frame, HEADER_BYTES)
    assert (named is None) == (kind in EVENTS_TO_ALL)
    if kind in CALL_EVENTS:
        assert named == tuple(change.device for change in event.devices)  # type: ignore[union-attr]
    assert named == concerned(kind, frame[HEADER_BYTES:])


@given(centre_events)
def test_the_names_of_a_centre_s_event(event: CentreEvent) -> None:
    kind, body = pack_centre_event(event)
    named = concerned(kind, body)
    if kind == Kind.SEEN:
        assert named is None
    else:
        assert named is not None
        assert set(named) == set(map(filter_name, event.concerned))


def test_examples() -> None:
    assert concerned(*pack_event(link_event(1))) is None
    assert concerned(*pack_event(established(1))) == ("8001", "8002")


def test_an_agent_is_no_device_of_its_number() -> None:
    names = {filter_name((kind, "8001")) for kind in ConcernKind}
    assert len(names) == 3
    assert "8001" in names


def test_bytes_that_are_not_ours_are_our_mistake() -> None:
    kind, body = pack_event(established(1))
    with pytest.raises(ValueError, match="first field"):
        concerned(kind, body[:10] + b"\x00\x02" + body[12:])
