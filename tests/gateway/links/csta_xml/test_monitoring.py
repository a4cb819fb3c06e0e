"""Monitors: wanted, refused, stopped, overtaken by their events."""

from gateway.links.csta_xml.messages import Message, MonitorStart, MonitorStartResponse, MonitorStop
from gateway.links.csta_xml.monitoring import EARLY_EVENTS_MAX, RETRY_SECONDS, Monitors
from gateway.links.csta_xml.outstanding import Answer, NoAnswer, OnAnswer, Unanswered
from model.ids import DeviceNumber
from tests.gateway.links.csta_xml.far_end import NO_MONITOR, event

A, B = DeviceNumber("A"), DeviceNumber("B")


class Desk:
    """Monitors with a switch by hand; what was asked, and what was told as lines."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked: list[tuple[Message, OnAnswer]] = []
        self.told: list[str] = []
        self.monitors = Monitors(
            lambda message, on_answer: self.asked.append((message, on_answer)),
            lambda monitor: self.told.append(f"{monitor.device} started"),
            lambda monitor: self.told.append(f"{monitor.device} failed"),
            lambda: self.now,
        )

    def want(self, **devices: str) -> None:
        self.monitors.want((DeviceNumber(number), switch_id) for number, switch_id in devices.items())

    def answer(self, answer: Answer) -> None:
        """To the oldest question."""
        self.asked.pop(0)[1](answer)

    def names(self) -> list[str]:
        taken = []
        for message, _ in self.asked:
            assert isinstance(message, MonitorStart | MonitorStop)
            start = isinstance(message, MonitorStart)
            taken.append(f"start {message.device}" if start else f"stop {message.monitor_cross_ref_id}")  # type: ignore[union-attr]
        return taken


def started() -> Desk:
    """Two monitors, x and y, of the devices a and b."""
    desk = Desk()
    desk.want(A="a", B="b")
    assert desk.names() == ["start a", "start b"]
    desk.answer(MonitorStartResponse("x"))
    desk.answer(MonitorStartResponse("y"))
    desk.told.clear()
    return desk


def test_started() -> None:
    desk = started()
    assert (desk.monitors.device_of("x"), desk.monitors.device_of("y"), desk.monitors.device_of("z")) == (A, B, None)
    assert desk.monitors.unanswered == 0
    assert desk.monitors.refused() == []


def test_only_what_changed_is_asked() -> None:
    desk = started()
    desk.want(A="a", C="c")
    assert desk.names() == ["stop y", "start c"]
    desk.asked.clear()
    desk.want(A="other", C="c")
    assert desk.names() == ["stop x", "start other"]


def test_refused_ones_are_asked_for_at_growing_intervals() -> None:
    desk = started()
    desk.monitors.ended_by_switch("x")
    moments = []
    for _ in range(6):
        due = desk.monitors.deadline()
        assert due is not None
        moments.append(due)
        desk.now = due - 0.001
        desk.monitors.retry()
        assert desk.asked == []
        desk.now = due
        desk.monitors.retry()
        assert desk.monitors.deadline() is None
        desk.answer(NO_MONITOR)
    gaps = [later - earlier for earlier, later in zip([0.0, *moments], moments, strict=False)]
    assert gaps == [*RETRY_SECONDS, RETRY_SECONDS[-1], RETRY_SECONDS[-1]]
    assert [one.device for one in desk.monitors.refused()] == [A]
    desk.monitors.retry(at_once=True)
    desk.answer(MonitorStartResponse("x2"))
    assert desk.monitors.refused() == []
    assert desk.told[-1] == "A started"


def test_the_reason_is_in_words() -> None:
    desk = Desk()
    desk.want(A="a", B="b", C="c")
    desk.answer(NO_MONITOR)
    desk.answer(NoAnswer(Unanswered.TIMED_OUT))
    desk.answer(MonitorStop("?"))
    assert [one.refusal for one in desk.monitors.refused()] == [
        "the switch refused the monitor: systemResourceAvailibility overallMonitorLimitExceeded",
        "MonitorStart: the switch did not answer in time",
        "the switch answered MonitorStart with MonitorStop",
    ]


def test_nobody_is_refused_because_the_link_went_down() -> None:
    desk = Desk()
    desk.want(A="a")
    desk.answer(NoAnswer(Unanswered.LINK_LOST))
    assert desk.told == []
    assert desk.monitors.retrying == {}


def test_all_again_after_a_restart() -> None:
    desk = started()
    desk.monitors.start_all_again()
    assert desk.names() == ["stop x", "start a", "stop y", "start b"]
    assert desk.monitors.device_of("x") is None


def test_answers_too_late_or_for_nobody_are_stopped() -> None:
    desk = started()
    desk.monitors.came_too_late(MonitorStartResponse("late"))
    desk.monitors.came_too_late(MonitorStartResponse("x"))  # ours
    assert desk.names() == ["stop late"]
    desk.asked.clear()
    desk.want(A="a", B="b", C="c")
    desk.want(A="a", B="b")
    desk.answer(MonitorStartResponse("z"))
    assert desk.names() == ["stop z"]
    assert desk.told == []


def test_early_events() -> None:
    desk = started()
    assert not desk.monitors.keep_early("z", event("HELD", "z", "1:1"))  # nothing explains it
    desk.want(A="a", B="b", C="c")
    for _ in range(EARLY_EVENTS_MAX):
        assert desk.monitors.keep_early("z", event("HELD", "z", "1:1"))
    assert not desk.monitors.keep_early("z", event("HELD", "z", "1:1"))
    assert desk.monitors.dropped_early_events == 1
    taken: list[int] = []
    desk.monitors.started = lambda monitor: taken.append(len(desk.monitors.take_early(monitor)))
    desk.answer(MonitorStartResponse("z"))
    assert taken == [EARLY_EVENTS_MAX]


def test_early_events_of_nobody_are_dropped_with_the_last_answer() -> None:
    desk = Desk()
    desk.want(A="a")
    assert desk.monitors.keep_early("strange", event("HELD", "strange", "1:1"))
    desk.answer(MonitorStartResponse("x"))
    assert desk.monitors.dropped_early_events == 1
    assert desk.monitors._early_events == {}
