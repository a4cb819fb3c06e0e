"""Single values: what is readable is read, what is not is None; names are cut once and not kept without bound."""

from lxml import etree

from gateway.links.csta_xml import messages as m
from gateway.links.csta_xml.values import LOCAL, PLAIN_READERS, enum_reader, read_error, read_text, read_word


def element(xml: str) -> etree._Element:
    return etree.fromstring(xml)


def test_text_is_kept_as_it_is_and_words_are_trimmed() -> None:
    assert read_text(element("<a> x </a>")) == " x "
    assert read_text(element("<a/>")) == ""
    assert read_text(element("<a><b>inner</b></a>")) == "inner"
    assert read_word(element("<a> x </a>")) == "x"


def test_numbers_and_truths() -> None:
    integer, boolean = PLAIN_READERS[int], PLAIN_READERS[bool]
    assert [integer(element(f"<a>{text}</a>")) for text in ("0", " -12 ", "+3", "1e3", "")] == [0, -12, 3, None, None]
    assert [boolean(element(f"<a>{text}</a>")) for text in ("true", "1", "false", "0", "TRUE")] == [
        True,
        True,
        False,
        False,
        None,
    ]


def test_enums_know_their_values_only_but_causes_keep_any() -> None:
    read_state, read_cause = enum_reader(m.LocalConnectionState), enum_reader(m.EventCause)
    assert read_state(element("<a>\n hold </a>")) is m.LocalConnectionState.HOLD
    assert read_state(element("<a>asleep</a>")) is None
    assert read_cause(element("<a>busy</a>")) is m.EventCause.BUSY
    assert read_cause(element("<a>asleep</a>")) == "asleep"
    assert read_cause(element("<a/>")) is None


def test_errors() -> None:
    found = read_error(element("<e><operation>invalidCallID</operation></e>"))
    assert found == m.CSTAErrorCode(m.ErrorCategory.OPERATION, "invalidCallID")
    assert read_error(element("<e/>")) is None


def test_local_names_are_forgotten_before_they_are_too_many() -> None:
    for number in range(10_000):
        assert LOCAL[f"{{urn:x}}n{number}"] == f"n{number}"
    assert len(LOCAL) <= 4096
    assert LOCAL["bare"] == "bare"


def test_long_names_are_not_kept() -> None:
    name = "n" * 60_000
    assert LOCAL[name] == name
    assert name not in LOCAL
