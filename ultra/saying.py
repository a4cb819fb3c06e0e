"""What a command says, in the language asked for or that of the shell."""

import sys
from typing import NoReturn

import click

from runtime.texts import Language, Text, language_from


def chosen(lang: str | None) -> Language:
    """The language of ``--lang``, else the shell's."""
    return Language(lang) if lang else language_from()


def say(words: Text, lang: str | None, *, to_error: bool = False) -> None:
    """A line on standard output, or on standard error."""
    click.echo(words.render(chosen(lang)), err=to_error)


def fail(words: Text, lang: str | None) -> NoReturn:
    """A last line on standard error, and exit code 1."""
    say(words, lang, to_error=True)
    sys.exit(1)
