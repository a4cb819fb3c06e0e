"""Values of messages: equal by content, hashable, slotted."""

import pytest

from gateway.links.csta_xml.messages import CallEvent, CallEventKind, ConnectionID, Security
from gateway.links.csta_xml.messages.value import value


@value
class Pair:
    left: str
    right: int = 0


def test_equal_by_content_and_hashable() -> None:
    assert Pair("a") == Pair("a", 0)
    assert {Pair("a"), Pair("a")} == {Pair("a")}
    assert Pair("a") != Pair("b")


def test_slotted() -> None:
    with pytest.raises(AttributeError):
        Pair("a").other = 1  # type: ignore[attr-defined]


def test_a_base_class_s_keyword_only_field_is_kept() -> None:
    event = CallEvent(CallEventKind.HELD, "M1", ConnectionID("1", "8001"), security=Security(7))
    assert event.security == Security(7)
