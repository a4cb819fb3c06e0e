"""Where the events are from which rows are made again: options that ``rebuild`` and ``verify`` share."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from cdr.ledger.ledger import CTI, IVR

Command = TypeVar("Command", bound=Callable[..., Any])


def journal_options(command: Command) -> Command:
    """``--from``, ``--cti``, ``--ivr``; the command gets ``journal`` and ``centre``."""

    @click.option("--from", "journal", required=True, type=click.Path(path_type=Path, file_okay=False),
                  help="The folder of the gateway's [journal]; the gateway may be running.")  # fmt: skip
    @click.option("--cti", type=click.Path(path_type=Path, dir_okay=False), help="The CTI server's events, JSON Lines.")
    @click.option("--ivr", type=click.Path(path_type=Path, dir_okay=False), help="The IVR's events, JSON Lines.")
    @functools.wraps(command)
    def with_files(*arguments: Any, cti: Path | None, ivr: Path | None, **options: Any) -> Any:
        centre = {name: path for name, path in ((CTI, cti), (IVR, ivr)) if path is not None}
        return command(*arguments, centre=centre, **options)

    return with_files  # type: ignore[return-value]
