"""The files of a site read together: what one says of the other, and that a broken one hides nothing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from gateway.config import Interface
from gateway.licence import LicenceKind
from gateway.portcfg import parse
from gateway.site_files import Site, port_problems, read_site, switch_secret
from runtime.secret_file import SECRET_BYTES_MAX
from runtime.texts import Text
from tests.licences import VENDOR_KEY, licence_file

JUNE = datetime(2026, 6, 1, tzinfo=UTC)

TOML = f"""\
port_cfg = "../port.cfg"
[switch]
interface = "csta-xml"
host = "pbx"
[licence]
file = "licence.toml"
public_key = "{VENDOR_KEY}"
"""


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    """A good site: 40 extensions, a licence for 100."""
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "gateway.toml").write_text(TOML)
    (folder / "licence.toml").write_bytes(licence_file())
    (tmp_path / "port.cfg").write_text("EXT 8001-8040\n")
    return folder


def site_of(etc: Path, **others: Path) -> Site:
    return read_site(etc / "gateway.toml", now=JUNE, host_ids=["host"], **others)


def codes(site: Site) -> list[str]:
    return [problem.code for problem in site.problems]


def test_a_good_site(etc: Path) -> None:
    site = site_of(etc)
    assert site.problems == ()
    assert site.can_start
    assert site.settings is not None
    assert site.settings.port_cfg == etc / "../port.cfg"
    assert site.port_file is not None
    assert len(site.port_file.ports) == 40
    assert site.licence.seats == 100


def test_too_few_seats_are_a_warning_and_no_obstacle(etc: Path) -> None:
    (etc / "licence.toml").write_bytes(licence_file(seats=10))
    site = site_of(etc)
    assert codes(site) == ["P031"]
    assert site.can_start


def test_a_licence_that_grants_nothing_is_no_obstacle_either(etc: Path) -> None:
    (etc / "licence.toml").write_bytes(b"?")
    site = site_of(etc)
    assert codes(site) == ["P031", "L009"]
    assert site.licence.seats == 32
    assert site.can_start


def test_an_error_in_port_cfg_is_one(etc: Path) -> None:
    (etc.parent / "port.cfg").write_text("EXTT 8001\n")
    assert not site_of(etc).can_start


def test_a_broken_setting_hides_nothing(etc: Path) -> None:
    (etc / "gateway.toml").write_text(TOML.replace('host = "pbx"', "host = 5"))
    (etc.parent / "port.cfg").write_text("EXTT 8001\n")
    site = site_of(etc)
    assert codes(site) == ["C006", "P003"]
    assert site.settings is None
    assert not site.can_start
    assert site.licence.kind is LicenceKind.VALID


def test_broken_toml_hides_no_port_cfg(etc: Path) -> None:
    (etc / "gateway.toml").write_text("[switch\n")
    (etc.parent / "port.cfg").write_text("EXTT 8001\n")
    assert codes(site_of(etc)) == ["C003", "P003"]
    (etc / "port.cfg").write_text("EXT\n")
    assert codes(site_of(etc)) == ["C003", "P004"]


def test_a_port_cfg_that_is_not_there(etc: Path) -> None:
    (etc.parent / "port.cfg").unlink()
    site = site_of(etc)
    assert codes(site) == ["P001"]
    assert not site.can_start


def test_other_files_than_the_configured_ones(etc: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.cfg"
    other.write_text("EXT 1\n")
    missing = tmp_path / "missing.toml"
    site = site_of(etc, port_cfg=other, licence=missing)
    assert codes(site) == ["L009"]
    assert site.port_file is not None
    assert [port.number for port in site.port_file.ports] == ["1"]
    assert site.licence_file == str(missing)


def test_files_without_a_configuration(tmp_path: Path) -> None:
    port_cfg = tmp_path / "port.cfg"
    port_cfg.write_text("EXT 8001\n")
    site = read_site(None, now=JUNE, host_ids=[], port_cfg=port_cfg)
    assert site.problems == ()
    assert not site.can_start
    assert site.licence.kind is LicenceKind.EVALUATION


def test_the_latest_time_seen_counts(etc: Path) -> None:
    (etc / "gateway.toml").write_text(TOML + 'clock_file = "clock"\n')
    (etc / "clock").write_text("2027-06-01T00:00:00+00:00\n")
    site = site_of(etc)
    assert codes(site) == ["P031", "L005"]
    assert site.licence.seats == 32


def test_asterisk_needs_endpoints_on_trunks() -> None:
    read = parse(b"TRUNK T001-T030\nTRUNK T031 endpoint=PJSIP/trunk\nEXT 8001\n")
    assert port_problems(read, 32, Interface.CSTA_XML) == ()
    (problem,) = port_problems(read, 32, Interface.ASTERISK)
    assert (problem.code, problem.line, problem.is_error) == ("P032", 1, False)
    assert problem.message.render() == "T001-T030 has no endpoint, so Asterisk's calls are not found on it"


def asterisk_site(etc: Path, secret: bytes | None, mode: int = 0o600) -> Site:
    (etc / "gateway.toml").write_text(
        TOML.replace('"csta-xml"', '"asterisk"\nuser = "cti"\nsecret_file = "ami-secret"')
    )
    if secret is not None:
        (etc / "ami-secret").write_bytes(secret)
        (etc / "ami-secret").chmod(mode)
    return site_of(etc)


@pytest.mark.parametrize("written", [b"s3cret", b"s3cret\n", b"s3cret\r\nmore\n"])
def test_the_secret_is_the_first_line(etc: Path, written: bytes) -> None:
    site = asterisk_site(etc, written)
    assert site.problems == ()
    assert site.settings is not None
    assert switch_secret(site.settings.switch) == "s3cret"


def test_a_secret_in_the_settings_or_none(etc: Path) -> None:
    site = site_of(etc)
    assert site.settings is not None
    assert switch_secret(site.settings.switch) is None
    site = asterisk_site(etc, None)
    assert site.settings is not None
    within = site.settings.switch.model_copy(update={"secret_file": None, "secret": SecretStr("s3cret")})
    assert switch_secret(within) == "s3cret"


@pytest.mark.parametrize("written", [None, b"", b"\nsecret", b"a\x00b", b"\xff\xfe"])
def test_a_secret_that_cannot_be_had_is_an_error(etc: Path, written: bytes | None) -> None:
    site = asterisk_site(etc, written)
    assert codes(site) == ["G002"]
    assert not site.can_start
    assert site.settings is not None
    assert isinstance(switch_secret(site.settings.switch), Text)


def test_a_huge_secret_file_is_not_read_whole(etc: Path) -> None:
    site = asterisk_site(etc, b"x" * (SECRET_BYTES_MAX + 1))
    assert site.settings is not None
    secret = switch_secret(site.settings.switch)
    assert isinstance(secret, str)
    assert len(secret) == SECRET_BYTES_MAX


def test_a_secret_that_everybody_can_read_is_warned_about(etc: Path) -> None:
    site = asterisk_site(etc, b"s3cret\n", 0o644)
    assert codes(site) == ["G003"]
    assert site.can_start


def test_a_journal_is_beside_the_file_that_names_it(etc: Path) -> None:
    (etc / "gateway.toml").write_text(TOML + '[journal]\nfolder = "journal"\n')
    site = site_of(etc)
    assert codes(site) == []
    assert site.settings is not None
    assert site.settings.journal.folder == etc / "journal"
