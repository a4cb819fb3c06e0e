"""The gateway's figures: read from real parts; and asked of a gateway as it is shipped, with and without its switch."""

import asyncio
import json
import re
import resource
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.figures import FIGURES
from gateway.licence import LicenceKind, LicenceState
from gateway.metrics import ROW_PAUSE_US, GatewayCollector
from gateway.owner import Owner
from model.commands import Command, Outcome
from model.core import CallModel
from model.ids import ConnectionKey, DeviceNumber, Microseconds, SwitchCallId, SwitchConnection
from model.reports import CallReport, DeviceFlag, DeviceReport, Happening
from model.states import LinkState, PortKind
from model.view import Device, Licence, Link
from protocol.client import Address, UlpClient
from protocol.kinds import Kind, Role
from protocol.messages import Hello
from protocol.requests import Reply, Request
from protocol.server import Hooks, UlpServer
from runtime.clock import HandClock
from runtime.logs import LogSettings, open_log
from runtime.tasks import ExitCode
from runtime.texts import text
from tests.asking import Answer, get
from tests.rules.source_tree import ROOT
from tests.system.csta_site import CstaSite, csta_site
from tests.waiting import until
from ultra.demo_site import DemoSite

FOUR = DemoSite(("1000-1003",), 2, 1)
METRICS = '\n[metrics]\nlisten = "127.0.0.1:0"\n'
HALF_OPEN = 1_000
DESCRIPTORS_BESIDE = 200

EIGHT = DeviceNumber("8001")


async def refuse_command(session: int, number: int, command: Command, role: Role) -> Outcome:
    raise AssertionError("nobody asks here")


async def refuse_admin(request: Request, role: Role) -> Reply:
    raise AssertionError("nobody asks here")


class Parts:
    """A gateway's inside without a link: an extension with a seat and a monitor, one without, a trunk."""

    def __init__(self) -> None:
        self.clock = HandClock(wall=1_000_000, monotonic=1)
        link = Link(LinkState.DOWN, "", "", Microseconds(0))
        self.model = CallModel(1, link, Licence("evaluation", "", 32, 2, ""))
        spawned: list[object] = []

        def spawn(coro: Awaitable[None], *, name: str) -> object:
            spawned.append(coro)
            return coro

        hooks = Hooks(self.model.snapshot, refuse_command, refuse_admin, spawn, self.clock.wall_us)
        self.server = UlpServer("gateway", 1, hooks)
        self.owner = Owner(self.model, self.server.publish, self.clock.wall_us)
        self.licence = LicenceState(LicenceKind.EVALUATION, 32, text("no licence"))
        self.owner.configure(
            [
                Device(EIGHT, PortKind.EXT, "", ""),
                Device(DeviceNumber("8002"), PortKind.EXT, "", "", licensed=False, reason="no seat"),
                Device(DeviceNumber("T1"), PortKind.TRUNK, "", ""),
            ]
        )
        self.owner.report(DeviceReport(DeviceFlag.MONITORED, EIGHT, Microseconds(0)))

    def collector(self) -> GatewayCollector:
        opened_log = open_log(LogSettings(), daemon="test")
        return GatewayCollector(self.owner, self.server, lambda: self.licence, opened_log, self.clock)

    def told(self, happening: Happening, call: str) -> None:
        connection = SwitchConnection(SwitchCallId(call), ConnectionKey("8001"))
        self.owner.report(CallReport(happening, EIGHT, connection, Microseconds(5), subject=EIGHT))

    def values(self) -> dict[str, float]:
        """The collector's samples, by name without the prefix."""
        return {
            one.name.removeprefix(f"{FIGURES.prefix}_")
            + ("{" + ",".join(one.labels.values()) + "}" if one.labels else ""): one.value
            for family in self.collector().collect()
            for one in family.samples
        }


