"""What the world sees."""

from dataclasses import replace

from model.ids import Microseconds
from model.view import Condition


def test_a_condition_is_the_same_with_another_reason_and_another_with_another_subject() -> None:
    behind = Condition("consumer_behind", "cdr", "much waits", Microseconds(1))
    assert replace(behind, text="more waits", since_us=Microseconds(2)).about == behind.about
    assert replace(behind, subject="recorder").about != behind.about
    assert replace(behind, code="journal_unwritable").about != behind.about
