"""The gateway's settings: what is taken, what is refused and with which words."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from gateway.config import (
    ANSWER_SECONDS_DEFAULT,
    LISTEN_DEFAULT,
    OUTSTANDING_REQUESTS_DEFAULT,
    GatewaySettings,
    Interface,
    SwitchProfile,
)
from gateway.links.csta_xml.profiles import TRAITS, ProfileTraits
from runtime.config import load_settings
from runtime.logs import Format, LevelName
from runtime.problems import render
from tests.licences import OTHER_VENDOR_KEY, VENDOR_KEY
from tests.rules.source_tree import ROOT

LEAST = """\
port_cfg = "../port.cfg"
[switch]
interface = "csta-xml"
host = "pbx"
"""


def read(tmp_path: Path, written: str) -> GatewaySettings | list[str]:
    """The settings, or the first line of each problem without the file's name."""
    path = tmp_path / "gateway.toml"
    path.write_text(written, "utf-8")
    settings = load_settings(path, GatewaySettings)
    if isinstance(settings, GatewaySettings):
        return settings
    return [f"{problem.line}: {problem.message.render()}" for problem in settings]


def test_the_secret_is_shown_by_no_complaint_and_by_no_settings(tmp_path: Path) -> None:
    path = tmp_path / "gateway.toml"
    for written in (31337, '"31337\\u0007"', '""'):
        path.write_text(f'{ASTERISK}user = "cti"\nsecret = {written}\n', "utf-8")
        problems = load_settings(path, GatewaySettings)
        assert isinstance(problems, tuple)
        assert [problem.message.render().partition(" ")[0].rstrip(":") for problem in problems] == ["switch.secret"]
        assert "31337" not in render(problems[0])
    settings = good(tmp_path, f'{ASTERISK}user = "cti"\nsecret = "31337"\n')
    assert settings.switch.secret == SecretStr("31337")
    assert "31337" not in f"{settings!r} {settings} {settings.model_dump()}"


def good(tmp_path: Path, written: str) -> GatewaySettings:
    settings = read(tmp_path, written)
    assert isinstance(settings, GatewaySettings), settings
    return settings


def test_the_least_that_must_stand_there(tmp_path: Path) -> None:
    settings = good(tmp_path, LEAST)
    assert settings.switch.interface is Interface.CSTA_XML
    assert settings.switch.profile is SwitchProfile.STANDARD
    assert settings.switch.port_number == 8800
    assert settings.switch.auto_start
    assert settings.switch.outstanding_requests == OUTSTANDING_REQUESTS_DEFAULT
    assert settings.switch.answer_seconds == ANSWER_SECONDS_DEFAULT
    assert (settings.serve.host, settings.serve.port) == ("127.0.0.1", 7400)
    assert f"{settings.serve.host}:{settings.serve.port}" == LISTEN_DEFAULT
    assert settings.licence.file is None
    assert settings.licence.public_key == []
    assert settings.journal.folder is None
    assert settings.capture.folder is None
    assert settings.metrics.address is None
    assert settings.log.level is LevelName.INFO


def test_everything_that_may_stand_there(tmp_path: Path) -> None:
    settings = good(
        tmp_path,
        f"""\
port_cfg = "/etc/ultra/port.cfg"
[switch]
interface = "asterisk"
profile = "standard"
host = "10.0.0.1"
port = 5039
auto_start = false
user = "cti"
secret_file = "ami-secret"
outstanding_requests = 1
connect_seconds = 2
answer_seconds = 3.5
silence_seconds = 60
[serve]
listen = "[::1]:0"
[licence]
file = "licence.toml"
public_key = ["{VENDOR_KEY}", "{OTHER_VENDOR_KEY}"]
clock_file = "clock"
[journal]
folder = "journal"
[capture]
folder = "captures"
part_mb = 0.5
[metrics]
listen = "[::1]:7401"
[log]
file = "log"
level = "debug"
format = "json"
""",
    )
    assert settings.switch.port_number == 5039
    assert (settings.serve.host, settings.serve.port) == ("::1", 0)
    assert settings.licence.public_key == [str(VENDOR_KEY), str(OTHER_VENDOR_KEY)]
    assert str(settings.metrics.address) == "[::1]:7401"
    assert settings.log.format is Format.JSON
    located = settings.located(Path("/etc/ultra"))
    assert located.port_cfg == Path("/etc/ultra/port.cfg")
    assert located.switch.secret_file == Path("/etc/ultra/ami-secret")
    assert located.licence.file == Path("/etc/ultra/licence.toml")
    assert located.licence.clock_file == Path("/etc/ultra/clock")
    assert located.journal.folder == Path("/etc/ultra/journal")
    assert located.capture.folder == Path("/etc/ultra/captures")
    assert located.log.file == Path("/etc/ultra/log")


def test_paths_that_are_not_given_stay_so(tmp_path: Path) -> None:
    located = good(tmp_path, LEAST).located(Path("/etc/ultra"))
    assert located.licence.file is None
    assert located.log.file is None
    assert located.port_cfg == Path("/etc/ultra/../port.cfg")


def test_one_key_needs_no_brackets(tmp_path: Path) -> None:
    settings = good(tmp_path, f'{LEAST}[licence]\npublic_key = "{VENDOR_KEY}"\n')
    assert settings.licence.public_key == [str(VENDOR_KEY)]


@pytest.mark.parametrize("listen", ["127.0.0.1:7400", "127.1.2.3:1", "localhost:7400", "[::1]:7400"])
def test_loopback_is_listened_on(tmp_path: Path, listen: str) -> None:
    assert good(tmp_path, f'{LEAST}[serve]\nlisten = "{listen}"\n').serve.listen == listen


