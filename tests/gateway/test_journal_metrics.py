"""The journal's figures, of a real journal."""

from pathlib import Path

from gateway.figures import FIGURES
from gateway.journal_metrics import JournalCollector
from tests.gateway.journal.stage import NOW_US, SMALL, opened, publish


def test_what_is_held_and_where_the_consumers_are(tmp_path: Path) -> None:
    journal = opened(tmp_path, SMALL, consumers=["cdr", "recorder"]).journal
    journal.begin_segment(b"state", NOW_US)
    publish(journal, 40)
    journal.confirm("cdr", 25)
    told = {
        (one.name.removeprefix(f"{FIGURES.prefix}_"), *sample.labels.values()): sample.value
        for one in JournalCollector(journal).collect()
        for sample in one.samples
    }
    on_disk = sum(path.stat().st_size for path in tmp_path.glob("*.journal"))
    assert told == {
        ("journal_bytes",): on_disk,
        ("journal_first",): 1,
        ("consumer_confirmed", "cdr"): 25,
        ("consumer_confirmed", "recorder"): 0,
        ("consumer_behind_events", "cdr"): 15,
        ("consumer_behind_events", "recorder"): 40,
    }
    journal.close(NOW_US)
