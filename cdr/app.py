"""The call records' daemon, wired: streams → ledger → database, and what is told of them.

Nothing is decided here but the order of life. The database may come later than the daemon, go and come back; the same
is true of each stream.
"""

from __future__ import annotations

import asyncio
import random
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from cdr.api.access import Access
from cdr.database import Database, DatabaseStatus, Displaced
from cdr.figures import FIGURES, CdrCollector
from cdr.privacy import Policy, Privacy
from cdr.readiness import readiness
from cdr.scribe import Scribe
from cdr.site_files import CdrSite, read_cdr_site
from runtime.backoff import Backoff
from runtime.health import Reason
from runtime.logs import Log, log_problem
from runtime.metrics import Watch, serve_metrics
from runtime.tasks import Daemon, StartRefused

if TYPE_CHECKING:
    from cdr.api.asking import Asking
    from cdr.webhook.sender import Sender

log = structlog.get_logger("cdr")

STOP_SECONDS_MAX = 5.0
"""For the last batch: without a database that answers it waits in the gateway's journal."""


class CallRecords:
    """One daemon that keeps one site's records."""

    def __init__(self, config: Path, site: CdrSite, daemon: Daemon, opened_log: Log) -> None:
        self._config = config
        self._site = site
        self._daemon = daemon
        self._log = opened_log
        self._database: Database | None = None
        self._keeping: asyncio.Task[None] | None = None
        self.scribe: Scribe | None = None
        self._access = Access(site.users)
        self._asking: Asking | None = None
        self._serving: asyncio.Task[None] | None = None
        self.sender: Sender | None = None
        self.privacy: Privacy | None = None
        self._beside: list[asyncio.Task[None]] = []
        """What else asks the database."""

    async def live(self) -> None:
        """Keep records until the daemon is asked to stop."""
        assert self._site.settings is not None
        collector = CdrCollector(self, self._log, asyncio.get_running_loop().time)
        await serve_metrics(
            self._site.settings.metrics, self._config, self._daemon, Watch(FIGURES.prefix, self._readiness, [collector])
        )
        self._daemon.on_reload(self._reload)
        self._begin()
        self._begin_api()
        log.info("cdr_started", gateway=", ".join(map(str, self._site.streams["gateway"].addresses)))
        await self._daemon.stopped()
        await self._end_api()
        await self._end()

    @property
    def database_status(self) -> DatabaseStatus:
        """How the database is."""
        return DatabaseStatus() if self._database is None else self._database.status

    def _readiness(self) -> list[Reason]:
        readers = {} if self.scribe is None else self.scribe.readers
        statuses = {name: one.status for name, one in readers.items()}
        webhook = None if self.sender is None else self.sender.status
        return readiness(self.database_status, statuses, webhook, is_stopping=self._daemon.stopping)

    def _begin(self) -> None:
        assert self._site.settings is not None
        target = self._site.webhook
        zone = self._site.settings.records.zone
        self._database = Database(self._site.url, zone, announces=target is not None)
        self._keeping = self._daemon.spawn(self._keep(self._database), name="records")
        if target is not None:
            from cdr.webhook.sender import Sender  # a quarter of a second, for sites that have a webhook alone

            self.sender = Sender(target, self._database)
            self._beside.append(self._daemon.spawn(self.sender.run(), name="webhook"))
        privacy = self._site.settings.privacy
        if privacy.after_days:
            self.privacy = Privacy(Policy(privacy.after_days, privacy.how), self._database)
            self._beside.append(self._daemon.spawn(self.privacy.run(), name="privacy"))

    def _begin_api(self) -> None:
        settings = self._site.settings
        assert settings is not None
        if settings.api.address is not None:
            # Imported here: a daemon without it starts half a second sooner.
            from cdr.api.application import application
            from cdr.api.asking import Asking
            from cdr.api.serving import listen, serve

            listening = listen(settings.api.address)
            self._asking = Asking(self._site.url, ZoneInfo(settings.records.zone))
            self._access.users = self._site.users
            app = application(self._access, self._asking)
            self._serving = self._daemon.spawn(serve(app, listening, self._daemon.spawn), name="api")

    async def _end_api(self) -> None:
        if self._serving is not None and self._asking is not None:
            self._serving.cancel()
            await asyncio.wait({self._serving})
            self._asking.close()
            self._serving = self._asking = None

    async def _end(self) -> None:
        """Write what has been taken, if the database lets us, and close everything."""
        keeping, database = self._keeping, self._database
        assert keeping is not None
        assert database is not None
        if self.scribe is not None:
            self.scribe.stop()
            await asyncio.wait({keeping}, timeout=STOP_SECONDS_MAX)
            if not keeping.done():
                log.warning("last_batch_left", reason="the database did not take it: it is read from the gateway again")
        tasks = {keeping, *self._beside}
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        self._beside.clear()
        await database.close()
        self.scribe = self.sender = self.privacy = None

    async def _keep(self, database: Database) -> None:
        backoff = Backoff(random.random)
        loop = asyncio.get_running_loop()
        while True:
            await database.open()
            began = loop.time()
            scribe = self.scribe = Scribe(database, self._site.streams, self._daemon.spawn)
            try:
                await scribe.run()
            except Displaced as error:
                self.scribe = None
                backoff.session_ended(loop.time() - began)
                pause = backoff.next_wait_seconds()
                log.error("displaced", reason=str(error), again_in=round(pause, 1))
                await asyncio.sleep(pause)
            else:
                return

    async def _reload(self) -> None:
        """Read cdr.toml anew: whatever it names now counts, without a word lost; the metrics port and the log stay."""
        site = read_cdr_site(self._config)
        for problem in site.problems:
            log_problem(log, problem)
        if not site.can_start:
            log.warning("reload_refused", reason="cdr.toml has errors: what was read before stays in force")
            return
        assert self._database is not None
        now, before = ((one.url, one.streams, one.settings, one.webhook) for one in (site, self._site))
        if now == before:
            self._database.mended()
            self._access.users = site.users
        else:
            await self._end_api()
            await self._end()
            self._site = site
            if not self._daemon.stopping:
                self._begin()
                try:
                    self._begin_api()
                except StartRefused as refusal:  # no reason to keep no records any more
                    log.error("api_not_listening", reason=str(refusal))
        log.info("reloaded", streams=", ".join(site.streams))
