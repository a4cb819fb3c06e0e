"""docs/ultra.md names every command and every option that there is, each in its section, and none that there is not."""

import re
from collections.abc import Iterator
from importlib import import_module

import click
import pytest

from model.states import DeviceState
from tests.rules.source_tree import ROOT
from ultra.__main__ import COMMANDS
from ultra.board.states import DEVICE_LOOKS

MANUAL = (ROOT / "docs" / "ultra.md").read_text("utf-8")


def section(name: str) -> str:
    """What stands under `## ultra NAME`."""
    found = re.search(rf"^## ultra {name}\n(.*?)(?=^## |\Z)", MANUAL, re.MULTILINE | re.DOTALL)
    assert found is not None, f"docs/ultra.md has no section `## ultra {name}`"
    return found[1]


def commands(name: str) -> Iterator[tuple[str, click.Command]]:
    """A command of `ultra`, or a group's commands, with their whole names."""
    command = getattr(import_module(COMMANDS[name]), name)
    if isinstance(command, click.Group):
        context = click.Context(command)
        for inner_name in command.list_commands(context):
            inner = command.get_command(context, inner_name)
            assert inner is not None
            yield f"ultra {name} {inner_name}", inner
    else:
        yield f"ultra {name}", command


def options(name: str) -> set[str]:
    """The long options of a command, or of all of a group's."""
    return {
        option
        for _, command in commands(name)
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
        if option.startswith("--")
    }


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_option_stands_in_its_section(name: str) -> None:
    text = section(name)
    assert [whole for whole, _ in commands(name) if whole not in text] == []
    assert sorted(options(name) - named(text)) == []


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_no_section_names_an_option_that_there_is_not(name: str) -> None:
    assert sorted(named(section(name)) - options(name)) == []


def test_no_section_is_of_a_command_that_there_is_not() -> None:
    assert sorted(re.findall(r"^## ultra (\w+)$", MANUAL, re.MULTILINE)) == sorted(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_says_what_it_does_and_what_its_options_are_for(name: str) -> None:
    for whole, command in commands(name):
        assert command.help, whole
        assert command.get_short_help_str(200).endswith((".", "!")), whole


def test_the_marks_of_the_screen_are_explained() -> None:
    told = dict(re.findall(r"\| `(.)` \| ([a-z ]+) ", section("view")))
    told |= dict(re.findall(r"\| `(.)` \| ([a-z ]+?) \|\n", section("view")))
    shown = {
        DEVICE_LOOKS[state][0]: state.name.lower().replace("_", " ")
        for state in DeviceState
        if state is not DeviceState.NOT_CONFIGURED
    }
    assert {mark: words.strip() for mark, words in told.items()} == shown


def named(text: str) -> set[str]:
    """The long options that a text names."""
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))
