"""The command line of the bench."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench import __main__ as bench
from bench.fanout import LOADS, Result
from bench.receiver import Latencies


def test_the_benches_have_their_names() -> None:
    shown = CliRunner().invoke(bench.main, ["--help"])
    assert shown.exit_code == 0
    for name in ("fanout", "slow", "storm", "pipeline", "ami", "all"):
        assert f"\n  {name} " in shown.output


def test_a_table_has_a_row_for_each_broker() -> None:
    latency = Latencies(5, 6, 7)
    results = [Result(name, LOADS[0].name, 100, 1_000, 174, 100, latency, 0) for name in ("ulp", "mosquitto")]
    assert bench.table_of(LOADS[0].name, results).row_count == 2


def test_an_outcome_is_kept_and_printed_as_the_last_line(capsys: pytest.CaptureFixture[str]) -> None:
    kept = bench.RESULTS / "test.json"
    try:
        bench.tell("test", {"ratio": 7.5}, as_json=True)
        assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"ratio": 7.5}
        assert json.loads(Path(kept).read_text(encoding="utf-8")) == {"ratio": 7.5}
        bench.tell("test", {"ratio": 8}, as_json=False)
        assert capsys.readouterr().out == ""
    finally:
        kept.unlink(missing_ok=True)
