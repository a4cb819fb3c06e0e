"""Tables as wide as they must be: a number or an id that is cut off is of no use."""

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table

WIDTH_MAX = 1_000


def print_whole(table: Table) -> None:
    """Print it in full; a terminal that is narrower wraps the lines."""
    console = Console()
    wide = console.options.update(max_width=WIDTH_MAX)
    width = max(console.width, Measurement.get(console, wide, table).maximum)
    Console(width=width).print(table, crop=False)
