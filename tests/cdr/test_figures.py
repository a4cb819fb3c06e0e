"""The figures of the call records: a family for each, whether there is something to tell or not."""

import re

from prometheus_client import CollectorRegistry, generate_latest

from cdr.database import DatabaseStatus
from cdr.figures import FIGURES, CdrCollector
from cdr.privacy import Privacy
from cdr.scribe import Scribe
from cdr.store.diagnosis import Diagnosis, Trouble
from cdr.webhook.sender import Sender
from runtime.logs import LogSettings, open_log
from tests.asking import samples
from tests.rules.source_tree import ROOT


class Held:
    """A daemon whose database is full, before it has begun."""

    database_status = DatabaseStatus(Diagnosis(Trouble.DISK_FULL, "full"), 5.0, failures=3, batches=2, records=9)
    scribe: Scribe | None = None
    sender: Sender | None = None
    privacy: Privacy | None = None


def page() -> str:
    registry = CollectorRegistry()
    registry.register(CdrCollector(Held(), open_log(LogSettings(), daemon="test"), lambda: 7.0))
    return generate_latest(registry).decode()


def test_what_is_wrong_with_the_database_is_a_label() -> None:
    values = samples(page())
    assert values["ultra_cdr_database_up"] == 0
    assert values["ultra_cdr_database_trouble{trouble=disk_full}"] == 1
    assert values["ultra_cdr_database_trouble{trouble=no_host}"] == 0
    assert values["ultra_cdr_database_failures_total"] == 3
    assert values["ultra_cdr_records_written_total"] == 9


def test_every_family_stands_in_the_manual_and_none_else() -> None:
    told = set(re.findall(r"^# TYPE (\w+) ", page(), re.MULTILINE))
    manual = (ROOT / "docs" / "operations.md").read_text("utf-8")
    of_any = ("ready", "loop_pause_seconds", "tasks", "memory_blocks", "http_refused_total")
    common = {f"{FIGURES.prefix}_{name}" for name in of_any}
    assert told == set(re.findall(r"`(ultra_cdr_\w+)`", manual)) - common
