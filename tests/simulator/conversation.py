"""A client of the simulated switch without a socket: sends messages, gives back what came, decoded and checked."""

from gateway.links.csta_xml import messages as m
from gateway.links.csta_xml.codec import build, parse
from gateway.links.csta_xml.framing import Deframer, FrameProblem, frame
from gateway.links.csta_xml.namespaces import CSTA_ED3
from simulator.faults import Faults
from simulator.habits import Habits
from simulator.switch import SECOND_US, Plan
from simulator.switch_site import Site
from simulator.traffic import Mix
from tests.csta_schema.checker import SCHEMA, Schema
from tests.simulator.stage import EXTENSIONS

schema = Schema.read(SCHEMA.read_text(encoding="utf-8"))
QUIET = Mix(calls_per_second=0)
PLAN = Plan(extensions=EXTENSIONS, trunks=2, pilots=(("6000", ("1003", "1004")),))


class Conversation:
    """One or more clients of one site. Everything the site sends is held against the schema."""

    def __init__(self, habits: Habits | None = None, mix: Mix = QUIET, plan: Plan = PLAN, seed: int = 1) -> None:
        self.site = Site(plan, habits or Habits(keep_alive_seconds=None), mix, Faults(), seed)
        self.now_us = 0
        self.kinds: set[str] = set()
        self.bodies = 0
        self._deframers: dict[int, Deframer] = {}
        self._next_id = 0
        self.client = self.connect()

    def connect(self) -> int:
        client = self.site.connect(self.now_us)
        assert client is not None
        self._deframers[client] = Deframer()
        return client

    def send(self, message: m.Message, invoke_id: int | None = None, client: int | None = None) -> int:
        self._next_id += 1
        number = self._next_id if invoke_id is None else invoke_id
        self.site.receive(client or self.client, frame(number, build(message)), self.now_us)
        return number

    def ask(self, message: m.Message, client: int | None = None) -> m.Message:
        """Send and return the response; what else came is lost."""
        number = self.send(message, client=client)
        return next(answer for invoke_id, answer in self.came(client) if invoke_id == number)

    def pass_seconds(self, seconds: float) -> None:
        self.now_us += int(seconds * SECOND_US)
        self.site.pass_time(self.now_us)

    def act(self, line: str) -> dict[str, object]:
        from simulator.actions import act

        return act(self.site, line, self.now_us)

    def came(self, client: int | None = None) -> list[tuple[int, m.Message]]:
        """Invoke id and message of each frame that has come."""
        number = client or self.client
        received = b"".join(self.site.take_writes(number))
        found: list[tuple[int, m.Message]] = []
        for item in self._deframers[number].receive(received):
            assert not isinstance(item, FrameProblem), item
            problems = schema.check(item.body)
            assert problems == [], item.body
            message = parse(item.body)
            assert isinstance(message, m.Message), message
            if b"xmlns" in item.body:
                assert build(message, CSTA_ED3) == item.body
            self.bodies += 1
            self.kinds.add(getattr(getattr(message, "kind", None), "value", type(message).__name__))
            found.append((item.invoke_id, message))
        return found

    def messages(self, client: int | None = None) -> list[m.Message]:
        return [message for _, message in self.came(client)]

    def names(self, client: int | None = None) -> list[str]:
        return [
            getattr(getattr(message, "kind", None), "value", type(message).__name__)
            for message in self.messages(client)
        ]
