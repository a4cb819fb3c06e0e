"""The event that every broker carries: one size for all devices, found again in any stream of bytes."""

from bench.payload import MARK, STAMP_BYTES, device_number, event_body, stamp, stamps_in
from model.events import CallEvent
from protocol.codec import decode
from protocol.concerns import concerned
from protocol.kinds import Kind


def test_it_is_a_real_event_about_its_device() -> None:
    body = event_body(4_999)
    event = decode(Kind.ESTABLISHED, 1, body)
    assert isinstance(event, CallEvent)
    assert concerned(Kind.ESTABLISHED, body) == (device_number(4_999),) == ("14999",)


def test_every_device_s_event_has_the_same_size() -> None:
    assert {len(event_body(index)) for index in (0, 1, 999, 4_999)} == {len(event_body())}


def test_times_of_sending_are_found_in_a_stream() -> None:
    stream = bytearray()
    for sent_us in (7, 8, 123_456_789):
        stream += b"PUB e.10000 158\r\n"
        at = len(stream)
        stream += event_body()
        stamp(stream, at, sent_us)
        stream += b"\r\n"
    assert stamps_in(memoryview(stream)) == [7, 8, 123_456_789]


def test_a_piece_that_begins_within_an_event_gives_no_false_time() -> None:
    assert stamps_in(memoryview(event_body()[STAMP_BYTES - 1 :])) == []
    assert stamps_in(memoryview(MARK[:-1])) == []
