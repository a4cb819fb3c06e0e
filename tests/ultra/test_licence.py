"""`ultra licence`, as a vendor and an operator use it: the real command in a folder of its own."""

import re
import stat
from pathlib import Path

import pytest

from gateway.licence_clock import recall_time
from tests.licences import VENDOR_KEY, licence_file
from tests.ultra.real_site import ultra


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    done = ultra("licence", *arguments, folder=folder)
    return done.code, done.out, done.err


def good(folder: Path, *arguments: str) -> str:
    code, output, errors = run(folder, *arguments)
    assert code == 0, errors
    return output


def make_key(folder: Path) -> str:
    """A vendor's key in `vendor.pem`; its public half."""
    line = good(folder, "keygen", "vendor.pem")
    match = re.fullmatch(r'public_key = "(ed25519:[A-Za-z0-9+/]{43}=)"\n', line)
    assert match is not None
    return match[1]


def test_from_the_key_to_the_seats(folder: Path) -> None:
    key = make_key(folder)
    good(folder, "issue", "--key", "vendor.pem", "--customer", "上海某公司", "--seats", "200", "--out", "a.toml")
    assert good(folder, "verify", "a.toml", "--public-key", key) == "上海某公司, 200 seats\n"
    shown = good(folder, "show", "a.toml")
    assert "customer    上海某公司\n" in shown
    assert "seats       200\n" in shown


def test_every_value_can_be_given(folder: Path) -> None:
    key = make_key(folder)
    (host,) = good(folder, "host").split() or ["none"]
    issued = good(
        folder, *("issue", "--key", "vendor.pem", "--customer", "A", "--seats", "5", "--id", "7", "--grace-days", "3"),
        *("--expires", "2099-12-31", "--not-before", "2026-01-01", "--feature", "x", "--feature", "y"),
        *("--host-id", host, "--host-id", "other"),
    )  # fmt: skip
    (folder / "a.toml").write_text(issued, "utf-8")
    shown = good(folder, "show", "a.toml")
    for row in (
        "id          7",
        "features    x, y",
        "not_before  2026-01-01",
        "expires     2099-12-31",
        "grace_days  3",
    ):
        assert f"{row}\n" in shown
    assert good(folder, "verify", "a.toml", "--public-key", key) == "A, 5 seats, until 2099-12-31\n"


def test_a_private_key_is_the_owners_and_never_overwritten(folder: Path) -> None:
    make_key(folder)
    path = folder / "vendor.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    code, output, errors = run(folder, "keygen", "vendor.pem")
    assert (code, output) == (1, "")
    assert errors == "vendor.pem cannot be written: it is there already\n"
    assert path.read_bytes() == before


def test_verify_says_what_is_wrong_and_fails(folder: Path) -> None:
    (folder / "a.toml").write_bytes(licence_file(seats=10).replace(b"seats = 10", b"seats = 99"))
    code, output, _ = run(folder, "verify", "a.toml", "--public-key", str(VENDOR_KEY))
    assert code == 1
    assert output.startswith(
        "the licence was changed after it was signed, so none of it counts; evaluation, 32 seats\n"
    )
    code, output, _ = run(folder, "verify", "missing.toml", "--public-key", str(VENDOR_KEY), "--lang", "zh")
    assert code == 1
    assert output.startswith("授权文件无法读取：文件不存在；按试用，32 个席位\n")


def test_verify_takes_the_key_of_the_site(folder: Path) -> None:
    (folder / "etc").mkdir()
    (folder / "etc" / "gateway.toml").write_text(
        f'port_cfg = "x"\n[switch]\ninterface = "csta-xml"\nhost = "h"\n[licence]\npublic_key = "{VENDOR_KEY}"\n'
    )
    (folder / "a.toml").write_bytes(licence_file(expires=None))
    assert good(folder, "verify", "a.toml") == "上海某公司, 100 seats\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("verify", "a.toml", "--public-key", "x"), '"x" is no public key\n'),
        (("show", "a.toml"), "a.toml cannot be read: there is no such file\n"),
        (("issue", "--key", "none", "--customer", "A", "--seats", "1"), "none cannot be read: there is no such file\n"),
        (("issue", "--key", "text", "--customer", "A", "--seats", "1"), "text holds no private key\n"),
        (("show", "text"), "the licence cannot be read: it has not exactly the two parts [licence] and [signature]\n"),
        (("keygen", "none/key.pem"), "none/key.pem cannot be written: there is no such file\n"),
    ],
)
def test_what_cannot_be_done_is_told(folder: Path, arguments: tuple[str, ...], told: str) -> None:
    (folder / "text").write_text("# nothing\n")
    assert run(folder, *arguments) == (1, "", told)


def test_what_no_gateway_would_take_is_not_issued(folder: Path) -> None:
    make_key(folder)
    code, output, errors = run(folder, "issue", "--key", "vendor.pem", "--customer", "", "--seats", "1")
    assert (code, output) == (1, "")
    assert errors.startswith("no gateway would take this licence: the value of customer is wrong")
    code, _, errors = run(folder, "issue", "--key", "vendor.pem", "--customer", "A", "--seats", "0")
    assert code == 2
    assert "--seats" in errors


def test_the_clock_is_forgotten(folder: Path) -> None:
    (folder / "etc").mkdir()
    (folder / "etc" / "gateway.toml").write_text(
        'port_cfg = "x"\n[switch]\ninterface = "csta-xml"\nhost = "h"\n[licence]\nclock_file = "../clock"\n'
    )
    assert good(folder, "forget-clock") == "nothing was remembered in clock\n"
    (folder / "clock").write_text("2099-01-01T00:00:00+00:00\n")
    assert good(folder, "forget-clock") == "forgotten: clock\n"
    assert recall_time(folder / "clock").last_seen is None
    code, _, errors = run(folder, "forget-clock", "--config", "nowhere.toml")
    assert code == 1
    assert errors.startswith("nowhere.toml: C001 error: ")
