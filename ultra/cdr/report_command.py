"""``ultra cdr report``: how many calls came, were answered, how fast, by whom: on the terminal, JSON, CSV, a page."""

import csv
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from cdr.moments import MICROSECONDS, moment_of
from cdr.records import Direction
from cdr.report.page import page_of
from cdr.report.questions import Interval
from cdr.report.report import By, Report, form_of_report, make_report
from runtime.texts import Language
from ultra.cdr.source import Source, source_options
from ultra.cdr.tables import print_whole, report_table
from ultra.saying import chosen

WITHIN_DEFAULT: Final = 20.0
"""Seconds; "80 % within 20 seconds" is what most call centres promise."""
ALL: Final = "all"


@click.command("report")
@source_options
@click.option("--by", "sorts", multiple=True, type=click.Choice([one.value for one in By]), help="[hour; repeat it]")
@click.option(
    "--from", "begins", default="today", show_default=True, metavar="TIME", help="2026-01-31, yesterday, 7d …"
)
@click.option("--to", "ends", metavar="TIME", help="Before that. [now]")
@click.option(
    "--within", type=click.FloatRange(0, 86_400), default=WITHIN_DEFAULT, show_default=True, metavar="SECONDS",
    help="Threshold of the service level.",
)  # fmt: skip
@click.option("--direction", type=click.Choice([ALL, *(one.value for one in Direction)]), default="inbound",
              show_default=True, help="Of the rows by hour and day.")  # fmt: skip
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a page with charts into it.")
@click.option("--json", "as_json", is_flag=True, help="A list of reports.")
@click.option("--csv", "as_csv", is_flag=True, help="Rows for a spreadsheet; one --by.")
@click.option("--lang", type=click.Choice([one.value for one in Language]), help="Language [the shell's].")
def report_command(
    source: Source,
    sorts: tuple[str, ...],
    begins: str,
    ends: str | None,
    within: float,
    direction: str,
    html: Path | None,
    as_json: bool,
    as_csv: bool,
    lang: str | None,
) -> None:
    """Count the calls of a time: per hour, day, queue, agent or trunk.

    A call counts where it began. Days and hours are the site's, the change of summer time included. The service level
    is told in the three ways that there are: abandoned calls ignored, with negative, with positive impact.
    """
    wanted = [By(one) for one in dict.fromkeys(sorts)] or ([By.HOUR] if html is None else list(By))
    if as_csv and len(wanted) != 1:
        raise click.UsageError("--csv takes one --by")
    interval = _interval(source, begins, ends, within)
    only = None if direction == ALL else Direction(direction)
    with source.reader() as reader, reader.connection() as connection:
        reports = [make_report(connection, by, interval, source.zone, only) for by in wanted]
    language = chosen(lang)
    if html is not None:
        _write(html, page_of(reports, datetime.now(UTC).astimezone(source.zone), language))
    elif as_json:
        click.echo(json.dumps([form_of_report(one) for one in reports], ensure_ascii=False, indent=2))
    elif as_csv:
        _csv(reports[0])
    else:
        for report in reports:
            print_whole(report_table(report, language))


def _interval(source: Source, begins: str, ends: str | None, within: float) -> Interval:
    now_us = time.time_ns() // 1000
    try:
        begins_us = moment_of(begins, source.zone, now_us)
        ends_us = now_us if ends is None else moment_of(ends, source.zone, now_us)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    if ends_us <= begins_us:
        raise click.UsageError("--to is not after --from")
    return Interval(begins_us, ends_us, round(within * MICROSECONDS))


def _csv(report: Report) -> None:
    form = form_of_report(report)
    writer = csv.writer(sys.stdout)
    names = list(form["total"])
    writer.writerow(["name", *names])
    for row in [*form["rows"], {"name": "", **form["total"]}]:
        writer.writerow([row["name"], *("" if row[name] is None else row[name] for name in names)])


def _write(path: Path, page: str) -> None:
    try:
        path.write_text(page, "utf-8")
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error
    click.echo(str(path), err=True)
