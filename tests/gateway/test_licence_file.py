"""The licence as a file: what may change on the way, and what may not."""

from datetime import UTC, date, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.licence_file import LICENCE_BYTES_MAX, Licence, NoLicence, SignedLicence, licence_of, read_signed, sign
from tests.licences import OTHER_VENDOR_KEY, VENDOR, VENDOR_KEY, licence, licence_file
from tests.rules.source_tree import ROOT


def signed(raw: bytes) -> SignedLicence:
    read = read_signed(raw)
    assert isinstance(read, SignedLicence)
    return read


def holds(raw: bytes) -> bool:
    return signed(raw).is_signed_by(VENDOR_KEY)


def reason(raw: bytes) -> str:
    read = read_signed(raw)
    assert isinstance(read, NoLicence)
    return read.reason.render()


def test_a_licence_is_read_back() -> None:
    read = signed(licence_file())
    assert read.is_signed_by(VENDOR_KEY)
    assert not read.is_signed_by(OTHER_VENDOR_KEY)
    assert read.key_id == VENDOR_KEY.key_id
    assert licence_of(read) == licence()


def test_a_licence_without_an_end() -> None:
    raw = licence_file(expires=None)
    assert b"expires" not in raw
    assert holds(raw)
    assert licence_of(signed(raw)) == licence(expires=None)


LICENCES = st.builds(
    Licence,
    id=st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20),
    customer=st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=50),
    seats=st.integers(1, 100_000),
    features=st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=10), max_size=3),
    issued=st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)).map(
        lambda moment: moment.replace(microsecond=0)
    ),
    not_before=st.dates(date(2000, 1, 1)),
    expires=st.none() | st.dates(date(2000, 1, 1)),
    grace_days=st.integers(0, 366),
    host_ids=st.lists(st.from_regex(r"[0-9a-f]{16}", fullmatch=True), max_size=3),
)


@given(LICENCES)
def test_any_licence_is_read_back(given_licence: Licence) -> None:
    raw = sign(given_licence, VENDOR).encode()
    assert holds(raw)
    assert licence_of(signed(raw)) == given_licence


@pytest.mark.parametrize(
    "change",
    [
        lambda raw: raw.replace(b"\n", b"\r\n"),
        lambda raw: raw.replace(b"\n", b"\r"),
        lambda raw: b"\xef\xbb\xbf" + raw,
        lambda raw: raw.replace(b"seats = 100", b"  seats=100   # as agreed"),
        lambda raw: b"\n\n".join(line for line in raw.split(b"\n") if not line.startswith(b"#")),
        lambda raw: raw.replace(b"2026-01-05T09:00:00+00:00", b"2026-01-05T17:00:00+08:00"),
    ],
)
def test_what_may_change_on_the_way(change: object) -> None:
    assert callable(change)
    changed = change(licence_file())
    assert changed != licence_file()
    assert holds(changed)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"seats = 100", b"seats = 101"),
        (b"seats = 100", b'seats = "100"'),
        (b"seats = 100", b"seats = 100\nmore = 1"),
        (b"2026-12-31", b"2027-12-31"),
        (b"expires = 2026-12-31\n", b""),
        (b"grace_days = 10", b"grace_days = 300"),
        (b"host_ids = []", b'host_ids = ["x"]'),
        ("上海".encode(), "北京".encode()),
        (b"2026-01-05T09", b"2026-01-05T08"),
    ],
)
def test_what_may_not(old: bytes, new: bytes) -> None:
    raw = licence_file()
    assert old in raw
    assert not holds(raw.replace(old, new, 1))


def test_a_signature_over_something_else_is_no_licence() -> None:
    raw = licence_file()
    signature = VENDOR.sign(b"{}")
    assert not SignedLicence(signed(raw).values, VENDOR_KEY.key_id, signature).is_signed_by(VENDOR_KEY)
    assert not SignedLicence(signed(raw).values, VENDOR_KEY.key_id, b"short").is_signed_by(VENDOR_KEY)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", "it has not exactly the two parts [licence] and [signature]"),
        (b"x = 1\n[licence]\n[signature]\n", "it has not exactly the two parts [licence] and [signature]"),
        (b"[licence]\n[signature]\n", "a value is missing or of the wrong type"),
        (b'[licence]\nx = 1.5\n[signature]\nkey_id = "x"\ned25519 = ""', "a value is missing or of the wrong type"),
        (b'[licence]\n[signature]\nkey_id = "x"\ned25519 = "?"', "the signature is not base64"),
        ('[licence]\n[signature]\nkey_id = "x"\ned25519 = "é"'.encode(), "the signature is not base64"),
        (b"[licence]\n# \xff", "it is not UTF-8 (offset 12)"),
        (b"#" * (LICENCE_BYTES_MAX + 1), f"it has more than {LICENCE_BYTES_MAX} bytes"),
    ],
)
def test_what_is_no_licence(raw: bytes, expected: str) -> None:
    assert reason(raw) == expected


def test_a_syntax_error_has_its_place() -> None:
    read = read_signed(licence_file().replace(b"seats = 100", b"seats = many"))
    assert isinstance(read, NoLicence)
    assert (read.line, read.column, read.source_line) == (7, 9, "seats = many")


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"seats": 0}, "seats"),
        ({"customer": ""}, "customer"),
        ({"grace_days": 400}, "grace_days"),
        ({"new": "x"}, "new"),
    ],
)
def test_values_that_no_vendor_may_sign(values: dict[str, object], key: str) -> None:
    read = licence_of(SignedLicence({**signed(licence_file()).values, **values}, VENDOR_KEY.key_id, b""))
    assert isinstance(read, NoLicence)
    assert read.reason.render().startswith(f"the value of {key} is wrong")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_licence_or_refused(raw: bytes) -> None:
    assert isinstance(read_signed(raw), SignedLicence | NoLicence)


@given(st.data())
def test_any_changed_byte_is_harmless_or_seen(drawn: st.DataObject) -> None:
    raw = bytearray(licence_file())
    place = drawn.draw(st.integers(0, len(raw) - 1))
    raw[place] = drawn.draw(st.integers(0, 255))
    read = read_signed(bytes(raw))
    if isinstance(read, SignedLicence) and read.is_signed_by(VENDOR_KEY):
        assert licence_of(read) == licence()


def test_the_signed_form_stays_what_the_document_says() -> None:
    # A licence in customers' hands must hold with every later version: this one was signed by the first.
    raw = (ROOT / "tests" / "golden" / "check" / "licence-good" / "licence.toml").read_bytes()
    assert holds(raw)


def test_a_fresh_key_signs_as_well() -> None:
    key = Ed25519PrivateKey.generate()
    assert not holds(licence_file(key=key))


def test_what_is_nested_or_long_beyond_reading_is_told_with_its_place() -> None:
    found = read_signed(b"[licence]\nseats = " + b"9" * 5_000 + b"\n")
    assert isinstance(found, NoLicence)
    assert found.reason.render() == "not valid TOML: a number with more digits than any number here"
    assert (found.line, found.column) == (2, 9)
    assert found.source_line is not None
    nested = read_signed(b"a = " + b"[" * 600 + b"]" * 600)
    assert isinstance(nested, NoLicence)
    assert nested.reason.render() == "not valid TOML: more than 50 tables or lists within each other"
