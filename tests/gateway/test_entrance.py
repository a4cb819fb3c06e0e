"""Who may come in, from files: what is made of them, and every mistake in them with its place."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.config import GatewaySettings
from gateway.entrance import ROLES, EntranceFiles, accounts_of, read_entrance, still_open, users_alone
from protocol.channel_binding import end_point_binding
from protocol.kinds import Role
from runtime.config import settings_of
from runtime.expected import public_names
from runtime.toml_file import TomlFile, read_toml
from runtime.users_file import new_users_file, user_of, write_users
from tests.certificates import Authority

NOW = datetime.now(UTC)
TOML = """\
port_cfg = "port.cfg"
[switch]
interface = "csta-xml"
host = "pbx"
[serve]
tls_certificate = "server.crt"
tls_key = "server.key"
tls_client_ca = "ca.crt"
users = "users.toml"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good entrance."""
    Authority(tmp_path).signed()
    users = (user_of("ada", "admin", "correct horse"), user_of("amy", "agent", "correct horse", "8001"))
    held = new_users_file()
    write_users(tmp_path / "users.toml", type(held)(held.salt_secret, users))
    (tmp_path / "gateway.toml").write_text(TOML)
    return tmp_path


def read(folder: Path, now: datetime = NOW) -> EntranceFiles:
    file = read_toml(folder / "gateway.toml", public_names(GatewaySettings))
    assert isinstance(file, TomlFile)
    settings = settings_of(file, GatewaySettings)
    assert isinstance(settings, GatewaySettings), settings
    return read_entrance(file, settings.located(folder).serve, now)


def told(files: EntranceFiles) -> list[str]:
    return [f"{one.line}: {one.code} {one.message.render()}" for one in files.problems + files.users_problems]


def test_a_good_entrance(folder: Path) -> None:
    files = read(folder)
    assert told(files) == []
    assert files.entrance is not None
    assert files.entrance.accounts is not None
    assert len(files.entrance.accounts) == 2
    tls = files.entrance.tls
    assert tls is not None
    assert tls.context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert tls.context.verify_mode is ssl.CERT_REQUIRED
    certificate = x509.load_pem_x509_certificate((folder / "server.crt").read_bytes())
    assert tls.binding == end_point_binding(certificate)


def test_nothing_named_is_nothing_demanded(folder: Path) -> None:
    (folder / "gateway.toml").write_text(TOML.partition("[serve]")[0])
    files = read(folder)
    assert files.entrance is not None
    assert (files.entrance.accounts, files.entrance.tls, files.users_file) == (None, None, None)


def test_without_a_client_ca_no_certificate_is_demanded(folder: Path) -> None:
    (folder / "gateway.toml").write_text(TOML.replace('tls_client_ca = "ca.crt"\n', ""))
    files = read(folder)
    assert files.entrance is not None
    assert files.entrance.tls is not None
    assert files.entrance.tls.context.verify_mode is ssl.CERT_NONE


@pytest.mark.parametrize(
    ("name", "content", "line", "words"),
    [
        ("server.crt", None, 6, "there is no such file"),
        ("server.crt", b"no PEM", 6, "it holds no certificate in PEM form"),
        ("server.key", None, 7, "there is no such file"),
        ("server.key", b"no PEM", 7, "it holds no key in PEM form without a pass phrase"),
        ("ca.crt", None, 8, "there is no such file"),
        ("ca.crt", b"no PEM", 8, "it holds no certificate in PEM form"),
    ],
)
def test_a_tls_file_that_cannot_be_used(folder: Path, name: str, content: bytes | None, line: int, words: str) -> None:
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    files = read(folder)
    assert files.entrance is None
    assert told(files) == [f"{line}: G004 {folder / name} cannot be used: {words}"]


def test_a_key_of_another_certificate_and_one_under_a_pass_phrase(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "server.key").write_bytes(key.private_bytes(pem, pkcs8, serialization.NoEncryption()))
    assert told(read(folder)) == [
        f"7: G004 {folder / 'server.key'} cannot be used: it is not the key of the certificate"
    ]
    (folder / "server.key").write_bytes(key.private_bytes(pem, pkcs8, serialization.BestAvailableEncryption(b"x")))
    assert "without a pass phrase" in told(read(folder))[0]


def test_what_is_warned_about_is_no_obstacle(folder: Path) -> None:
    (folder / "server.key").chmod(0o644)
    (folder / "users.toml").chmod(0o644)
    files = read(folder, NOW + timedelta(days=2))
    assert [one.partition(" ")[2][:4] for one in told(files)] == ["G006", "G005", "A005"]
    assert files.entrance is not None


def test_a_broken_users_file_is_told_beside_a_broken_certificate(folder: Path) -> None:
    (folder / "users.toml").write_text("salt_secret = 7\n")
    (folder / "server.crt").write_bytes(b"no PEM")
    files = read(folder)
    assert files.entrance is None
    assert [one.partition(" ")[2][:4] for one in told(files)] == ["G004", "C006"]
    assert [one.code for one in users_alone(folder / "users.toml").users_problems] == ["C006"]


def test_roles_are_the_protocol_s(folder: Path) -> None:
    assert ROLES == ("consumer", "agent", "supervisor", "admin")
    files = read(folder)
    assert files.users is not None
    amy = accounts_of(files.users).find("amy")
    assert amy is not None
    assert (amy.role, amy.device) == (Role.AGENT, "8001")


def test_taking_protection_away_from_a_gateway_that_is_open_is_told() -> None:
    assert still_open("etc/gateway.toml").is_error
