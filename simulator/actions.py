"""What somebody may do at the simulated switch by a line of text: the language of the admin port and of scenarios.

`call 1000 1001`, `answer 1001`, `fault lose 0.1`. Each action returns a JSON object; what cannot be done is one with
`error`. Devices act on the leg that fits: `hold` on the connected one, `answer` on the ringing one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateway.links.csta_xml.messages import (
    CSTAErrorCode,
    ForwardingType,
    ParticipationType,
    RequestedAgentState,
    SystemStatusValue,
)
from simulator import answering, clearing, features, holding, originating, snapshots, transferring
from simulator.calls import Leg, State
from simulator.devices import Device
from simulator.switch_site import Site

Reply = dict[str, Any]


class ActionRefused(Exception):
    """The line names nothing that exists or can be done now; the text says what."""


@dataclass(frozen=True, slots=True)
class Action:
    """`usage` shows the words that follow the name; `words_min` of them are needed."""

    usage: str
    act: Callable[[Site, list[str], int], object]

    @property
    def words_min(self) -> int:
        return sum(1 for word in self.usage.split() if not word.startswith("["))


def act(site: Site, line: str, now_us: int) -> Reply:
    """Do what `line` says at `now_us` and send out the events; `{"ok": true, …}` or `{"error": why}`."""
    name, *words = line.split() or [""]
    action = ACTIONS.get(name)
    if action is None:
        return {"error": f"unknown action {name!r}"}
    if len(words) < action.words_min:
        return {"error": f"usage: {name} {action.usage}"}
    try:
        result = action.act(site, words, now_us)
    except (ActionRefused, ValueError, KeyError) as refusal:
        return {"error": str(refusal)}
    site.settle(now_us)
    if isinstance(result, CSTAErrorCode):
        return {"error": f"{result.category.value}/{result.value}"}
    return {"ok": True, **(result if isinstance(result, dict) else {})}


def device_of(site: Site, number: str) -> Device:
    device = site.switch.find(number)
    if device is None:
        raise ActionRefused(f"no device {number}")
    return device


def leg_of(site: Site, number: str, *states: State) -> Leg:
    """The oldest leg of a device in one of `states`, or any without."""
    for leg in device_of(site, number).legs:
        if not states or leg.state in states:
            return leg
    wanted = " or ".join(state.value for state in states) or "any state"
    raise ActionRefused(f"{number} has no connection in {wanted}")


def _named(leg: Leg | CSTAErrorCode | None) -> object:
    return {"call_id": leg.call.call_id, "device_id": leg.device.device_id} if isinstance(leg, Leg) else leg


def _call(site: Site, words: list[str], now_us: int) -> object:
    return _named(originating.make_call(site.switch, words[0], words[1]))


def _call_in(site: Site, words: list[str], now_us: int) -> object:
    leg = originating.call_in(site.switch, "" if words[0] == "hidden" else words[0], words[1])
    if leg is None:
        raise ActionRefused("no free trunk")
    return _named(leg)


def _answer(site: Site, words: list[str], now_us: int) -> object:
    device = device_of(site, words[0])
    for leg in device.legs:
        if leg.shown != device.device_id and originating.answer_outside(site.switch, leg):
            return _named(leg)
    leg = leg_of(site, words[0], State.ALERTING)
    return answering.answer(site.switch, leg) or _named(leg)


def _hang_up(site: Site, words: list[str], now_us: int) -> None:
    talking = (State.CONNECTED, State.INITIATED, State.FAIL)
    legs = device_of(site, words[0]).legs
    active = next((leg for leg in legs if leg.state in talking), None)
    clearing.clear_leg(site.switch, active or leg_of(site, words[0]))


def _hold(site: Site, words: list[str], now_us: int) -> object:
    return holding.hold(site.switch, leg_of(site, words[0], State.CONNECTED))


def _retrieve(site: Site, words: list[str], now_us: int) -> object:
    return holding.retrieve(site.switch, leg_of(site, words[0], State.HOLD))


def _consult(site: Site, words: list[str], now_us: int) -> object:
    return _named(holding.consult(site.switch, leg_of(site, words[0], State.CONNECTED, State.HOLD), words[1]))


def _pair(site: Site, number: str) -> tuple[Leg, Leg]:
    return leg_of(site, number, State.HOLD), leg_of(site, number, State.CONNECTED, State.FAIL)


def _alternate(site: Site, words: list[str], now_us: int) -> object:
    return holding.alternate(site.switch, *_pair(site, words[0]))


def _reconnect(site: Site, words: list[str], now_us: int) -> object:
    held, active = _pair(site, words[0])
    return holding.reconnect(site.switch, active, held)


def _transfer(site: Site, words: list[str], now_us: int) -> object:
    done = transferring.transfer(site.switch, *_pair(site, words[0]))
    return done if isinstance(done, CSTAErrorCode) else _named(done[0])


def _conference(site: Site, words: list[str], now_us: int) -> object:
    done = transferring.conference(site.switch, *_pair(site, words[0]))
    return done if isinstance(done, CSTAErrorCode) else _named(done[0])


def _single_step(site: Site, words: list[str], now_us: int) -> object:
    done = transferring.single_step_transfer(site.switch, leg_of(site, words[0], State.CONNECTED), words[1])
    return done if isinstance(done, CSTAErrorCode) else {"call_id": done[0].call_id}


def _join(site: Site, words: list[str], now_us: int) -> object:
    leg = leg_of(site, words[0], State.CONNECTED)
    return _named(transferring.single_step_conference(site.switch, leg, words[1], ParticipationType.ACTIVE))


def _deflect(site: Site, words: list[str], now_us: int) -> object:
    return answering.deflect(site.switch, leg_of(site, words[0], State.ALERTING, State.QUEUED), words[1])


def _pick_up(site: Site, words: list[str], now_us: int) -> object:
    leg = leg_of(site, words[1], State.ALERTING, State.QUEUED)
    return _named(answering.pick_up(site.switch, leg, words[0]))


def _do_not_disturb(site: Site, words: list[str], now_us: int) -> None:
    features.set_do_not_disturb(site.switch, device_of(site, words[0]), words[1] == "on")


def _forward(site: Site, words: list[str], now_us: int) -> object:
    device, kind, target = device_of(site, words[0]), ForwardingType(words[1]), words[2]
    rings = int(words[3]) if len(words) > 3 else None
    is_on = target != "off"
    return features.set_forwarding(site.switch, device, kind, is_on, target if is_on else None, rings)


def _agent(site: Site, words: list[str], now_us: int) -> object:
    number, state, *rest = words
    agent_id, group = [*rest, None, None][:2]
    return features.change_agent(site.switch, device_of(site, number), RequestedAgentState(state), agent_id, group)


def _service(site: Site, words: list[str], now_us: int) -> None:
    features.set_in_service(site.switch, device_of(site, words[0]), words[1] == "on")


def _fault(site: Site, words: list[str], now_us: int) -> None:
    if words[0] == "clear":
        site.faults.clear()
    elif len(words) < 2:
        raise ActionRefused("usage: fault NAME VALUE, or fault clear")
    else:
        site.faults.set(words[0], float(words[1]))


def _end_sessions(site: Site, words: list[str], now_us: int) -> None:
    for client in site.clients:
        site.session(client).end_session()


def _stop_monitor(site: Site, words: list[str], now_us: int) -> Reply:
    watching = list(site.switch.monitors.on_device(device_of(site, words[0])))
    for monitor in watching:
        site.session(monitor.client).stop_monitor(monitor.cross_ref_id)
    return {"stopped": len(watching)}


def _refuse_monitor(site: Site, words: list[str], now_us: int) -> None:
    site.switch.monitors.refused.add(device_of(site, words[0]).number)


def _allow_monitor(site: Site, words: list[str], now_us: int) -> None:
    site.switch.monitors.refused.discard(device_of(site, words[0]).number)


def _monitor_limit(site: Site, words: list[str], now_us: int) -> None:
    site.switch.monitors.limit = None if words[0] == "none" else int(words[0])


def _status(site: Site, words: list[str], now_us: int) -> None:
    site.set_status(SystemStatusValue(words[0]), now_us)


def _traffic(site: Site, words: list[str], now_us: int) -> None:
    site.traffic.is_on = words[0] == "on"


def _table(site: Site, words: list[str], now_us: int) -> Reply:
    return {"calls": snapshots.call_table(site.switch)}


def _account(site: Site, words: list[str], now_us: int) -> Reply:
    return site.switch.account.as_json()


def _counts(site: Site, words: list[str], now_us: int) -> Reply:
    account = site.switch.account
    return {
        "begun": account.begun,
        "answered": account.answered,
        "ended": account.ended,
        "blocked": account.blocked,
        "live": len(site.switch.calls),
        "clients": len(site.clients),
        "monitors": len(site.switch.monitors),
        "stories": site.traffic.running,
        "now_us": now_us,
    }


def _freeze(site: Site, words: list[str], now_us: int) -> None:
    site.freeze(now_us)


def _thaw(site: Site, words: list[str], now_us: int) -> None:
    site.thaw(now_us)


ACTIONS: dict[str, Action] = {
    "call": Action("FROM TO", _call),
    "call_in": Action("OUTSIDE TO", _call_in),
    "answer": Action("DEVICE", _answer),
    "hangup": Action("DEVICE", _hang_up),
    "hold": Action("DEVICE", _hold),
    "retrieve": Action("DEVICE", _retrieve),
    "consult": Action("DEVICE TO", _consult),
    "alternate": Action("DEVICE", _alternate),
    "reconnect": Action("DEVICE", _reconnect),
    "transfer": Action("DEVICE", _transfer),
    "conference": Action("DEVICE", _conference),
    "single_step": Action("DEVICE TO", _single_step),
    "join": Action("DEVICE NEW", _join),
    "deflect": Action("DEVICE TO", _deflect),
    "pickup": Action("DEVICE FROM", _pick_up),
    "dnd": Action("DEVICE on|off", _do_not_disturb),
    "forward": Action("DEVICE KIND TO|off [RINGS]", _forward),
    "agent": Action("DEVICE STATE [ID] [GROUP]", _agent),
    "service": Action("DEVICE on|off", _service),
    "fault": Action("NAME [VALUE]", _fault),
    "end_sessions": Action("", _end_sessions),
    "stop_monitor": Action("DEVICE", _stop_monitor),
    "refuse_monitor": Action("DEVICE", _refuse_monitor),
    "allow_monitor": Action("DEVICE", _allow_monitor),
    "monitor_limit": Action("COUNT|none", _monitor_limit),
    "status": Action("VALUE", _status),
    "traffic": Action("on|off", _traffic),
    "table": Action("", _table),
    "account": Action("", _account),
    "counts": Action("", _counts),
    "freeze": Action("", _freeze),
    "thaw": Action("", _thaw),
}
