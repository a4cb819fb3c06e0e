"""Every command of the group is there, and is imported only when it is asked for."""

import click
import pytest

from ultra.cdr.group import COMMANDS, cdr


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command(name: str) -> None:
    command = cdr.get_command(click.Context(cdr), name)
    assert command is not None
    assert command.name == name


def test_one_that_there_is_not() -> None:
    assert cdr.get_command(click.Context(cdr), "invent") is None
    assert cdr.list_commands(click.Context(cdr)) == sorted(COMMANDS)
