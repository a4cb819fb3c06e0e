"""Scenario files: steps in order, each when its condition holds, failures named by line."""

import pytest

from simulator.scenario import WHEN_SECONDS_MAX, Scenario, read_scenario
from tests.simulator.conversation import Conversation

CALL = """
# A call from reception, answered after a second.
at 0.5 call 1000 1001
when 1001 alerting answer 1001   # at once
expect 1001 connected
expect calls 1
after 1 hangup 1000
expect 1001 idle
expect calls 0
end
"""


def play(text: str, seconds: float, talk: Conversation | None = None) -> Scenario:
    talk = talk or Conversation()
    scenario = read_scenario(text)
    end_us = int(seconds * 1_000_000)
    while talk.now_us <= end_us and not scenario.is_over:
        due_us = scenario.pass_time(talk.site, talk.now_us)
        talk.pass_seconds(0.01 if due_us is None else max(due_us - talk.now_us, 0) / 1_000_000)
    return scenario


def test_a_scenario_is_played_to_its_end() -> None:
    talk = Conversation()
    scenario = play(CALL, 10, talk)
    assert (scenario.failures, scenario.is_over, scenario.ends) == ([], True, True)
    assert [(call.began_us, call.ended_us) for call in talk.site.switch.account.calls] == [(500_000, 1_500_000)]


def test_what_is_not_as_expected_is_named() -> None:
    scenario = play("expect 1000 connected\nafter 0 answer 1000\nexpect calls 3", 5)
    assert scenario.failures == [
        "line 1: expected 1000 connected, found idle",
        "line 2: answer 1000: 1000 has no connection in alerting",
        "line 3: expected calls 3, found 0",
    ]


def test_a_condition_that_never_holds_ends_the_scenario() -> None:
    scenario = play("when 1000 alerting answer 1000\nexpect calls 9", WHEN_SECONDS_MAX + 5)
    assert scenario.failures == ["line 1: never 1000 alerting"]
    assert scenario.is_over


def test_conditions_on_clients_and_monitors() -> None:
    assert (
        play("when clients 1 call 1000 1001\nexpect 1001 alerting\nexpect monitors 0\nexpect 77 nothing", 5).failures
        == []
    )


def test_a_scenario_without_end_leaves_the_simulator_running() -> None:
    assert not read_scenario("at 0 call 1000 1001").ends
    assert not read_scenario("").ends


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("sometimes call 1 2", "unknown step 'sometimes'"),
        ("at call 1 2", "'call' is no number of seconds"),
        ("at 1", "unknown action ''"),
        ("after 1 dance", "unknown action 'dance'"),
        ("when 1000", "when needs 2 words"),
        ("expect 1000 idle hold", "expect takes no action"),
        ("end now", "end takes no action"),
    ],
)
def test_a_wrong_line_is_named(line: str, problem: str) -> None:
    with pytest.raises(ValueError, match=f"line 2: {problem}"):
        read_scenario(f"# first\n{line}")


def test_all_wrong_lines_are_named_at_once() -> None:
    with pytest.raises(ValueError, match=r"line 1: .*; line 3: .*"):
        read_scenario("what\nend\nwhen 1000")