def test_devices_calls_and_events() -> None:
    parts = Parts()
    parts.owner.link_state(LinkState.UP, "")
    parts.told(Happening.SERVICE_INITIATED, "7")
    values = parts.values()
    assert values["calls"] == 1
    assert values["events_published_total"] == parts.model.number == parts.server.stream.last
    assert (values["devices{ext}"], values["devices{trunk}"], values["devices{queue}"]) == (2, 1, 0)
    assert (values["devices_licensed{ext}"], values["devices_licensed{trunk}"]) == (1, 1)
    assert (values["devices_monitored{ext}"], values["devices_monitored{trunk}"]) == (1, 0)
    parts.told(Happening.CONNECTION_CLEARED, "7")
    assert parts.values()["calls"] == 0
    parts.told(Happening.HELD, "8")  # of a call never begun
    values = parts.values()
    assert values["model_oddities_total{mismatch}"] == 1


def test_the_link_its_oddities_and_the_alarms() -> None:
    parts = Parts()
    assert parts.values()["link_up"] == 0
    for state in LinkState:
        parts.owner.link_state(state, "as told")
        values = parts.values()
        assert values["link_up"] == state.is_up
        told = {name: value for name, value in values.items() if name.startswith("link_state{")}
        assert told == {f"link_state{{{one.name.lower()}}}": one is state for one in LinkState}
    parts.clock.wall = 1_700_000_000_500_000
    parts.owner.alarm("switch_messages_lost", "messages 3 to 5")
    parts.owner.alarm("switch_messages_lost", "messages 8 to 9")
    values = parts.values()
    assert values["alarms_total{switch_messages_lost}"] == 2
    assert values["alarm_last_timestamp_seconds{switch_messages_lost}"] == 1_700_000_000.5


def test_seats_and_the_licence() -> None:
    parts = Parts()
    values = parts.values()
    assert (values["seats"], values["seats_needed"]) == (32, 2)
    assert values["licence_state{evaluation}"] == 1
    assert "licence_left_days" not in values
    parts.licence = replace(parts.licence, kind=LicenceKind.GRACE, days_left=3)
    values = parts.values()
    assert (values["licence_state{grace}"], values["licence_state{evaluation}"]) == (1, 0)
    assert values["licence_left_days"] == 3
    assert values["log_lines_lost_total"] == 0


async def test_sessions_are_looked_at_the_more_seldom_the_more_there_are() -> None:
    parts = Parts()
    collector = parts.collector()

    def sessions() -> float:
        return next(one.samples[0].value for one in collector.collect() if one.name == f"{FIGURES.prefix}_sessions")

    port = await parts.server.start("127.0.0.1", 0)
    assert sessions() == 0
    clients = [await UlpClient.connect(Address("127.0.0.1", port), Hello("test", Role.CONSUMER)) for _ in range(2)]
    assert sessions() == 2
    await clients.pop().close()
    await until(lambda: parts.server.session_count == 1)
    assert sessions() == 2
    parts.clock.pass_us(2 * ROW_PAUSE_US)
    assert sessions() == 1
    await clients.pop().close()
    await parts.server.stop()


# -- a gateway as it is shipped --------------------------------------------------------------------------------------


def families(page: str) -> list[tuple[str, str, str]]:
    """Name, kind and meaning of every metric of a page."""
    meanings = dict(re.findall(r"^# HELP (\S+) (.*)$", page, re.MULTILINE))
    return sorted(
        (name, kind, meanings[name]) for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", page, re.MULTILINE)
    )


def documented() -> list[tuple[str, str, str]]:
    """The same of the operations page."""
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    section = page.partition("### Metrics")[2].partition("\n#")[0]
    rows = re.findall(r"^\| `(\w+)`(?: by \w+(?: and \w+)?)? \| (\w+) \| (.*?) \|", section, re.MULTILINE)
    return sorted(rows)


def metrics_port(site: CstaSite) -> int:
    (listening,) = [one for one in site.subscriber.logged if one["event"] == "metrics_listening"]
    return int(listening["listen"].rpartition(":")[2])


async def until_told(port: int, path: str, condition: Callable[[Answer], object]) -> Answer:
    """Ask until the page says so; the answer that did."""
    answers = [await get(port, path)]
    while not condition(answers[-1]):
        turns = len(answers)
        answers.append(await get(port, path))
        assert turns < 20_000, answers[-1]
    return answers[-1]


