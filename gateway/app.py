"""The switch gateway, wired: the one place where its parts are made and tied together.

Files → roster → model ← owner ← link; owner → server → subscribers. Nothing is decided here but the order of life.
"""

import asyncio
import gc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import structlog
from prometheus_client.registry import Collector

from gateway.archive import JournalArchive
from gateway.capture.making import recorder_for
from gateway.config import GatewaySettings, Interface
from gateway.entrance import still_open
from gateway.figures import FIGURES
from gateway.intake import Intake
from gateway.journal_metrics import JournalCollector
from gateway.licence import LicenceState, warning_is_due
from gateway.licence_clock import REMEMBER_INTERVAL, remember_time
from gateway.licence_host import host_ids
from gateway.links.making import make_link
from gateway.metrics import GatewayCollector
from gateway.owner import Owner
from gateway.readiness import readiness, unlicensed_ports
from gateway.resuming import begin
from gateway.site_files import Site, read_site
from gateway.works import STARTING, Works
from model.commands import Command, Outcome
from model.events import Event
from model.ids import Microseconds
from model.states import LinkState
from model.view import Licence
from model.view import Link as LinkView
from protocol.errors import Code
from protocol.kinds import Kind, Role
from protocol.requests import AlarmRow, Reply, Request
from protocol.server import Hooks, NotLoopback, UlpServer
from protocol.snapshots import pack_snapshot
from runtime.clock import Clock
from runtime.health import Reason
from runtime.logs import Level, Log, log_problem
from runtime.long_lived import LongLived
from runtime.metrics import Watch, serve_metrics
from runtime.problems import Problem, has_errors, render
from runtime.tasks import Daemon, StartRefused
from runtime.texts import Language

log = structlog.get_logger("gateway")

TICK_SECONDS = 1.0
"""How often the model forgets tombstones and looks for calls to verify."""
NOT_STARTED = "auto_start is off: waiting for `ultra link start`"


