"""Which connection is which part of before: by key, by device, by trunk, by guess; and across calls."""

from cdr.ledger.matching import live_connections, match
from tests.cdr.ledger.parts import HOLD, call, outside, part, seen


def matched(before: list[object], *calls: object) -> list[tuple[str, int]]:
    going, _, _ = match(before, live_connections(calls))  # type: ignore[arg-type]
    return sorted((one.device or one.trunk, where.call_id.number) for one, where, _ in going)


def test_a_key_is_surest() -> None:
    told_late = part("", key="k7")
    going, gone, new = match([told_late], live_connections([call(1, seen("1001", key="k7"))]))
    assert [one for one, _, _ in going] == [told_late]
    assert (gone, new) == ([], [])


def test_a_device_whose_key_was_only_implied() -> None:
    implied = part("1001", key="")
    assert matched([implied], call(1, seen("1001", key="k7"))) == [("1001", 1)]


def test_a_nameless_party_is_whoever_is_left_over_and_fits() -> None:
    nameless = outside("", "T001")
    assert matched([nameless], call(1, seen("13800", trunk="T001", key="T001"))) == [("T001", 1)]


def test_two_that_are_known_are_never_taken_for_each_other() -> None:
    _, gone, new = match([part("1000")], live_connections([call(1, seen("1001"))]))
    assert len(gone) == len(new) == 1


def test_a_transfer_moves_both_into_a_new_call() -> None:
    holder, customer = part("1000", HOLD), outside()
    second, target = part("1000", call=2, began=3), part("1001", call=2, began=3)
    after = call(3, seen("13800", trunk="T001", key="T001"), seen("1001"))
    before = [holder, customer, second, target]
    going, gone, _ = match(before, live_connections([after, call(1, ended=True), call(2, ended=True)]))
    assert sorted(one.device for one, _, _ in going) == ["1001", "13800"]
    assert gone == [holder, second]


def test_a_device_with_two_parts_goes_on_in_its_first() -> None:
    first, second = part("1000", HOLD), part("1000", call=2, began=3)
    for number in (2, 3):  # the switch keeps the second call's id, or makes a new one
        going, gone, _ = match([first, second], live_connections([call(number, seen("1000"))]))
        assert [one for one, _, _ in going] == [first]
        assert gone == [second]


def test_an_ended_call_has_no_connections() -> None:
    assert live_connections([call(1, seen("1000"), ended=True)]) == []
