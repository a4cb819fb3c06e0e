"""`ultra sim`: the simulated switch from the command line. Wires options to `simulator`; decides nothing."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import click

from gateway.links.csta_xml.namespaces import Profile
from gateway.links.csta_xml.profiles import TRAITS
from runtime.logs import LogSettings, open_log
from runtime.tasks import Daemon, ExitCode, StartRefused, run_daemon
from simulator.faults import Faults
from simulator.habits import Habits
from simulator.numbering import CallIdStyle, numbers_of
from simulator.scenario import Scenario, read_scenario
from simulator.server import SimulatorServer
from simulator.switch import Plan
from simulator.traffic import Mix

PORT_MAX = 65535
OUTSIDE_ANSWERS_SECONDS = 2.0
DEFAULT_MIX = Mix()
QUEUE_MEMBERS_DEFAULT = 10
"""Extensions at the end of the range that a queue distributes to when none are named."""


class Address(click.ParamType[tuple[str, int]]):
    name = "HOST:PORT"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        host, colon, port = str(value).rpartition(":")
        if not (colon and port.isascii() and port.isdigit() and int(port) <= PORT_MAX):
            self.fail(f"{value!r} is no HOST:PORT", param, ctx)
        return host or "127.0.0.1", int(port)


class Numbers(click.ParamType[list[str]]):
    name = "NUMBERS"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> list[str]:
        try:
            return numbers_of(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Queue(click.ParamType[tuple[str, list[str] | None]]):
    name = "PILOT[=NUMBERS]"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, list[str] | None]:
        pilot, equals, members = str(value).partition("=")
        try:
            return numbers_of(pilot)[0], numbers_of(members) if equals else None
        except ValueError as error:
            self.fail(str(error), param, ctx)


class ScenarioFile(click.ParamType[Scenario]):
    name = "FILE"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Scenario:
        try:
            return read_scenario(Path(str(value)).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            self.fail(str(error), param, ctx)


@click.command()
@click.option(
    "--listen", type=Address(), default="127.0.0.1:8800", show_default=True, help="Where CSTA clients connect."
)
@click.option("--admin", "admin_port", type=click.IntRange(0, PORT_MAX), help="Loopback port for JSON lines [none].")
@click.option("--extensions", type=Numbers(), default="1000-1099", show_default=True, help="Extension numbers.")
@click.option("--trunks", type=click.IntRange(0, 999), default=30, show_default=True, help="Circuits T001, T002 …")
@click.option("--queue", "queues", type=Queue(), multiple=True, help="A pilot number and its members [last 10].")
@click.option(
    "--profile", type=click.Choice([profile.value for profile in Profile]), default="standard", show_default=True
)
@click.option("--idle", is_flag=True, help="Make no calls; extensions ring until somebody answers.")
@click.option(
    "--calls-per-second", type=click.FloatRange(0, 1000), default=DEFAULT_MIX.calls_per_second, show_default=True
)
@click.option(
    "--mean-ring-seconds", type=click.FloatRange(0.05, 60), default=DEFAULT_MIX.mean_ring_seconds, show_default=True
)
@click.option(
    "--mean-talk-seconds", type=click.FloatRange(0.1, 3600), default=DEFAULT_MIX.mean_talk_seconds, show_default=True
)
@click.option(
    "--inbound", type=click.FloatRange(0, 1), default=DEFAULT_MIX.inbound, show_default=True, help="Share of calls."
)
@click.option("--outbound", type=click.FloatRange(0, 1), default=DEFAULT_MIX.outbound, show_default=True)
@click.option("--to-queue", type=click.FloatRange(0, 1), default=DEFAULT_MIX.to_queue, show_default=True)
@click.option("--abandon", type=click.FloatRange(0, 1), default=DEFAULT_MIX.abandon, show_default=True)
@click.option("--busy", type=click.FloatRange(0, 1), default=DEFAULT_MIX.busy, show_default=True)
@click.option("--transfer", type=click.FloatRange(0, 1), default=DEFAULT_MIX.transfer, show_default=True)
@click.option("--single-step", type=click.FloatRange(0, 1), default=DEFAULT_MIX.single_step, show_default=True)
@click.option("--conference", type=click.FloatRange(0, 1), default=DEFAULT_MIX.conference, show_default=True)
@click.option("--hold", type=click.FloatRange(0, 1), default=DEFAULT_MIX.hold, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same calls.")
@click.option("--scenario", type=ScenarioFile(), help="Play this file; exit 1 if it fails.")
@click.option("--call-ids", type=click.Choice(list(CallIdStyle)), help="[rising; hex with openscape]")
@click.option("--keep-call-id", is_flag=True, help="A transfer keeps the primary call's id.")
@click.option("--events-first", is_flag=True, help="Events leave before the response of their service.")
@click.option("--sequence-numbers", is_flag=True, help="Number and time in every message.")
@click.option("--segment", type=click.IntRange(1, 200), help="Send snapshots in pieces of so many connections.")
@click.option("--session-seconds", type=click.IntRange(1, 86400), default=180, show_default=True, help="At most.")
@click.option("--keep-alive-seconds", type=click.FloatRange(0, 3600), default=30.0, show_default=True, help="0: never.")
@click.option("--monitor-limit", type=click.IntRange(0), help="Refuse monitors beyond so many.")
@click.option("--fault", "fault_settings", multiple=True, metavar="NAME=VALUE", help="For example lose=0.01 [none].")
def sim(**options: Any) -> None:
    """A PBX that speaks CSTA XML over TCP to any CSTA client."""
    open_log(LogSettings(), daemon="sim")
    server = _server(options)
    scenario: Scenario | None = options["scenario"]

    async def run(daemon: Daemon) -> None:
        try:
            await server.start()
        except OSError as error:
            raise StartRefused(f"{server.address}: {error.strerror}") from error
        try:
            admin = "" if server.admin_port is None else f", admin on 127.0.0.1:{server.admin_port}"
            click.echo(f"listening on {server.address}{admin}")
            if scenario is not None and scenario.ends:
                daemon.spawn(_stop_after_scenario(server, daemon), name="sim scenario")
            await daemon.stopped()
        finally:
            await server.stop()

    exit_code = run_daemon("sim", run)
    for failure in scenario.failures if scenario is not None else ():
        click.echo(failure, err=True)
        exit_code = exit_code or ExitCode.REFUSED
    sys.exit(exit_code)


async def _stop_after_scenario(server: SimulatorServer, daemon: Daemon) -> None:
    await server.scenario_over.wait()
    daemon.stop("scenario over")


def _server(options: dict[str, Any]) -> SimulatorServer:
    host, port = options["listen"]
    return SimulatorServer(
        _plan(options),
        _habits(options),
        _mix(options),
        _faults(options["fault_settings"]),
        seed=options["seed"],
        host=host,
        port=port,
        admin_port=options["admin_port"],
        scenario=options["scenario"],
    )


def _plan(options: dict[str, Any]) -> Plan:
    extensions: list[str] = options["extensions"]
    traits = TRAITS[Profile(options["profile"])]
    pilots = [(pilot, tuple(members or extensions[-QUEUE_MEMBERS_DEFAULT:])) for pilot, members in options["queues"]]
    unknown = {member for _, members in pilots for member in members} - set(extensions)
    if unknown:
        raise click.UsageError(f"--queue: {', '.join(sorted(unknown))} are no extensions")
    taken = {pilot for pilot, _ in pilots} & set(extensions)
    if taken or len({pilot for pilot, _ in pilots}) < len(pilots):
        raise click.UsageError("--queue: a pilot's number is taken")
    style = options["call_ids"] or (CallIdStyle.HEX if traits.profile is Profile.OPENSCAPE else CallIdStyle.RISING)
    return Plan(
        extensions=tuple(extensions),
        trunks=options["trunks"],
        pilots=tuple(pilots),
        device_id_format=traits.device_id_format,
        call_ids=CallIdStyle(style),
        keep_call_id=options["keep_call_id"],
        monitor_limit=options["monitor_limit"],
        # Where nobody plays the people, outside parties answer by themselves.
        outside_answers_seconds=OUTSIDE_ANSWERS_SECONDS if _is_quiet(options) else None,
    )


def _habits(options: dict[str, Any]) -> Habits:
    return Habits(
        traits=TRAITS[Profile(options["profile"])],
        session_seconds_max=options["session_seconds"],
        keep_alive_seconds=options["keep_alive_seconds"] or None,
        events_before_responses=options["events_first"],
        sequence_numbers=options["sequence_numbers"],
        snapshot_segment=options["segment"],
        epoch_us=time.time_ns() // 1000,
    )


def _mix(options: dict[str, Any]) -> Mix:
    settings = {name: options[name] for name in Mix.__dataclass_fields__ if name in options}
    if _is_quiet(options):
        settings["calls_per_second"] = 0.0
    return Mix(**settings)


def _is_quiet(options: dict[str, Any]) -> bool:
    return bool(options["idle"] or options["scenario"] is not None)


def _faults(settings: tuple[str, ...]) -> Faults:
    faults = Faults()
    for setting in settings:
        name, _, value = setting.partition("=")
        try:
            faults.set(name, float(value))
        except (KeyError, ValueError):
            known = ", ".join(Faults.__dataclass_fields__)
            raise click.UsageError(f"--fault {setting}: expected NAME=NUMBER, NAME one of {known}") from None
    return faults
