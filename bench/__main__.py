"""``python -m bench fanout|slow|storm|pipeline|ami|records|ledger|all``: tables for people.

With ``--json`` the last line is one JSON object. Every run also leaves its JSON in ``bench/results/``, which is not
part of the repository.
"""

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from bench.fanout import LOADS, Result, run, summary

RESULTS = Path(__file__).parent / "results"

as_json_option = click.option("--json", "as_json", is_flag=True, help="The last line is one JSON object.")


@click.group()
def main() -> None:
    """Measure against peers."""


@main.command()
@as_json_option
def fanout(as_json: bool) -> None:
    """Deliveries per second and latency against nats-server, redis-server and mosquitto."""
    tell("fanout", _fanout(_console(as_json)), as_json)


@main.command()
@as_json_option
def slow(as_json: bool) -> None:
    """Latency of 998 subscribers with and without two that do not keep up."""
    tell("slow", _slow(_console(as_json)), as_json)


@main.command()
@as_json_option
def storm(as_json: bool) -> None:
    """A thousand subscribers that come back at once to a site with 10,000 calls."""
    tell("storm", _storm(_console(as_json)), as_json)


@main.command()
@as_json_option
def pipeline(as_json: bool) -> None:
    """Framed CSTA XML in, events out, against lxml parsing and walking the same bytes."""
    tell("pipeline", _pipeline(_console(as_json)), as_json)


@main.command()
@as_json_option
def ami(as_json: bool) -> None:
    """AMI bytes to reports, against panoramisk's parser."""
    tell("ami", _ami(as_json), as_json)


@main.command()
@as_json_option
def records(as_json: bool) -> None:
    """Rows a second into SQLite and PostgreSQL against bare batched inserts."""
    tell("records", _records(_console(as_json)), as_json)


@main.command()
@as_json_option
def ledger(as_json: bool) -> None:
    """What an event costs the call records while 100, 10,000 and 100,000 calls are live."""
    tell("ledger", _ledger(_console(as_json)), as_json)


@main.command(name="all")
@as_json_option
def everything(as_json: bool) -> None:
    """All of them, one after the other."""
    console = _console(as_json)
    outcome = {
        "fanout": _fanout(console),
        "slow": _slow(console),
        "storm": _storm(console),
        "pipeline": _pipeline(console),
        "ami": _ami(as_json),
        "records": _records(console),
        "ledger": _ledger(console),
    }
    tell("all", outcome, as_json)


