"""Scenario files: what happens at the switch, step by step, as a test for an application that listens.

One step a line, `#` begins a comment. Steps run in order; each waits for its condition, then acts:

    at 2.5 call 1000 1001            2.5 seconds after the scenario's beginning
    after 1 answer 1001              1 second after the step before
    when 1001 alerting answer 1001   as soon as a connection of 1001 is in that state
    when clients 1 call 1000 1001    as soon as so many clients are connected; also: monitors, calls (exactly)
    expect 1001 connected            must be so now
    expect calls 0
    end                              the simulator stops

An action is one of `simulator.actions`. Pure: time is given, nothing sleeps.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.actions import ACTIONS, act
from simulator.switch import SECOND_US
from simulator.switch_site import Site

WHEN_SECONDS_MAX = 30.0
"""A condition that has not come true after so long fails the scenario."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line. `verb` is at, after, when, expect or end; `condition` its two words or its seconds."""

    line_number: int
    verb: str
    condition: tuple[str, ...]
    action: str


@dataclass(slots=True)
class Scenario:
    """A scenario that is being played. `failures` name line and reason; it goes on after an `expect` that fails."""

    steps: list[Step]
    failures: list[str] = field(default_factory=list)
    is_over: bool = False
    _position: int = 0
    _began_us: int | None = None
    _step_us: int = 0

    @property
    def ends(self) -> bool:
        """The simulator is to stop when it is over."""
        return bool(self.steps) and self.steps[-1].verb == "end"

    def pass_time(self, site: Site, now_us: int) -> int | None:
        """Play every step whose condition holds; returns when to look again, None when it is over."""
        if self._began_us is None:
            self._began_us = self._step_us = now_us
        while not self.is_over and self._position < len(self.steps):
            step = self.steps[self._position]
            due_us = self._due_us(step, site, now_us)
            if due_us > now_us:
                return due_us
            self._play(step, site, now_us)
            self._position += 1
            self._step_us = now_us
        self.is_over = True
        return None

    def _due_us(self, step: Step, site: Site, now_us: int) -> int:
        assert self._began_us is not None
        match step.verb:
            case "at":
                return self._began_us + int(float(step.condition[0]) * SECOND_US)
            case "after":
                return self._step_us + int(float(step.condition[0]) * SECOND_US)
            case "when" if not _holds(site, *step.condition):
                if now_us - self._step_us > WHEN_SECONDS_MAX * SECOND_US:
                    self.failures.append(f"line {step.line_number}: never {' '.join(step.condition)}")
                    self.is_over = True
                    return now_us
                return now_us + _LOOK_AGAIN_US
        return now_us

    def _play(self, step: Step, site: Site, now_us: int) -> None:
        if self.is_over:
            return
        if step.verb == "expect" and not _holds(site, *step.condition):
            found = _found(site, step.condition[0])
            self.failures.append(f"line {step.line_number}: expected {' '.join(step.condition)}, found {found}")
        elif step.action:
            reply = act(site, step.action, now_us)
            if "error" in reply:
                self.failures.append(f"line {step.line_number}: {step.action}: {reply['error']}")


_LOOK_AGAIN_US = 10_000
_CONDITION_WORDS = {"at": 1, "after": 1, "when": 2, "expect": 2, "end": 0}


def read_scenario(text: str) -> Scenario:
    """Raises ValueError that names every line that is no step."""
    steps: list[Step] = []
    problems: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        step = Step(number, words[0], tuple(words[1 : 1 + _CONDITION_WORDS.get(words[0], 0)]), "")
        rest = words[1 + len(step.condition) :]
        problem = _problem_of(step, rest)
        if problem:
            problems.append(f"line {number}: {problem}")
        steps.append(Step(number, step.verb, step.condition, " ".join(rest)))
    if problems:
        raise ValueError("; ".join(problems))
    return Scenario(steps)


def _problem_of(step: Step, rest: list[str]) -> str | None:
    if step.verb not in _CONDITION_WORDS:
        return f"unknown step {step.verb!r}; expected {', '.join(_CONDITION_WORDS)}"
    if len(step.condition) < _CONDITION_WORDS[step.verb]:
        return f"{step.verb} needs {_CONDITION_WORDS[step.verb]} words"
    if step.verb in ("at", "after") and not step.condition[0].replace(".", "", 1).isdigit():
        return f"{step.condition[0]!r} is no number of seconds"
    if step.verb in ("at", "after", "when") and (not rest or rest[0] not in ACTIONS):
        return f"unknown action {rest[0] if rest else ''!r}"
    return f"{step.verb} takes no action" if step.verb in ("expect", "end") and rest else None


def _found(site: Site, subject: str) -> str:
    counted = {"clients": len(site.clients), "monitors": len(site.switch.monitors), "calls": len(site.switch.calls)}
    if subject in counted:
        return str(counted[subject])
    device = site.switch.find(subject)
    return "nothing" if device is None else " ".join(leg.state.value for leg in device.legs) or "idle"


def _holds(site: Site, subject: str, wanted: str) -> bool:
    found = _found(site, subject)
    return int(found) >= int(wanted) if subject in ("clients", "monitors") else wanted in found.split()
