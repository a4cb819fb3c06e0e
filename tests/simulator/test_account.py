"""The switch's own account of its calls."""

import pytest

from simulator.account import Account


def test_a_call_from_beginning_to_end() -> None:
    account = Account()
    account.call_began("1", "1000", "1001", 10)
    account.party_joined("1", "1000")
    account.party_joined("1", "1000")
    account.call_answered("1", 20)
    account.call_answered("1", 25)
    assert (account.begun, account.answered, account.ended) == (1, 1, 0)
    account.call_ended("1", 30)
    [call] = account.calls
    assert (call.began_us, call.answered_us, call.ended_us, call.parties) == (10, 20, 30, ["1000"])
    assert account.as_json()["ended"] == 1


def test_an_id_may_come_again_after_its_call_but_not_within() -> None:
    account = Account()
    account.call_began("0", "a", "b", 1)
    with pytest.raises(AssertionError, match="began twice"):
        account.call_began("0", "a", "b", 2)
    account.call_ended("0", 3, merged_into="1")
    account.call_began("0", "a", "b", 4)
    assert [(call.call_id, call.merged_into) for call in account.calls] == [("0", "1"), ("0", None)]
