"""A command speaks the language that was asked for, else the shell's."""

import pytest

from runtime.texts import Language, text
from ultra.saying import chosen, fail, say


def test_the_language_asked_for_goes_before_the_shell_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert chosen(None) is Language.ZH
    assert chosen("en") is Language.EN


def test_words_go_where_they_belong(capsys: pytest.CaptureFixture[str]) -> None:
    say(text("it is there already"), "en")
    with pytest.raises(SystemExit, match="1"):
        fail(text("the disk is full"), "zh")
    said = capsys.readouterr()
    assert said.out == "it is there already\n"
    assert said.err == "磁盘已满\n"