@pytest.mark.parametrize("listen", ["0.0.0.0:7400", "[::]:7400", "192.168.1.1:7400", "8.8.8.8:7400"])
def test_any_other_address_is_refused_with_the_reason(tmp_path: Path, listen: str) -> None:
    assert read(tmp_path, f'{LEAST}[serve]\nlisten = "{listen}"\n') == [
        "6: serve.listen: an address that others can reach needs TLS and users"
    ]


TLS_LINES = 'tls_certificate = "tls.crt"\ntls_key = "tls.key"\n'
USERS_LINE = 'users = "users.toml"\n'


@pytest.mark.parametrize(
    ("lines", "missing"),
    [
        ("", 'tls_certificate = "tls.crt", tls_key = "tls.key", users = "users.toml"'),
        (TLS_LINES, 'users = "users.toml"'),
        (USERS_LINE, 'tls_certificate = "tls.crt", tls_key = "tls.key"'),
    ],
)
def test_the_lines_to_add_are_named(tmp_path: Path, lines: str, missing: str) -> None:
    path = tmp_path / "gateway.toml"
    path.write_text(f'{LEAST}[serve]\nlisten = "0.0.0.0:7400"\n{lines}', "utf-8")
    problems = load_settings(path, GatewaySettings)
    assert isinstance(problems, tuple)
    assert [one.expected.render() for one in problems if one.expected] == [
        f"beside it {missing}; or 127.0.0.1, or [::1]"
    ]


@pytest.mark.parametrize("listen", ["0.0.0.0:7400", "[::]:7400", "127.0.0.1:7400"])
def test_with_tls_and_users_any_address_is_taken(tmp_path: Path, listen: str) -> None:
    settings = good(tmp_path, f'{LEAST}[serve]\nlisten = "{listen}"\n{TLS_LINES}{USERS_LINE}')
    located = settings.located(tmp_path).serve
    assert (located.tls_certificate, located.users) == (tmp_path / "tls.crt", tmp_path / "users.toml")
    assert (located.tls_key, located.tls_client_ca) == (tmp_path / "tls.key", None)


@pytest.mark.parametrize("line", ['tls_certificate = "tls.crt"', 'tls_key = "tls.key"', 'tls_client_ca = "ca.crt"'])
def test_half_a_tls_is_none(tmp_path: Path, line: str) -> None:
    key = line.partition(" ")[0]
    assert read(tmp_path, f"{LEAST}[serve]\n{line}\n") == [f"6: serve.{key}: it needs another line beside it"]


@pytest.mark.parametrize("listen", ["", "7400", "127.0.0.1", "127.0.0.1:", ":7400", "127.0.0.1:65536", "pbx:1", "a:b"])
def test_what_is_no_address(tmp_path: Path, listen: str) -> None:
    assert read(tmp_path, f'{LEAST}[serve]\nlisten = "{listen}"\n') == [
        f'6: serve.listen: "{listen}" is no address and port'
    ]


ASTERISK = LEAST.replace("csta-xml", "asterisk")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (ASTERISK, ["2: switch.user: Asterisk needs a user", "2: switch.secret_file: Asterisk needs a secret"]),
        (f'{ASTERISK}user = "cti"\n', ["2: switch.secret_file: Asterisk needs a secret"]),
        (
            f'{ASTERISK}user = "cti"\nsecret = "a"\nsecret_file = "b"\n',
            ["7: switch.secret_file: there is a secret beside it"],
        ),
        (
            f'{ASTERISK}user = "cti"\nsecret = "a"\nprofile = "openscape"\n',
            ['7: switch.profile: the interface "asterisk" has no profile "openscape"'],
        ),
        (
            f'{LEAST}user = "a\\r\\nAction: Logoff"\n',
            ["5: switch.user: a control character would reach the other side"],
        ),
        (f"{LEAST}port = 0\n", ["5: switch.port cannot be 0"]),
        (f"{LEAST}answer_seconds = -1\n", ["5: switch.answer_seconds cannot be -1"]),
        (f'{LEAST}[licence]\npublic_key = "x"\n', ["6: licence.public_key: this is no public key"]),
        (f'{LEAST}[licence]\nseats = "x"\n', ["6: there is no key licence.seats"]),
        ("", ["None: port_cfg is missing", "None: switch is missing"]),
    ],
)
def test_refusals(tmp_path: Path, written: str, told: list[str]) -> None:
    assert read(tmp_path, written) == told


def test_a_secret_in_either_place_will_do(tmp_path: Path) -> None:
    assert good(tmp_path, f'{ASTERISK}user = "cti"\nsecret = "a"\n').switch.port_number == 5038
    assert good(tmp_path, f'{ASTERISK}user = "cti"\nsecret_file = "a"\n').switch.secret is None


@pytest.mark.parametrize("traits", TRAITS.values(), ids=lambda traits: traits.profile.value)
def test_the_usual_ports_are_those_of_the_link(tmp_path: Path, traits: ProfileTraits) -> None:
    settings = good(tmp_path, f'{LEAST}profile = "{traits.profile.value}"\n')
    assert settings.switch.port_number == traits.port


def test_the_shipped_file_is_taken_and_shows_every_key() -> None:
    path = ROOT / "etc" / "gateway.toml"
    assert isinstance(load_settings(path, GatewaySettings), GatewaySettings)
    shown = path.read_text("utf-8")
    for table, field in GatewaySettings.model_fields.items():
        keys = getattr(field.annotation, "model_fields", None)
        assert (f"\n[{table}]\n" in shown) if keys else (f"\n{table} = " in shown)
        for key in keys or ():
            assert f"\n{key} = " in shown or f"\n# {key} = " in shown, f"{table}.{key}"
