"""cdr.toml and what it names: everything wrong is told at once, and no secret with it."""

from pathlib import Path

from cdr.site_files import CdrSite, read_cdr_site
from cdr.webhook.request import Target
from protocol.client import Credentials, Tls
from runtime.users_file import UsersFile, user_of, write_users
from tests.cdr.test_config import LEAST


def read(folder: Path, text: str, mode: int = 0o600) -> CdrSite:
    config = folder / "cdr.toml"
    config.write_text(text, "utf-8")
    config.chmod(mode)
    return read_cdr_site(config)


def codes(site: CdrSite) -> list[tuple[str, int | None]]:
    return [(one.code, one.line) for one in site.problems]


def test_what_a_daemon_needs_stands_in_it(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("sesame\n", "utf-8")
    (tmp_path / "pw").chmod(0o600)
    site = read(tmp_path, LEAST.replace("[database]", 'user = "cdr"\npassword_file = "pw"\n[database]'))
    assert site.can_start
    assert site.url == f"sqlite:///{tmp_path / 'cdr.db'}"
    gateway = site.streams["gateway"]
    assert (gateway.consumer, gateway.credentials, gateway.tls) == ("cdr", Credentials("cdr", "sesame"), None)
    assert "sesame" not in repr(site)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    site = read_cdr_site(tmp_path / "cdr.toml")
    assert not site.can_start
    assert codes(site) == [("C001", None)]


def test_an_address_that_never_can_work_is_told_at_its_line(tmp_path: Path) -> None:
    assert codes(read(tmp_path, LEAST.replace("sqlite:///cdr.db", "nonsense"))) == [("D001", 4)]
    assert codes(read(tmp_path, LEAST.replace("sqlite:///cdr.db", "dbase://h/d"))) == [("D002", 4)]


def test_the_url_in_a_file_of_its_own(tmp_path: Path) -> None:
    text = LEAST.replace('url = "sqlite:///cdr.db"', 'url_file = "url"')
    assert codes(read(tmp_path, text)) == [("R001", 4)]
    (tmp_path / "url").write_text("sqlite:///var/cdr.db\n", "utf-8")
    (tmp_path / "url").chmod(0o644)
    site = read(tmp_path, text)
    assert codes(site) == [("R002", 4)]
    assert site.can_start
    assert site.url == f"sqlite:///{tmp_path / 'var' / 'cdr.db'}"


def test_a_password_that_everybody_can_read_is_a_warning(tmp_path: Path) -> None:
    text = LEAST.replace("sqlite:///cdr.db", "postgresql://cdr:topsecret@h/d")
    assert codes(read(tmp_path, text, 0o640)) == []
    site = read(tmp_path, text, 0o644)
    assert codes(site) == [("R002", 4)]
    assert site.can_start
    assert "topsecret" not in repr(site)


def test_a_stream_s_password_and_tls_files(tmp_path: Path) -> None:
    text = LEAST.replace("[database]", 'user = "cdr"\npassword_file = "pw"\ntls_ca = "ca.crt"\n[database]')
    assert codes(read(tmp_path, text)) == [("R001", 4), ("R004", 5)]
    (tmp_path / "pw").write_text("x\n", "utf-8")
    (tmp_path / "pw").chmod(0o600)
    (tmp_path / "ca.crt").write_text("no certificate", "utf-8")
    site = read(tmp_path, text)
    assert codes(site) == [("R004", 5)]
    assert site.streams["gateway"].tls == Tls(tmp_path / "ca.crt")


def test_the_users_of_the_interface(tmp_path: Path) -> None:
    text = LEAST + '[api]\nlisten = "127.0.0.1:0"\nusers = "users.toml"\n'
    assert codes(read(tmp_path, text)) == [("C001", None)]
    write_users(tmp_path / "users.toml", UsersFile(b"0" * 32, (user_of("ann", "agent", "long enough", "8001"),)))
    site = read(tmp_path, text)
    assert codes(site) == []
    assert [(name, user.device) for name, user in site.users.items()] == [("ann", "8001")]
    write_users(tmp_path / "users.toml", UsersFile(b"0" * 32, (user_of("ann", "guest", "long enough"),)))
    assert not read(tmp_path, text).can_start


def test_the_webhook_s_secret_and_authority(tmp_path: Path) -> None:
    text = LEAST + '[webhook]\nurl = "https://h/x"\nsecret_file = "secret"\ntls_ca = "ca.crt"\n'
    assert codes(read(tmp_path, text)) == [("R001", 7), ("R004", 8)]
    text = text.replace('tls_ca = "ca.crt"\n', "")
    secret = tmp_path / "secret"
    secret.touch(0o600)
    secret.write_text("whsec_not base64\n", "utf-8")
    assert codes(read(tmp_path, text)) == [("R003", 7)]
    secret.write_text("whsec_b25seQ==\n", "utf-8")
    site = read(tmp_path, text)
    assert site.webhook == Target("https://h/x", b"only", 72 * 3600)
    assert "only" not in repr(site)


def test_numbers_in_the_clear_are_a_warning(tmp_path: Path) -> None:
    site = read(tmp_path, LEAST + '[webhook]\nurl = "http://h/x"\n')
    assert codes(site) == [("R006", 6)]
    assert site.can_start
