"""The commands of ``ultra cdr``, each a module of its own, imported when it is asked for."""

from importlib import import_module
from typing import Final

import click

COMMANDS: Final = ("export", "list", "rebuild", "report", "show", "upgrade", "verify")


class _Lazy(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"ultra.cdr.{cmd_name}_command"), f"{cmd_name}_command")
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Lazy)
def cdr() -> None:
    """Look into the call records: list, export, report; make them again and hold them against the journal."""