class Gateway:
    """One switch gateway."""

    def __init__(self, config: Path, site: Site, clock: Clock, daemon: Daemon, opened_log: Log) -> None:
        assert site.settings is not None
        assert site.port_file is not None
        self._config = config
        self._settings: GatewaySettings = site.settings
        self._clock = clock
        self._recorder = recorder_for(self._settings, clock)
        self._intake = self._recorder or Intake(clock)
        self._daemon = daemon
        self._log = opened_log
        self._licence = site.licence
        self._warned: datetime | None = None
        self._remembered = datetime.now(UTC)
        switch = self._settings.switch
        interface = f"{switch.interface.value} {switch.profile.value} {switch.host}:{switch.port_number}"
        view = LinkView(LinkState.DOWN, interface, STARTING, Microseconds(clock.wall_us()))
        single = switch.interface is Interface.CSTA_XML
        licence = _licence_view(site.licence)
        beginning = begin(self._settings.journal, view, licence, clock, single_appearance=single)
        self._model = beginning.model
        self._archive: JournalArchive | None = None
        if beginning.journal is not None:
            self._archive = JournalArchive(
                beginning.journal, self._checkpoint, clock, self._alarm, self._lasts, self._begin_epoch
            )
        hooks = Hooks(
            self._model.snapshot, self._on_request, self._on_admin, daemon.spawn, clock.wall_us, self._alarm_rows
        )
        self.server = UlpServer(
            "gateway",
            self._model.epoch,
            hooks,
            entrance=site.entrance.entrance,
            last=self._model.number,
            archive=self._archive,
        )
        publish: Callable[[Event], None] = self.server.publish
        if self._recorder is not None:
            self._recorder.publish_through(self.server.publish_body)
            publish = self._recorder.publish
        self.owner = Owner(self._model, publish, self._intake.clock.wall_us)
        is_asterisk = switch.interface is Interface.ASTERISK
        self._works = Works(self.owner, site.port_file.ports, licence, self._intake, link_serves_all=is_asterisk)
        self._link_task: asyncio.Task[None] | None = None

    async def live(self) -> None:
        """Serve until the daemon is asked to stop."""
        serve = self._settings.serve
        await serve_metrics(self._settings.metrics, self._config, self._daemon, self._watch())
        if self._archive is not None and self._archive.journal.needs_segment:
            self._archive.begin_segment()
        if self._recorder is not None:
            self._recorder.begin(self._works, self._alarm)
        self._works.begin()
        try:
            port = await self.server.start(serve.host, serve.port)
        except OSError as error:
            raise StartRefused(f"cannot listen on {serve.listen}: {error.strerror}; see [serve] listen") from error
        self._works.take_site(None, _licence_view(self._licence))
        self._daemon.on_reload(self._reload_by_signal)
        self._daemon.spawn(self._tick(), name="gateway tick")
        # What is there now stays: collections need not look at it again (36 ms a time with thousands of sessions).
        gc.collect()
        gc.freeze()
        log.info("gateway_started", listen=f"{serve.host}:{port}", epoch=self._model.epoch)
        if self._settings.switch.auto_start:
            self.start_link()
        else:
            self._works.link_waits(NOT_STARTED)
        await self._daemon.stopped()
        await self.stop_link("the gateway stops")
        if self._recorder is not None:
            self._recorder.close()
        await self.server.stop()
        if self._archive is not None:
            self._archive.close()

    # -- the journal ---------------------------------------------------------------------------------------------

    def _checkpoint(self) -> bytes:
        return pack_snapshot(self._model.snapshot(), self.server.stream.index)

    def _alarm(self, code: str, text: str) -> None:
        self.owner.alarm(code, text)

    def _lasts(self, code: str, subject: str, text: str | None) -> None:
        """The journal speaks while what was published is on its way: its trouble is published in the next turn."""
        asyncio.get_running_loop().call_soon(self._works.condition, code, subject, text)

    def _begin_epoch(self) -> None:
        """Numbers that were used can be kept nowhere: they would be used again after a restart."""
        assert self._archive is not None
        epoch = max(self._clock.wall_us(), self._model.epoch + 1)
        log.error("epoch_lost", epoch=self._model.epoch, new_epoch=epoch)
        self._works.begin_epoch(epoch)
        self._archive.journal.begin_epoch(epoch, self._clock.wall_us())
        self.server.begin_epoch(epoch)

    def _alarm_rows(self) -> tuple[AlarmRow, ...]:
        alarms = self.owner.alarms.by_code()
        return tuple(AlarmRow(one.count, one.last_us, code, one.text) for code, one in alarms.items())

    # -- metrics and readiness -----------------------------------------------------------------------------------

    def _watch(self) -> Watch:
        """What is told on the metrics port; whoever has more figures adds a collector."""
        collectors: list[Collector] = [
            GatewayCollector(self.owner, self.server, lambda: self._licence, self._log, self._clock)
        ]
        if self._archive is not None:
            collectors.append(JournalCollector(self._archive.journal))
        return Watch(FIGURES.prefix, self._readiness, collectors)

    def _readiness(self) -> list[Reason]:
        auto_start, unlicensed = self._settings.switch.auto_start, unlicensed_ports(self._works.roster)
        return readiness(
            self._model.link, self._licence, unlicensed, auto_start=auto_start, is_stopping=self._daemon.stopping
        )

    # -- the link ------------------------------------------------------------------------------------------------

    def start_link(self) -> bool:
        """Start the link; False when it runs already."""
        if self._link_task is not None:
            return False
        link = make_link(self._settings.switch, self._works.ports_for_link(), self.owner, self._intake)
        self._works.link_started(link)
        self._link_task = self._daemon.spawn(link.run(), name="link")
        return True

    async def stop_link(self, reason: str) -> bool:
        """Stop the link; False when it does not run."""
        task = self._link_task
        if task is None:
            return False
        task.cancel()
        await asyncio.wait({task})
        if self._link_task is not task:
            return False  # somebody else stopped it meanwhile
        self._link_task = None
        self._works.link_stopped(reason)
        return True

    # -- files ---------------------------------------------------------------------------------------------------

    def reload(self) -> tuple[Problem, ...]:
        """Read port.cfg, the users, the TLS files and the licence anew; with errors in one of them but the licence the
        old ones stay in force. The problems found."""
        site = read_site(self._config, now=datetime.now(UTC), host_ids=host_ids())
        for problem in site.problems:
            log_problem(log, problem)
        if site.port_file is None or has_errors(site.port_problems):
            log.warning("reload_refused", reason="port.cfg has errors: the one read before stays in force")
            return site.problems
        if (refused := self._take_entrance(site)) is not None:
            return (*site.problems, *refused)
        self._licence = site.licence
        self._works.take_site(site.port_file.ports, _licence_view(site.licence))
        log.info("reloaded", ports=len(site.port_file.ports), seats=site.licence.seats)
        return site.problems

    def _take_entrance(self, site: Site) -> tuple[Problem, ...] | None:
        """Let the next ones in by the files read anew; why not, beyond the site's problems, when the old ones stay."""
        if site.settings is None:
            return None  # a broken gateway.toml names no files: those read before stay in force
        if site.entrance.entrance is None:
            log.warning("reload_refused", reason="users or TLS files have errors: those read before stay in force")
            return ()
        try:
            self.server.admit(site.entrance.entrance)
        except NotLoopback as error:
            log.warning("reload_refused", reason=str(error))
            return (still_open(site.config_file or ""),)
        return None

    async def _reload_by_signal(self) -> None:
        self.reload()

    def _judge_licence(self, now: datetime) -> None:
        """Licences end by themselves: look once a tick's hour, warn once a day."""
        site = read_site(self._config, now=now, host_ids=host_ids())
        if site.licence != self._licence:
            self._licence = site.licence
            self._works.take_site(None, _licence_view(site.licence))

    async def _tick(self) -> None:
        long_lived = LongLived()
        while True:
            await asyncio.sleep(TICK_SECONDS)
            long_lived.tick(self.server.arrived, self.server.arrived - self.server.session_count)
            self._works.tick()
            if self._archive is not None:
                self._archive.tick()
            now = datetime.now(UTC)
            if now - self._remembered >= REMEMBER_INTERVAL:
                self._remembered = now
                self._judge_licence(now)
                try:
                    remember_time(self._settings.licence.clock_file, now)
                except OSError as error:
                    log.warning("licence_clock_not_written", reason=str(error))
            if warning_is_due(self._licence, self._warned, now):
                self._warned = now
                log.warning("licence_warning", reason=self._licence.reason.render(Language.EN))

    # -- requests ------------------------------------------------------------------------------------------------

    async def _on_request(self, session: int, number: int, command: Command, role: Role) -> Outcome:
        return await self.owner.execute(session, number, command, self._works.request)

    async def _on_admin(self, request: Request, role: Role) -> Reply:
        if request.kind is Kind.LINK_START:
            started = self.start_link()
            return Reply(link=self._model.link, text="link started" if started else "the link runs already")
        if request.kind is Kind.LINK_STOP:
            stopped = await self.stop_link("stopped by an operator: `ultra link start` starts it")
            return Reply(link=self._model.link, text="link stopped" if stopped else "the link does not run")
        if request.kind is Kind.RELOAD:
            problems = self.reload()
            lines = tuple(line for problem in problems for line in render(problem).splitlines())
            refused = has_errors(problems)
            return Reply(Code.MALFORMED if refused else Code.ACCEPTED, "not taken over" if refused else "", lines=lines)
        if request.kind is Kind.SET_LOG_LEVEL:
            try:
                self._log.set_level(Level.named(request.level))
            except (KeyError, ValueError) as error:
                return Reply(Code.MALFORMED, f"log level: {error}")
            return Reply(text=f"log level {request.level}")
        return Reply(Code.NOT_SUPPORTED, f"{request.kind.name.lower()} is not supported")


def _licence_view(state: LicenceState) -> Licence:
    """The verdict; how many seats are needed the works know."""
    customer = state.licence.customer if state.licence is not None else ""
    return Licence(state.kind.label, customer, state.seats, 0, state.reason.render(Language.EN))
