"""Records as JSON: names, moments, spans."""

import json

from cdr.forms import form_of, iso_of, names_of
from cdr.records import ConversationRecord, LegRecord, Record, SegmentRecord
from tests.cdr.sample_records import at, conversation, leg, segment

BEGAN = at("2026-01-31 08:00:00")


def test_a_moment_is_text_in_utc_and_a_span_is_seconds() -> None:
    form = form_of(conversation(1, BEGAN + 1, wait=0.000002, answered_us=None))
    assert form["began"] == "2026-01-31T08:00:00.000001Z"
    assert form["answered"] is None
    assert form["waiting_seconds"] == 0.000002
    assert form["result"] == "answered"
    assert form["missing"] == []
    assert iso_of(0) == "1970-01-01T00:00:00.000000Z"


def test_the_spans_of_a_leg_stand_beside_its_other_fields() -> None:
    form = form_of(leg(1, BEGAN, ring=5, talk=60.5))
    assert (form["ringing_seconds"], form["talking_seconds"], form["wrap_up_seconds"]) == (5.0, 60.5, 0.0)
    assert "spans" not in form


def test_names_are_those_of_the_forms_and_everything_goes_into_json() -> None:
    kinds: list[tuple[type[Record], Record]] = [
        (ConversationRecord, conversation(1, BEGAN)),
        (LegRecord, leg(1, BEGAN)),
        (SegmentRecord, segment(1, BEGAN, 3)),
    ]
    for kind, record in kinds:
        assert names_of(kind) == list(json.loads(json.dumps(form_of(record))))