def tell(name: str, outcome: dict[str, Any], as_json: bool) -> None:
    """Keep an outcome and, where asked for, print it as the last line."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(outcome, indent=1) + "\n", encoding="utf-8")
    if as_json:
        click.echo(json.dumps(outcome))


def _console(as_json: bool) -> Console:
    """With ``--json`` the tables go to standard error. A pipe is no reason to cut columns."""
    console = Console(stderr=as_json)
    return console if console.is_terminal else Console(stderr=as_json, width=120)


def _fanout(console: Console) -> dict[str, Any]:
    results: list[Result] = []
    for result in run():
        if isinstance(result, str):
            console.print(result)
            continue
        results.append(result)
        console.print(f"{result.load}: {result.broker} {result.deliveries_per_second:,} deliveries/s")
    for load in LOADS:
        console.print(table_of(load.name, [result for result in results if result.load == load.name]))
    outcome = summary(results)
    console.print(
        f"ours ÷ nats-server at {LOADS[1].name}: {outcome['ratio']}, with the journal {outcome['with_journal']}"
    )
    return outcome


def _slow(console: Console) -> dict[str, Any]:
    from bench import slow as bench

    outcome = bench.run()
    table = Table(title="998 who keep up, each round")
    for heading in ("median µs without", "with the two", "p99 µs without", "with the two", "with ÷ without"):
        table.add_column(heading, justify="right")
    for each in outcome.rounds:
        medians, p99s = (each.without_median_us, each.with_median_us), (each.without_p99_us, each.with_p99_us)
        table.add_row(*(f"{figure:,}" for figure in (*medians, *p99s)), f"{each.ratio}")
    console.print(table)
    console.print(f"p99 with ÷ without, the middle: {outcome.middle.ratio}; never came: {outcome.lost} deliveries")
    for fate in outcome.fates:
        became = f"closed with {fate.code} after {fate.after_seconds} s" if fate.code else "still there"
        console.print(f"{fate.name}: {became}, {fate.behind_events:,} events and {fate.waiting_bytes:,} bytes behind")
    return bench.summary(outcome)


def _storm(console: Console) -> dict[str, Any]:
    from bench import storm as bench

    outcome = bench.run()
    seen = outcome.seen
    table = Table(title=f"{outcome.plan.subscribers:,} come back to {outcome.plan.calls:,} calls")
    for heading in ("", "median µs", "p99 µs", "max µs", "server's longest pause ms", "server's memory peak MB"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, latency, server in (
        ("before", seen.before, outcome.server_before),
        ("in the storm", seen.storm, outcome.server_storm),
        ("after", seen.after, outcome.server_after),
    ):
        figures = (f"{latency.median_us:,}", f"{latency.p99_us:,}", f"{latency.max_us:,}")
        table.add_row(name, *figures, f"{server['longest_pause_ms']}", f"{server['peak_bytes'] / 1e6:,.1f}")
    console.print(table)
    console.print(
        f"{seen.live_again:,} live again: the first after {seen.first_live_seconds} s, half after "
        f"{seen.half_live_seconds} s, the last after {seen.all_live_seconds} s; each got a snapshot of "
        f"{seen.snapshot_bytes / 1e6:.1f} MB, {seen.snapshots} different ones"
    )
    console.print("\n".join(seen.wrong) or "every snapshot is the state at its number, and no event is missing")
    return bench.summary(outcome)


def _pipeline(console: Console) -> dict[str, Any]:
    from bench import pipeline as bench  # only who measures it needs a gateway and a simulator

    outcome = bench.run()
    table = Table(title="pipeline")
    for heading in ("who", "µs/event", "events/s"):
        table.add_column(heading, justify="left" if heading == "who" else "right")
    for side in (outcome["ours"], outcome["theirs"]):
        table.add_row(side["who"], f"{side['microseconds_per_event']:,}", f"{side['events_per_second']:,}")
    console.print(table)
    console.print(f"ours ÷ parse and walk: {outcome['ratio']}")
    return outcome


def _ami(as_json: bool) -> dict[str, Any]:
    from bench import ami as bench  # only who measures it needs panoramisk

    return bench.run(json=as_json)


def _records(console: Console) -> dict[str, Any]:
    from bench import records as bench  # only who measures it needs databases

    outcome = bench.run()
    table = Table(title=f"batches of {bench.CONVERSATIONS_A_BATCH} conversations")
    for heading in ("database", "rows a batch", "ours rows/s", "bare inserts rows/s", "ours ÷ bare"):
        table.add_column(heading, justify="left" if heading == "database" else "right")
    for name, found in outcome.items():
        figures = (found["rows_a_batch"], found["ours_rows_per_second"], found["bare_rows_per_second"])
        table.add_row(name, *(f"{figure:,}" for figure in figures), f"{found['share']}")
    console.print(table)
    return outcome


def _ledger(console: Console) -> dict[str, Any]:
    from bench import ledger as bench

    outcome = bench.run()
    table = Table(title="ledger")
    for heading in ("live calls", "µs/event", "÷ the first"):
        table.add_column(heading, justify="right")
    for live, cost in outcome["microseconds_per_event"].items():
        table.add_row(f"{int(live):,}", f"{cost}", f"{outcome['growth'][live]}")
    console.print(table)
    return outcome


def table_of(title: str, results: list[Result]) -> Table:
    """A load's results, a row for each broker."""
    table = Table(title=title)
    for heading in ("broker", "deliveries/s", "MB/s", "at/s", "median µs", "p99 µs", "samples", "lost"):
        table.add_column(heading, justify="left" if heading == "broker" else "right")
    for result in results:
        table.add_row(
            result.broker,
            f"{result.deliveries_per_second:,}",
            f"{result.deliveries_per_second * result.bytes_per_delivery / 1e6:,.0f}",
            f"{result.latency_rate_per_second:,}",
            f"{result.latency.median_us:,}",
            f"{result.latency.p99_us:,}",
            f"{result.latency.samples:,}",
            f"{result.lost:,}",
        )
    return table


if __name__ == "__main__":
    main()