@contextmanager
def many_descriptors() -> Iterator[None]:
    """Room for HALF_OPEN sockets, whatever the shell says."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = HALF_OPEN + DESCRIPTORS_BESIDE
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(wanted, hard)), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_a_gateway_tells_how_it_is_and_how_its_switch_is(tmp_path: Path) -> None:
    async with csta_site(tmp_path, FOUR, "--idle", switch_settings=METRICS) as site:
        port = metrics_port(site)
        ready = await until_told(port, "/readyz", lambda answer: "ports_unlicensed" in answer.body)
        assert (ready.status, ready.body) == (
            200,
            "ready\nwarning ports_unlicensed: 2 of port.cfg without a seat: 1002, 1003\n",
        )
        await site.ask_switch("call 1000 1001", "answer 1001")
        told = await until_told(port, "/metrics", lambda answer: answer.values[f"{FIGURES.prefix}_calls"] == 1)
        assert families(told.body) == documented()
        wanted = {
            "devices{kind=ext}": 4,
            "devices_licensed{kind=ext}": 2,
            "devices_monitored{kind=ext}": 2,
            "devices_monitored{kind=trunk}": 1,
            "link_up": 1,
            "link_state{state=up}": 1,
            "sessions": 1,
            "seats": 2,
            "seats_needed": 4,
            "licence_state{state=valid}": 1,
            "ready": 1,
        }
        assert {name: told.values[f"{FIGURES.prefix}_{name}"] for name in wanted} == wanted
        assert told.values[f"{FIGURES.prefix}_events_published_total"] > 4
        await site.kill_switch()
        lost = await until_told(port, "/readyz", lambda answer: answer.status == 503)
        assert lost.body.startswith("not ready\nerror link_not_up: ")
        assert (await get(port, "/healthz")).body == "healthy\n"
        told = await until_told(port, "/metrics", lambda answer: answer.values[f"{FIGURES.prefix}_link_up"] == 0)
        assert told.values[f"{FIGURES.prefix}_ready"] == 0
        await site.start_switch()
        await until(lambda: site.subscriber.is_up)
        assert (await get(port, "/readyz")).status == 200
        assert (await site.subscriber.ask(Kind.LINK_STOP)).accepted
        stopped = await get(port, "/readyz", "Accept: application/json")
        assert "stopped by an operator" in json.loads(stopped.body)["reasons"][0]["text"]
        assert site.subscriber.faults() == []


async def test_hostile_peers_of_the_port_do_not_disturb_the_gateway(tmp_path: Path) -> None:
    async with csta_site(tmp_path, FOUR, "--idle", switch_settings=METRICS) as site:
        port = metrics_port(site)
        with many_descriptors(), ExitStack() as stack:
            for place in range(HALF_OPEN):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                stack.callback(writer.close)
                if place % 2:
                    writer.write(b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 1_000)
            assert (await get(port, "/healthz")).body == "healthy\n"
            await site.ask_switch("call 1000 1001")
            await until(lambda: site.subscriber.call_events)
        answer = await get(port, "/metrics")
        assert answer.values[f"{FIGURES.prefix}_http_refused_total{{reason=crowded_out}}"] > HALF_OPEN / 2
        assert site.subscriber.is_up
        assert site.subscriber.faults() == []


def test_a_port_in_use_is_a_refused_start_that_names_the_line(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        (tmp_path / "port.cfg").write_text("EXT 8001\n", "utf-8")
        (tmp_path / "gateway.toml").write_text(
            'port_cfg = "port.cfg"\n[switch]\ninterface = "csta-xml"\nhost = "127.0.0.1"\nport = 9\n'
            f'[serve]\nlisten = "127.0.0.1:0"\n[metrics]\nlisten = "{listen}"\n[licence]\nclock_file = "clock"\n',
            "utf-8",
        )
        ended = subprocess.run(
            [sys.executable, "-m", "gateway", "--config", "gateway.toml"],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert ended.returncode == ExitCode.REFUSED, ended.stderr
    (refused,) = [one for one in map(json.loads, ended.stderr.splitlines()) if one["event"] == "start_refused"]
    assert refused["reason"].startswith(f"cannot listen on {listen}: ")
    assert refused["reason"].endswith("see [metrics] listen in gateway.toml")


@pytest.mark.parametrize("name", [name for name, _, _ in documented()])
def test_the_names_are_formed_alike(name: str) -> None:
    assert name.startswith(("ultra_gateway_", "process_"))
