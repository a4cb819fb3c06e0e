"""The journal's figures for Prometheus, and its durable consumers', read when somebody asks. Changes nothing."""

from collections.abc import Iterable

from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from gateway.figures import FIGURES
from gateway.journal.journal import Journal


class JournalCollector(Collector):
    """Reads one journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def collect(self) -> Iterable[Metric]:
        """Every family; those of the consumers without a value where the settings name none."""
        journal = self._journal
        yield FIGURES.gauge("journal_bytes", "size of what is held, all segments together", journal.held_bytes)
        yield FIGURES.gauge("journal_first", "number of the oldest event that can be had again", journal.first)
        places = journal.consumers
        confirmed = "number up to which a durable consumer has taken the events"
        yield FIGURES.gauges("consumer_confirmed", confirmed, "consumer", places)
        behind = {name: journal.last - place for name, place in places.items()}
        yield FIGURES.gauges(
            "consumer_behind_events", "events that a durable consumer has not confirmed", "consumer", behind
        )
