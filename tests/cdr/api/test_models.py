"""The description is that of the forms: each fits its model, and nothing else does."""

import pytest
from pydantic import ValidationError

from cdr.api import models
from cdr.forms import form_of, names_of
from cdr.records import ConversationRecord, LegRecord
from tests.cdr.sample_records import at, conversation, leg, segment, visit

BEGAN = at("2026-01-31 08:00:00")


def test_forms_fit_their_models() -> None:
    models.Conversation.model_validate(form_of(conversation(1, BEGAN, answered_us=None)))
    models.Leg.model_validate(form_of(leg(1, BEGAN)))
    models.Segment.model_validate(form_of(segment(1, BEGAN, 3)))
    models.QueueVisit.model_validate(form_of(visit(1, BEGAN, 3)))


def test_their_names_are_those_of_the_forms() -> None:
    assert list(models.Conversation.model_fields) == names_of(ConversationRecord)
    assert list(models.Leg.model_fields) == names_of(LegRecord)


def test_what_is_not_so_does_not_fit() -> None:
    form = form_of(conversation(1, BEGAN))
    for wrong in ({**form, "result": "odd"}, {**form, "more": 1}, {**form, "began": None}):
        with pytest.raises(ValidationError):
            models.Conversation.model_validate(wrong)
