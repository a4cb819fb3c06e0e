"""Whatever people do at the simulated switch: its calls stay sound and every monitor is told a true, legal story."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gateway.links.csta_xml import messages as m
from simulator import features
from simulator.account import CallAccount
from simulator.devices import DeviceKind
from simulator.monitors import Monitor
from simulator.numbering import CallIdStyle
from simulator.originating import call_in
from simulator.services import perform
from simulator.snapshots import call_table
from simulator.switch import SECOND_US, Plan, Switch
from tests.simulator.watcher import Watcher

EXTENSIONS = ("1000", "1001", "1002", "1003", "1004", "1005")
numbers = st.sampled_from([*EXTENSIONS, "6000", "0301234", "77", "T001"])


class Everything(RuleBasedStateMachine):
    """Random services on random connections of a small switch on which every device is monitored."""

    @initialize(style=st.sampled_from(["rising", "small"]), keeps=st.booleans())
    def install(self, style: str, keeps: bool) -> None:
        plan = Plan(
            extensions=EXTENSIONS,
            trunks=3,
            pilots=(("6000", ("1003", "1004")),),
            call_ids=CallIdStyle(style),
            keep_call_id=keeps,
        )
        self.switch = Switch(plan)
        self.watchers: dict[str, Watcher] = {}
        for device in self.switch.devices.values():
            monitor = self.switch.monitors.start(1, device, None, None)
            assert isinstance(monitor, Monitor)
            self.watchers[monitor.cross_ref_id] = Watcher(device.device_id, device.kind is DeviceKind.TRUNK)

    def _ask(self, request: m.Message) -> m.Message:
        before = call_table(self.switch)
        answer = perform(self.switch, 1, request)
        assert answer is not None
        if isinstance(answer, m.CSTAErrorCode):
            assert call_table(self.switch) == before
            assert self.switch.reports == []
        self._listen()
        return answer

    def _listen(self) -> None:
        for report in self.switch.take_reports():
            if isinstance(report.event, m.CallEvent):
                self.watchers[report.event.monitor_cross_ref_id].see(report.event)

    def _connection(self, chance: st.DataObject) -> m.ConnectionID:
        legs = [leg.connection for call in self.switch.calls.values() for leg in call.legs]
        return chance.draw(st.sampled_from([*legs, m.ConnectionID("none", "1000"), m.ConnectionID("1", None)]))

    @rule(caller=st.sampled_from(EXTENSIONS), called=numbers)
    def make_call(self, caller: str, called: str) -> None:
        self._ask(m.MakeCall(caller, called))

    @rule(outside=st.sampled_from(["0171555", ""]), called=numbers)
    def call_in(self, outside: str, called: str) -> None:
        call_in(self.switch, outside, called)
        self._listen()

    @rule(
        chance=st.data(),
        kind=st.sampled_from([m.AnswerCall, m.AnswerCall, m.ClearConnection, m.HoldCall, m.RetrieveCall]),
    )
    def on_connection(self, chance: st.DataObject, kind: Any) -> None:
        self._ask(kind(self._connection(chance)))

    @rule(chance=st.data())
    def answer_any(self, chance: st.DataObject) -> None:
        ringing = [call.first(m.LocalConnectionState.ALERTING) for call in self.switch.calls.values()]
        legs = [leg.connection for leg in ringing if leg is not None]
        if legs:
            self._ask(m.AnswerCall(chance.draw(st.sampled_from(legs))))

    def _answer_all(self) -> None:
        for call in list(self.switch.calls.values()):
            ringing = call.first(m.LocalConnectionState.ALERTING)
            if ringing is not None:
                self._ask(m.AnswerCall(ringing.connection))

    @rule(caller=st.sampled_from(EXTENSIONS), called=st.sampled_from(EXTENSIONS))
    def talk(self, caller: str, called: str) -> None:
        self._ask(m.MakeCall(caller, called))
        self._answer_all()

    @rule(
        chance=st.data(),
        to=numbers,
        answered=st.booleans(),
        kind=st.sampled_from([m.TransferCall, m.ConferenceCall, m.AlternateCall]),
    )
    def consult_and(self, chance: st.DataObject, to: str, answered: bool, kind: Any) -> None:
        talking = [
            leg
            for call in self.switch.calls.values()
            for leg in call.legs
            if call.is_answered and leg.state is m.LocalConnectionState.CONNECTED
        ]
        if not talking:
            return
        held = chance.draw(st.sampled_from(talking)).connection
        active = self._ask(m.ConsultationCall(held, to))
        if answered:
            self._answer_all()
        if isinstance(active, m.ConsultationCallResponse):
            self._ask(kind(held, active.initiated_call))

    @rule(chance=st.data(), to=numbers)
    def consult(self, chance: st.DataObject, to: str) -> None:
        self._ask(m.ConsultationCall(self._connection(chance), to))

    @rule(
        chance=st.data(),
        kind=st.sampled_from([m.TransferCall, m.ConferenceCall, m.AlternateCall, m.ReconnectCall]),
        guess=st.booleans(),
    )
    def on_two(self, chance: st.DataObject, kind: Any, guess: bool) -> None:
        first, second = self._connection(chance), self._connection(chance)
        if not guess:
            for device in self.switch.devices.values():
                if len(device.legs) == 2:
                    held, active = sorted(device.legs, key=lambda leg: leg.state is not m.LocalConnectionState.HOLD)
                    first, second = held.connection, active.connection
        if kind is m.ReconnectCall:
            first, second = second, first
        self._ask(kind(first, second))

    @rule(
        chance=st.data(),
        to=numbers,
        kind=st.sampled_from([m.SingleStepTransferCall, m.DeflectCall, m.DirectedPickupCall]),
    )
    def send_on(self, chance: st.DataObject, to: str, kind: Any) -> None:
        self._ask(kind(self._connection(chance), to))

    @rule(chance=st.data(), to=numbers)
    def join(self, chance: st.DataObject, to: str) -> None:
        self._ask(m.SingleStepConferenceCall(self._connection(chance), to, m.ParticipationType.ACTIVE))

    @rule(chance=st.data())
    def clear_call(self, chance: st.DataObject) -> None:
        self._ask(m.ClearCall(self._connection(chance)))

    @rule(
        device=st.sampled_from(EXTENSIONS),
        kind=st.sampled_from(list(m.ForwardingType)[:4]),
        to=numbers,
        on=st.booleans(),
    )
    def forward(self, device: str, kind: m.ForwardingType, to: str, on: bool) -> None:
        self._ask(m.SetForwarding(device, kind, on, to, 2))

    @rule(device=st.sampled_from(EXTENSIONS), on=st.booleans())
    def disturb(self, device: str, on: bool) -> None:
        self._ask(m.SetDoNotDisturb(device, on))

    @rule(device=st.sampled_from(EXTENSIONS), state=st.sampled_from(m.RequestedAgentState))
    def agent(self, device: str, state: m.RequestedAgentState) -> None:
        self._ask(m.SetAgentState(device, state, "A" + device, group="6000"))

    @rule(device=st.sampled_from([*EXTENSIONS, "T002"]), on=st.booleans())
    def service(self, device: str, on: bool) -> None:
        features.set_in_service(self.switch, self.switch.devices[device], on)
        self._listen()

    @rule(seconds=st.floats(0.1, 40.0))
    def pass_time(self, seconds: float) -> None:
        self.switch.pass_time(self.switch.now_us + int(seconds * SECOND_US))
        self._listen()

    @invariant()
    def monitors_believe_what_is(self) -> None:
        if not hasattr(self, "switch"):
            return
        believed: dict[str, dict[str, str]] = {}
        for watcher in self.watchers.values():
            for call_id, state in watcher.calls.items():
                believed.setdefault(call_id, {})[watcher.device_id] = state.value
        # Of an outside caller whom nobody has heard of since, a trunk's monitor is told only by the next event.
        assert believed == call_table(self.switch)

    @invariant()
    def calls_are_sound(self) -> None:
        if not hasattr(self, "switch"):
            return
        for call in self.switch.calls.values():
            assert call.legs, f"call {call.call_id} has no party"
            assert len({leg.device for leg in call.legs}) == len(call.legs)
            assert all(leg.call is call and leg in leg.device.legs for leg in call.legs)
        for device in self.switch.devices.values():
            talking = [leg for leg in device.legs if leg.state is m.LocalConnectionState.CONNECTED]
            assert device.kind is DeviceKind.PILOT or len(talking) <= 1, f"{device.number} talks twice"

    @invariant()
    def every_call_ends_once(self) -> None:
        if not hasattr(self, "switch"):
            return
        account = self.switch.account
        assert account.begun - account.ended == len(self.switch.calls)
        open_calls: list[CallAccount] = [call for call in account.calls if call.ended_us is None]
        assert {call.call_id for call in open_calls} == set(self.switch.calls)

    def teardown(self) -> None:
        """When everybody hangs up and time passes, nothing is left."""
        if not hasattr(self, "switch"):
            return
        for call_id in list(self.switch.calls):
            perform(self.switch, 1, m.ClearCall(m.ConnectionID(call_id)))
        self._listen()
        assert self.switch.calls == {}
        assert all(not device.legs for device in self.switch.devices.values())
        assert all(not watcher.calls for watcher in self.watchers.values())


Everything.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestEverything = Everything.TestCase
