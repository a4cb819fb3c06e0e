"""Commands on their way through a manager interface: the number looked up, the action sent, the event awaited that
proves it done. Pure: it asks through a function, and time is an argument.

Each command tells its outcome once. Order of calls: ``answered`` and ``seen`` as the switch speaks, ``expire`` when
nothing more is there to read, ``lost`` when the link is gone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.links.asterisk.ami import Event, Response, UnsafeValue
from gateway.links.asterisk.commands import Plan
from gateway.links.asterisk.normalise import Normaliser
from gateway.links.base import Done
from model.commands import Outcome, Refusal
from model.ids import DeviceNumber, Microseconds, RequestRef

Ask = Callable[[str, list[tuple[str, str]]], str]
"""Sends an action with its headers; returns its ActionID. UnsafeValue when a value would break out of its line."""


@dataclass(slots=True, eq=False)
class Order:
    """One command: its plan, who asked for it, the number to be dialled, and until when its proof is awaited."""

    plan: Plan
    request: RequestRef
    destination: DeviceNumber
    done: Done
    due_us: Microseconds
    action_id: str = ""
    """Of the action whose response is awaited; empty once it has come."""
    is_looked_up: bool = False
    is_accepted: bool = False
    proof: Outcome | None = None


@dataclass(slots=True)
class Orders:
    """The commands of one link. ``context`` is the dialplan context in which numbers are looked up; ``confirm_seconds``
    is what each was given for its proof."""

    context: str
    confirm_seconds: float
    normaliser: Normaliser
    unanswered: int = 0
    """Commands for which no proof came in time."""
    _open: list[Order] = field(default_factory=list)

    @property
    def due_us(self) -> Microseconds | None:
        """When ``expire`` is next due, in monotonic microseconds."""
        return min((order.due_us for order in self._open), default=None)

    def begin(self, order: Order, ask: Ask) -> None:
        """Look the number up where there is one, else act."""
        self._open.append(order)
        if order.plan.number:
            headers = [("Context", self.context), ("Extension", order.plan.number)]
            self._ask(order, ask, "ShowDialPlan", headers)
        else:
            self._act(order, ask)

    def answered(self, action_id: str, response: Response, ask: Ask) -> None:
        """A response came."""
        order = next((one for one in self._open if one.action_id == action_id), None)
        if order is None:
            return
        order.action_id = ""
        said = response.fields.get("Message", "")
        if order.is_looked_up:
            if not response.is_success:
                text = f"the switch refused {order.plan.action}"
                self._finish(order, Outcome(Refusal.REFUSED_BY_SWITCH, text, said or response.status))
            elif order.proof is not None:
                self._finish(order, order.proof)
            else:
                order.is_accepted = True
        elif not response.is_success and "permission" not in said.lower():
            text = f"the dialplan has no {order.plan.number} in context {self.context}"
            self._finish(order, Outcome(Refusal.BAD_DESTINATION, text, said))
        else:
            self._act(order, ask)

    def seen(self, event: Event) -> None:
        """An event came, and is taken in; it may be the proof that somebody waits for."""
        for order in self._open.copy():
            if order.is_looked_up and order.proof is None:
                order.proof = order.plan.confirm(event)
                if order.proof is not None and order.is_accepted:
                    self._finish(order, order.proof)

    def expire(self, now_us: Microseconds) -> None:
        """Give up on those without a proof for too long."""
        for order in [order for order in self._open if order.due_us <= now_us]:
            self.unanswered += 1
            text = f"no sign of {order.plan.action} within {self.confirm_seconds:g} s"
            self._finish(order, Outcome(Refusal.NO_ANSWER_FROM_SWITCH, text))

    def lost(self, reason: str) -> None:
        """The link is gone, and every answer with it."""
        for order in self._open.copy():
            self._finish(order, Outcome(Refusal.LINK_DOWN, f"the link was lost: {reason}"))

    def _act(self, order: Order, ask: Ask) -> None:
        order.is_looked_up = True
        if order.plan.uniqueid:
            self.normaliser.expect(order.plan.uniqueid, order.request, order.destination)
        self._ask(order, ask, order.plan.action, list(order.plan.headers))

    def _ask(self, order: Order, ask: Ask, action: str, headers: list[tuple[str, str]]) -> None:
        try:
            order.action_id = ask(action, headers)
        except UnsafeValue as error:
            self._finish(order, Outcome(Refusal.BAD_DESTINATION, str(error)))

    def _finish(self, order: Order, outcome: Outcome) -> None:
        self._open.remove(order)
        if order.is_looked_up and order.plan.uniqueid:
            self.normaliser.forget_expected(order.plan.uniqueid)
        order.done(outcome)
