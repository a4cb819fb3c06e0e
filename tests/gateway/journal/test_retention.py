"""What is deleted and what is held back."""

from gateway.journal.limits import JournalLimits
from gateway.journal.retention import Kept, plan
from gateway.journal.values import ConsumerBehind
from protocol.archive import Hole
from tests.gateway.journal.stage import NOW_US, SECOND_US

LIMITS = JournalLimits(keep_bytes=300, keep_seconds=1_000, hard_bytes=600)


def held(*sizes: int, age_seconds: int = 0) -> list[Kept]:
    """Readable segments of ten events each."""
    return [
        Kept(f"s{at}", size, NOW_US - age_seconds * SECOND_US, at * 10 + 1, at * 10 + 10, is_readable=True)
        for at, size in enumerate(sizes)
    ]


def deleted(files: list[Kept], places: dict[str, int] | None = None) -> list[str]:
    return [file.name for file in plan(files, places or {}, NOW_US, LIMITS).delete]


def test_the_oldest_go_until_the_rest_fits() -> None:
    assert deleted(held(100, 100, 100)) == []
    assert deleted(held(100, 100, 100, 1)) == ["s0"]
    assert deleted(held(100, 100, 100, 101, 100)) == ["s0", "s1", "s2"][:3]


def test_what_is_too_old_goes_though_it_would_fit() -> None:
    assert deleted(held(1, 1, 1, age_seconds=1_001)) == ["s0", "s1"]
    assert deleted(held(1, 1, 1, age_seconds=1_000)) == []


def test_the_newest_stays_whatever_its_size_and_age() -> None:
    assert deleted(held(10_000, age_seconds=9_999)) == []
    assert deleted([]) == []


def test_what_cannot_be_read_any_more_goes_first() -> None:
    broken = Kept("b.broken", 50, NOW_US)
    old_epoch = Kept("old", 50, NOW_US, 1, 10)
    assert deleted([broken, old_epoch, *held(100, 100, 100)]) == ["b.broken", "old"]
    assert deleted([broken, *held(100, 100, 100)]) == ["b.broken"]
    assert deleted([broken, *held(1, 1)]) == []


def test_a_durable_consumer_holds_back_what_it_has_not_confirmed() -> None:
    files = held(100, 100, 100, 100)
    assert deleted(files, {"cdr": 9}) == []
    assert deleted(files, {"cdr": 10}) == ["s0"]
    assert deleted(files, {"cdr": 40, "recorder": 9}) == []
    assert deleted(held(1, 1, age_seconds=2_000), {"cdr": 0}) == []


def test_what_cannot_be_read_is_held_back_for_nobody() -> None:
    assert deleted([Kept("b.broken", 250, NOW_US), *held(100, 100)], {"cdr": 0}) == ["b.broken"]


def test_beyond_the_hard_limit_nobody_holds_anything_back_and_what_it_loses_is_said() -> None:
    decided = plan(held(300, 200, 101), {"cdr": 4, "recorder": 10}, NOW_US, LIMITS)
    assert [file.name for file in decided.delete] == ["s0"]
    assert decided.behind == (
        ConsumerBehind("cdr", 4, 601, 600, Hole(5, 10)),
        ConsumerBehind("recorder", 10, 301, 600, None),
    )


def test_who_is_far_behind_is_named_at_half_of_the_hard_limit() -> None:
    assert plan(held(100, 100, 99), {"cdr": 0}, NOW_US, LIMITS).behind == ()
    assert plan(held(100, 100, 100), {"cdr": 0}, NOW_US, LIMITS).behind == (ConsumerBehind("cdr", 0, 300, 600),)
