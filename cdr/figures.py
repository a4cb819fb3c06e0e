"""The call records' figures for Prometheus, read from what the daemon holds when somebody asks. Changes nothing."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final, Protocol

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from cdr.database import DatabaseStatus
from cdr.privacy import Privacy
from cdr.scribe import Scribe
from cdr.store.diagnosis import Trouble
from cdr.streams import StreamReader, StreamState
from cdr.webhook.status import WebhookStatus
from runtime.logs import Log
from runtime.metric_families import Families

if TYPE_CHECKING:
    from cdr.webhook.sender import Sender

FIGURES: Final = Families("ultra_cdr")


class Held(Protocol):
    """What there is to read."""

    @property
    def database_status(self) -> DatabaseStatus: ...

    @property
    def scribe(self) -> Scribe | None: ...

    @property
    def sender(self) -> "Sender | None": ...

    @property
    def privacy(self) -> Privacy | None: ...


class CdrCollector(Collector):
    """Reads one daemon."""

    def __init__(self, held: Held, opened_log: Log, now: Callable[[], float]) -> None:
        self._held = held
        self._log = opened_log
        self._now = now

    def collect(self) -> Iterable[Metric]:
        """Every family, those without a value now included."""
        yield from self._database(self._held.database_status)
        scribe = self._held.scribe
        yield from self._streams({} if scribe is None else scribe.readers)
        yield from self._conversations(scribe)
        yield from self._webhook(self._held.sender)
        privacy = self._held.privacy
        meaning = "conversations whose outside numbers were made unreadable"
        yield FIGURES.counter("conversations_masked", meaning, 0 if privacy is None else privacy.masked)
        yield FIGURES.counter("log_lines_lost", "log lines that could be written nowhere", self._log.lines_lost)

    def _database(self, status: DatabaseStatus) -> Iterator[Metric]:
        yield FIGURES.gauge("database_up", "1 while the database does what it is asked", int(status.is_good))
        is_now = {one.label: int(status.trouble is not None and status.trouble.trouble is one) for one in Trouble}
        yield FIGURES.gauges("database_trouble", "1 for what is wrong with the database", "trouble", is_now)
        yield FIGURES.counter("database_failures", "times that the database did not do it", status.failures)
        yield FIGURES.counter("batches", "transactions with records, drafts and places", status.batches)
        yield FIGURES.counter("records_written", "rows written, those written again included", status.records)
        yield FIGURES.gauge("batch_seconds", "how long the last transaction took", status.batch_seconds)

    def _streams(self, readers: dict[str, StreamReader]) -> Iterator[Metric]:
        statuses = {name: one.status for name, one in readers.items()}
        up = {name: int(one.state is StreamState.UP) for name, one in statuses.items()}
        yield FIGURES.gauges("stream_up", "1 while a stream is read as it happens", "stream", up)
        places = {name: 0 if one.place is None else one.place.number for name, one in readers.items()}
        yield FIGURES.gauges("stream_number", "number of the last event taken", "stream", places)
        since = {name: self._now() - one.since for name, one in statuses.items()}
        yield FIGURES.gauges("stream_state_seconds", "for how long it has been up, or not", "stream", since)
        durable = {name: int(one.is_durable) for name, one in statuses.items()}
        yield FIGURES.gauges("stream_durable", "1 where the server holds events back for us", "stream", durable)
        losses = {name: one.losses for name, one in statuses.items()}
        yield FIGURES.counters("stream_losses", "sessions that were lost", "stream", losses)
        gaps = {name: one.gaps for name, one in statuses.items()}
        yield FIGURES.counters("stream_gaps", "times that a stream had lost events", "stream", gaps)

    @staticmethod
    def _webhook(sender: "Sender | None") -> Iterator[Metric]:
        status = WebhookStatus() if sender is None else sender.status
        is_up = sender is not None and not status.trouble
        yield FIGURES.gauge("webhook_up", "1 while the webhook takes what it is told", int(is_up))
        meaning = "conversations that the webhook has still to be told"
        yield FIGURES.gauge("webhook_waiting", meaning, status.waiting)
        yield FIGURES.counter("webhook_delivered", "conversations that the webhook has taken", status.delivered)
        yield FIGURES.counter("webhook_failures", "requests that the webhook did not take", status.failures)
        meaning = "conversations that it did not take for too long"
        yield FIGURES.counter("webhook_given_up", meaning, status.given_up)

    @staticmethod
    def _conversations(scribe: Scribe | None) -> Iterator[Metric]:
        ledger = None if scribe is None else scribe.ledger
        live = 0 if ledger is None else len(ledger.stories.open)
        yield FIGURES.gauge("conversations_open", "conversations that go on", live)
        waiting = 0 if ledger is None else len(ledger.waiting)
        meaning = "conversations that have ended and wait for what another stream tells of them"
        yield FIGURES.gauge("conversations_waiting", meaning, waiting)
        pending = 0 if scribe is None else scribe.pending_events
        yield FIGURES.gauge("pending_events", "events taken that are not yet on their way to the database", pending)
        yield FIGURES.counter("record_problems", "invariants that rows broke", 0 if scribe is None else scribe.problems)
