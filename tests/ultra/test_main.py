"""The command line's own part: every command loads when it is asked for, none before, and an unknown one is refused."""

import re
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from tests.rules.source_tree import ROOT
from ultra.__main__ import COMMANDS, main


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_each_command_says_what_it_is_for(name: str) -> None:
    shown = CliRunner().invoke(main, [name, "--help"])
    assert shown.exit_code == 0, shown.output
    assert shown.output.startswith(f"Usage: main {name} ")
    assert CliRunner().invoke(main, [name, "-h"]).output == shown.output


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_each_command_is_found_by_its_name_and_has_a_help_text(name: str) -> None:
    context = click.Context(main)
    command = main.get_command(context, name)
    assert command is not None
    assert command.name == name
    assert command.help


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], []])
def test_the_commands_are_listed_in_order(arguments: list[str]) -> None:
    shown = CliRunner().invoke(main, arguments)
    lines = shown.output.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  ") and line[2] != " "] == sorted(COMMANDS)


def test_every_module_that_holds_a_command_is_on_the_list() -> None:
    """A command of the package that the table forgot could not be called; a group of commands is a package."""
    modules = {path.stem: path for path in (ROOT / "ultra").glob("*.py")}
    groups = {path.parent.name: path for path in (ROOT / "ultra").glob("*/group.py")}
    found: list[str] = []
    for name, path in (modules | groups).items():
        command = rf"^@click\.(command|group)\b[^\n]*\n(@[^\n]*\n|[ )][^\n]*\n)*(async )?def {name}\("
        if re.search(command, path.read_text(encoding="utf-8"), re.MULTILINE):
            assert COMMANDS.get(name) == ".".join(path.relative_to(ROOT).with_suffix("").parts), path
            found.append(name)
    assert sorted(found) == sorted(COMMANDS)


def test_an_unknown_command_is_refused() -> None:
    shown = CliRunner().invoke(main, ["dmo"])
    assert shown.exit_code == 2
    assert "No such command 'dmo'" in shown.output


def test_listing_the_commands_of_the_table_loads_none() -> None:
    """A typing error needs no gateway: the table alone is looked at."""
    script = (
        "import sys; from ultra.__main__ import main, COMMANDS; import click;"
        "names = main.list_commands(click.Context(main)); main.get_command(click.Context(main), 'dmo');"
        "assert names == sorted(COMMANDS);"
        "print(sorted(set(COMMANDS.values()) & set(sys.modules)))"
    )
    printed = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert printed.stdout == "[]\n"


def test_one_command_loads_only_its_own_module() -> None:
    script = (
        "import sys; from ultra.__main__ import main, COMMANDS; import click;"
        "main.get_command(click.Context(main), 'licence');"
        "print(sorted(set(COMMANDS.values()) & set(sys.modules)))"
    )
    printed = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert printed.stdout == "['ultra.licence']\n"
