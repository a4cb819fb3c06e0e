"""A table is printed in full, however narrow the terminal is."""

import pytest
from rich.table import Table

from ultra.cdr.tables import print_whole


def test_nothing_is_cut_off(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table(box=None)
    table.add_column("id")
    table.add_column("name")
    table.add_row("1" * 60, "客服" * 40)
    monkeypatch.setenv("COLUMNS", "20")
    print_whole(table)
    assert f"{'1' * 60}  {'客服' * 40}" in " ".join(capsys.readouterr().out.split("\n"))
