"""cdr.toml: what may stand there, and what is said of what may not."""

from pathlib import Path

import pytest

from cdr.config import CdrSettings, located_url
from protocol.client import Address
from runtime.config import load_settings
from tests.rules.source_tree import ROOT

LEAST = '[gateway]\nserver = "127.0.0.1:7400"\n[database]\nurl = "sqlite:///cdr.db"\n'


def load(folder: Path, text: str) -> CdrSettings | list[str]:
    config = folder / "cdr.toml"
    config.write_text(text, "utf-8")
    read = load_settings(config, CdrSettings)
    if isinstance(read, CdrSettings):
        return read
    return [f"{one.line}: {one.message.render()}; {one.expected.render() if one.expected else ''}" for one in read]


def test_the_shipped_file_is_good() -> None:
    assert isinstance(load_settings(ROOT / "etc" / "cdr.toml", CdrSettings), CdrSettings)


def test_the_least_that_must_stand_there(tmp_path: Path) -> None:
    settings = load(tmp_path, LEAST)
    assert isinstance(settings, CdrSettings)
    assert settings.gateway.addresses == [Address("127.0.0.1", 7400)]
    assert list(settings.streams) == ["gateway"]
    assert settings.records.zone == "UTC"


def test_a_list_of_servers_and_other_streams(tmp_path: Path) -> None:
    text = LEAST.replace('"127.0.0.1:7400"', '["a:7400", "b"]') + '[cti]\nserver = "c:7410"\n[ivr]\nserver = "d:7420"\n'
    settings = load(tmp_path, text)
    assert isinstance(settings, CdrSettings)
    assert settings.gateway.addresses == [Address("a", 7400), Address("b", 7400)]
    assert list(settings.streams) == ["gateway", "cti", "ivr"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[database]\nurl = "sqlite:///x"\n', "None: gateway is missing; a table"),
        (LEAST.replace("7400", "74000"), '2: gateway.server: "127.0.0.1:74000" is no address and port; "HOST:PORT"'),
        (LEAST.replace('"127.0.0.1:7400"', "[]"), "2: gateway.server cannot be a list"),
        (LEAST.replace('url = "sqlite:///cdr.db"\n', ""), "3: database.url: url is missing; url = "),
        (LEAST + 'url_file = "u"\n', "5: database.url_file: there is a url beside it; one of url and url_file"),
        (LEAST + '[records]\nzone = "Mars/Base"\n', '6: records.zone: "Mars/Base" is no time zone; a name like'),
        (LEAST + '[records]\nzone = "../etc/passwd"\n', '6: records.zone: "../etc/passwd" is no time zone'),
        (
            LEAST.replace("[database]", 'user = "cdr"\n[database]'),
            "3: gateway.user: it needs another line beside it",
        ),
        (LEAST.replace("[database]", 'password_file = "p"\n[database]'), "3: gateway.password_file: it needs another"),
        (LEAST.replace("[database]", 'tls_certificate = "c"\n[database]'), "3: gateway.tls_certificate: it needs anot"),
        (LEAST + '[webhook]\nurl = "ftp://h/x"\n', '6: webhook.url: "ftp://h/x" is no address of the web; "https://'),
        (LEAST + '[webhook]\nurl = "https://h:x/"\n', '6: webhook.url: "https://h:x/" is no address of the web'),
        (LEAST + '[webhook]\nurl = "https:///x"\n', '6: webhook.url: "https:///x" is no address of the web'),
        (LEAST + '[webhook]\nurl = "https://h/a b"\n', "6: webhook.url: "),
        (LEAST + '[webhook]\nurl = "https://u:p@h/"\n', "6: webhook.url: a password in the address would be shown"),
        (LEAST + '[privacy]\nhow = "burn"\n', "6: privacy.how"),
        (LEAST + "[privacy]\nafter_days = -1\n", "6: privacy.after_days"),
        (
            LEAST + '[recrods]\nzone = "UTC"\n',
            "5: there is no key recrods; one of gateway, cti, ivr, data",
        ),
    ],
)
def test_what_is_wrong_is_told_by_line_and_key(tmp_path: Path, text: str, said: str) -> None:
    found = load(tmp_path, text)
    assert isinstance(found, list)
    assert any(one.startswith(said) for one in found), found


def test_a_password_in_the_url_is_not_shown(tmp_path: Path) -> None:
    settings = load(tmp_path, LEAST.replace("sqlite:///cdr.db", "postgresql://cdr:topsecret@h/d"))
    assert isinstance(settings, CdrSettings)
    assert "topsecret" not in repr(settings)
    found = load(tmp_path, LEAST.replace('"sqlite:///cdr.db"', '["postgresql://cdr:topsecret@h/d"]'))
    assert isinstance(found, list)
    assert "topsecret" not in str(found)


@pytest.mark.parametrize(
    ("url", "located"),
    [
        ("sqlite:///../var/cdr.db", "sqlite:////site/var/cdr.db"),
        ("sqlite:////var/cdr.db", "sqlite:////var/cdr.db"),
        ("postgresql://cdr@h/d", "postgresql://cdr@h/d"),
    ],
)
def test_a_sqlite_file_is_found_from_the_settings(url: str, located: str) -> None:
    assert located_url(url, Path("/site/etc")) == located


@pytest.mark.parametrize(
    ("url", "in_the_clear"),
    [
        ("http://crm.example/x", True),
        ("http://127.0.0.1:80/x", False),
        ("http://[::1]/x", False),
        ("https://crm.example/x", False),
    ],
)
def test_who_can_read_what_the_webhook_is_told(tmp_path: Path, url: str, in_the_clear: bool) -> None:
    settings = load(tmp_path, LEAST + f'[webhook]\nurl = "{url}"\nsecret_file = "s"\n')
    assert isinstance(settings, CdrSettings)
    assert settings.webhook is not None
    assert settings.webhook.is_in_the_clear is in_the_clear
    located = settings.located(Path("/site/etc")).webhook
    assert located is not None
    assert located.secret_file == Path("/site/etc/s")
