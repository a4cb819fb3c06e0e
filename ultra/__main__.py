"""``ultra``: the operator's command line. Each command is a module of its own, imported when it is asked for."""

from importlib import import_module

import click

COMMANDS = {
    "call": "ultra.call",
    "cdr": "ultra.cdr.group",
    "check": "ultra.check",
    "consumers": "ultra.consumers",
    "csta": "ultra.csta",
    "demo": "ultra.demo",
    "feed": "ultra.feed",
    "licence": "ultra.licence",
    "link": "ultra.link",
    "logs": "ultra.logs",
    "reload": "ultra.reload",
    "replay": "ultra.replay",
    "sim": "ultra.sim",
    "tail": "ultra.tail",
    "up": "ultra.up",
    "user": "ultra.user",
    "view": "ultra.view",
}


class LazyGroup(click.Group):
    """Imports a command's module only when it is used: the command line starts quickly."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The click command of a module is the attribute of the command's name."""
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command = getattr(import_module(module), cmd_name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Operate the CTI suite: start, watch and question its daemons."""


if __name__ == "__main__":
    main()
