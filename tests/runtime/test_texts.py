"""The texts that operators read, and the Chinese catalogue against the code."""

import re
import string
from collections.abc import Iterable

import pytest
from babel.messages.catalog import Catalog
from hypothesis import given
from hypothesis import strategies as st

from runtime.texts import Language, catalogue, counted, language_from, text, verbatim, visible
from tests.catalogue import PO_FILE, entries, read, renewed, texts_in_the_code

REWRITE = "run: .venv/bin/python -m tests.catalogue, then fill in what is empty"


def placeholders(template: str) -> set[str | None]:
    """The names in braces; `format` is used with nothing else."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def forms(texts: str | Iterable[str] | None) -> tuple[str, ...]:
    """Singular and plural, or the one there is; an empty one for none."""
    return (texts or "",) if isinstance(texts, str | None) else tuple(texts)


def test_every_text_of_the_code_is_in_the_catalogue_and_no_other() -> None:
    held = {message.id if isinstance(message.id, str) else tuple(message.id) for message in entries(read())}
    needed = texts_in_the_code()
    assert needed - held == set(), REWRITE
    assert held - needed == set(), REWRITE


def test_every_text_has_its_chinese() -> None:
    unfit = [message.id for message in entries(read()) if message.fuzzy or not all(forms(message.string))]
    assert unfit == []


def test_the_placeholders_of_a_text_are_those_of_its_chinese() -> None:
    for message in entries(read()):
        wanted = set().union(*map(placeholders, forms(message.id)))
        for chinese in forms(message.string):
            # One form serves every count, so the number may be left out where the text is about one thing.
            assert placeholders(chinese) <= wanted, message.id
            assert wanted - placeholders(chinese) <= {"count"}, message.id


def test_the_catalogue_is_written_as_the_tool_writes_it() -> None:
    assert PO_FILE.read_text("utf-8") == renewed(read(), texts_in_the_code()), REWRITE


def test_templates_hold_named_placeholders_only() -> None:
    for template in {form for message in texts_in_the_code() for form in forms(message)}:
        for _, name, spec, conversion in string.Formatter().parse(template):
            assert name is None or re.fullmatch(r"[a-z_]+", name), template
            assert not spec, template
            assert conversion is None, template


def test_the_tool_keeps_what_is_translated_and_drops_what_is_gone() -> None:
    held = Catalog(locale="zh_CN")
    held.add("stays", "保留")
    held.add("guessed", "猜测", flags=["fuzzy"])
    held.add("gone", "消失")
    held.add(("{count} day", "{count} days"), ("{count} 天",))
    written = renewed(held, {"stays", "guessed", "new", ("{count} day", "{count} days")})
    assert 'msgid "stays"\nmsgstr "保留"' in written
    assert 'msgid "guessed"\nmsgstr ""' in written
    assert 'msgid "new"\nmsgstr ""' in written
    assert 'msgstr[0] "{count} 天"' in written
    assert "gone" not in written


def test_a_text_in_both_languages() -> None:
    words = text("{number} is named in line {line} already", number="8001", line=3)
    assert words.render() == "8001 is named in line 3 already"
    assert words.render(Language.ZH) == "8001 在第 3 行已经写过"


def test_a_text_inside_a_text_is_in_the_same_language() -> None:
    words = text("the licence cannot be read: {reason}", reason=text("it is a folder"))
    assert words.render(Language.ZH) == "授权文件无法读取：这是文件夹"


def test_a_count_chooses_the_form() -> None:
    assert [counted("{count} error", "{count} errors", n).render() for n in (0, 1, 2)] == [
        "0 errors",
        "1 error",
        "2 errors",
    ]
    assert counted("{count} error", "{count} errors", 2).render(Language.ZH) == "2 个错误"


def test_what_the_catalogue_lacks_comes_in_english() -> None:
    # Not by `text`: the catalogue's tool would find it here.
    assert verbatim("8001").render(Language.ZH) == "8001"


def test_parameters_are_not_read_as_templates_and_never_reach_the_terminal_raw() -> None:
    assert text("{file} holds no private key", file="{x}\x1b[31m").render() == "{x}␛[31m holds no private key"


def test_english_needs_no_catalogue() -> None:
    assert catalogue(Language.EN) is None
    assert catalogue(Language.ZH) is not None


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, Language.EN),
        ({"LANG": "zh_CN.UTF-8"}, Language.ZH),
        ({"LANG": "zh_TW"}, Language.ZH),
        ({"LANG": "de_DE.UTF-8"}, Language.EN),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, Language.EN),
        ({"LANG": "C", "LC_MESSAGES": "zh_CN.UTF-8"}, Language.ZH),
        ({"LC_ALL": "", "LANG": "zh_CN"}, Language.ZH),
    ],
)
def test_the_language_of_the_shell(environment: dict[str, str], language: Language) -> None:
    assert language_from(environment) is language


@given(st.text())
def test_visible_text_has_as_many_characters_and_no_control(raw: str) -> None:
    shown = visible(raw)
    assert len(shown) == len(raw)
    assert not any(character in shown for character in "\x00\x07\x1b\r\n\t\x7f\x9b\u202e\u2028")
