"""Alarms by code: counted, the last one kept, bounded."""

from gateway.alarms import CODES_MAX, OTHER, TEXT_CHARS_MAX, Alarm, Alarms
from model.ids import Microseconds


def test_alarms_are_counted_by_code_and_the_last_one_is_kept() -> None:
    alarms = Alarms()
    assert alarms.by_code() == {}
    alarms.add("switch_messages_lost", "messages 3 to 5", Microseconds(10))
    alarms.add("ami_poisoned", "forged", Microseconds(20))
    alarms.add("switch_messages_lost", "messages 8 to 9", Microseconds(30))
    assert alarms.by_code() == {
        "ami_poisoned": Alarm(1, Microseconds(20), "forged"),
        "switch_messages_lost": Alarm(2, Microseconds(30), "messages 8 to 9"),
    }


def test_neither_codes_nor_words_grow_without_end() -> None:
    alarms = Alarms()
    for place in range(CODES_MAX * 3):
        alarms.add(f"code_{place}", "x" * 10_000, Microseconds(place))
    held = alarms.by_code()
    assert len(held) == CODES_MAX
    assert sum(one.count for one in held.values()) == CODES_MAX * 3
    assert held[OTHER].count == CODES_MAX * 2 + 1
    assert {len(one.text) for one in held.values()} == {TEXT_CHARS_MAX}
    alarms.add("code_0", "again", Microseconds(9))
    assert alarms.by_code()["code_0"] == Alarm(2, Microseconds(9), "again")
