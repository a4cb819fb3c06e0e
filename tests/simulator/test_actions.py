"""The language of the admin port and of scenarios."""

import pytest

from gateway.links.csta_xml import messages as m
from simulator.actions import ACTIONS, ActionRefused, device_of, leg_of
from simulator.calls import State
from tests.simulator.conversation import Conversation


@pytest.mark.parametrize(
    ("lines", "table"),
    [
        ("call 1000 1001", {"1": {"1000": "connected", "1001": "alerting"}}),
        ("call 1000 1001; answer 1001; hold 1000", {"1": {"1000": "hold", "1001": "connected"}}),
        ("call 1000 1001; answer 1001; hold 1000; retrieve 1000", {"1": {"1000": "connected", "1001": "connected"}}),
        ("call 1000 1001; hangup 1001", {}),
        ("call_in 0171 1000; answer 1000", {"1": {"T001": "connected", "1000": "connected"}}),
        ("call_in hidden 1000", {"1": {"T001": "connected", "1000": "alerting"}}),
        ("call 1000 0301234; answer T001", {"1": {"1000": "connected", "T001": "connected"}}),
        ("call 1000 1001; answer 1001; consult 1000 1002; answer 1002; alternate 1000",
         {"1": {"1000": "connected", "1001": "connected"}, "2": {"1000": "hold", "1002": "connected"}}),
        ("call 1000 1001; answer 1001; consult 1000 1002; answer 1002; reconnect 1000",
         {"1": {"1000": "connected", "1001": "connected"}}),
        ("call 1000 1001; answer 1001; consult 1000 1002; answer 1002; transfer 1000",
         {"3": {"1001": "connected", "1002": "connected"}}),
        ("call 1000 1001; answer 1001; consult 1000 1002; answer 1002; conference 1000",
         {"3": {"1001": "connected", "1000": "connected", "1002": "connected"}}),
        ("call 1000 1001; answer 1001; single_step 1000 1002", {"2": {"1001": "connected", "1002": "alerting"}}),
        ("call 1000 1001; answer 1001; join 1000 1002",
         {"1": {"1000": "connected", "1001": "connected", "1002": "connected"}}),
        ("call 1000 1001; deflect 1001 1002", {"1": {"1000": "connected", "1002": "alerting"}}),
        ("call 1000 1001; pickup 1002 1001", {"1": {"1000": "connected", "1002": "connected"}}),
        ("dnd 1001 on; call 1000 1001", {"1": {"1000": "fail"}}),
        ("forward 1001 forwardImmediate 1002; call 1000 1001", {"1": {"1000": "connected", "1002": "alerting"}}),
        ("forward 1001 forwardImmediate 1002; forward 1001 forwardImmediate off; call 1000 1001",
         {"1": {"1000": "connected", "1001": "alerting"}}),
        ("agent 1003 loggedOn 4711 6000; agent 1003 notReady; call 1000 6000",
         {"1": {"1000": "connected", "6000": "queued"}}),
        ("service 1001 off; call 1000 1001", {"1": {"1000": "fail"}}),
    ],
)  # fmt: skip
def test_what_people_do(lines: str, table: dict[str, dict[str, str]]) -> None:
    talk = Conversation()
    for line in lines.split("; "):
        assert "error" not in talk.act(line), line
    assert talk.act("table") == {"ok": True, "calls": table}


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("", "unknown action ''"),
        ("dance 1000", "unknown action 'dance'"),
        ("call 1000", "usage: call FROM TO"),
        ("answer 1000", "1000 has no connection in alerting"),
        ("hangup 1000", "1000 has no connection in any state"),
        ("hold 77", "no device 77"),
        ("call T001 1000", "operation/invalidCallingDeviceID"),
        ("forward 1000 sideways 1001", "'sideways' is not a valid ForwardingType"),
        ("fault colour 1", "'colour'"),
        ("fault lose", "usage: fault NAME VALUE, or fault clear"),
        ("fault lose much", "could not convert string to float: 'much'"),
        ("status fine", "'fine' is not a valid SystemStatusValue"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(line: str, error: str | None) -> None:
    assert Conversation().act(line).get("error") == error


def test_results_name_the_call() -> None:
    talk = Conversation()
    assert talk.act("call 1000 1001") == {"ok": True, "call_id": "1", "device_id": "1000"}
    assert talk.act("call_in 0171 1002")["device_id"] == "T001"
    talk.act("call_in 0172 1002")
    assert talk.act("call_in 0173 1002") == {"error": "no free trunk"}


def test_monitors_and_faults() -> None:
    talk = Conversation()
    talk.act("refuse_monitor 1000")
    assert isinstance(talk.ask(m.MonitorStart(device="1000")), m.CSTAErrorCode)
    talk.act("allow_monitor 1000")
    assert isinstance(talk.ask(m.MonitorStart(device="1000")), m.MonitorStartResponse)
    talk.act("monitor_limit 1")
    assert isinstance(talk.ask(m.MonitorStart(device="1001")), m.CSTAErrorCode)
    talk.act("monitor_limit none")
    assert isinstance(talk.ask(m.MonitorStart(device="1001")), m.MonitorStartResponse)
    talk.act("fault lose 1")
    talk.act("call 1000 1001")
    assert talk.came() == []
    talk.act("fault clear")
    assert talk.site.faults.lose == 0


def test_counts_and_account() -> None:
    talk = Conversation()
    talk.ask(m.MonitorStart(device="1000"))
    talk.act("call 1000 1001")
    counts = talk.act("counts")
    assert (counts["begun"], counts["live"], counts["clients"], counts["monitors"]) == (1, 1, 1, 1)
    account = talk.act("account")
    assert account["calls"][0]["parties"] == ["1000", "1001"]  # type: ignore[index]


def test_freezing_traffic_and_status() -> None:
    talk = Conversation()
    talk.act("freeze")
    assert talk.site.is_frozen
    talk.act("thaw")
    assert not talk.site.is_frozen
    talk.act("traffic on")
    assert talk.site.traffic.is_on
    talk.act("traffic off")
    talk.act("status disabled")
    assert talk.messages() == [m.SystemStatus(m.SystemStatusValue.DISABLED)]


def test_every_action_says_how_it_is_used() -> None:
    assert all(
        action.words_min == len([w for w in action.usage.split() if "[" not in w]) for action in ACTIONS.values()
    )


def test_devices_and_legs_are_found_or_refused() -> None:
    talk = Conversation()
    talk.act("call 1000 1001")
    assert device_of(talk.site, "1000").number == "1000"
    assert leg_of(talk.site, "1001", State.ALERTING).state is State.ALERTING
    with pytest.raises(ActionRefused, match="1001 has no connection in hold or queued"):
        leg_of(talk.site, "1001", State.HOLD, State.QUEUED)
