"""The files that people write: port.cfg, gateway.toml, users.toml, a licence. Whatever stands in them, every mistake is
told with its place, in both languages, and no secret is shown."""

import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.config import GatewaySettings
from gateway.licence_file import Licence, NoLicence, licence_of, read_signed, sign, signed_bytes
from gateway.licence_keys import PublicKey
from gateway.portcfg import LINE_BYTES_MAX, Port, parse, write
from runtime.config import settings_of
from runtime.expected import public_names
from runtime.problems import Problem, as_json, render
from runtime.texts import Language
from runtime.toml_file import TomlFile, read_toml
from runtime.users_file import User, UsersFile, read_users, write_users
from tests.fuzz.target import Target
from tests.gateway.journal.stage import MEMORY
from tests.licences import VENDOR, VENDOR_KEY, licence_file
from tests.protocol.log_ins import ACCOUNTS
from tests.rules.source_tree import ROOT

ROLES, ROLES_WITH_DEVICE = ("admin", "agent", "consumer", "supervisor"), ("agent",)
SECRET_CHARACTERS_MIN = 8
"""A shorter value may stand in a complaint by chance."""
NOBODYS_KEY = PublicKey(Ed25519PrivateKey.from_private_bytes(bytes([7]) * 32).public_key().public_bytes_raw())
"""Nothing was ever signed with it."""
PROBLEMS_SHOWN_MAX = 40
"""A thousand alike are laid out no otherwise."""
PORTS_WRITTEN_MAX = 50
"""A range of thousands is written in as many lines, and says no more than a short one."""
CHECKS = ROOT / "tests" / "golden" / "check"


@cache
def folder() -> tempfile.TemporaryDirectory[str]:
    """Where a file stands while it is read; in memory, and removed at the end of the process."""
    return tempfile.TemporaryDirectory(dir=MEMORY)


def _file(name: str, content: bytes) -> Path:
    path = Path(folder().name) / name
    path.write_bytes(content)
    path.chmod(0o600)
    return path


def check_problems(problems: Sequence[Problem], lines: int) -> str:
    """Each has a code, words, and a place within the file, or none; the first of them as people read them."""
    shown = []
    for number, problem in enumerate(problems):
        assert problem.code
        assert problem.message.render()
        assert problem.line is None or 1 <= problem.line <= lines, problem
        if problem.column is not None:
            assert problem.line is not None
            assert problem.column >= 1
            if problem.source_line is not None:
                assert problem.column <= len(problem.source_line) + 1, problem
        assert problem.width >= 1
        if number >= PROBLEMS_SHOWN_MAX:
            continue
        assert as_json(problem)["file"] == problem.file
        for language in Language:
            words = render(problem, language)
            assert "\x1b" not in words
            assert words.startswith(problem.file)
            shown.append(words)
    return "\n".join(shown)


# -- port.cfg --------------------------------------------------------------------------------------------------------


def check_port_cfg(data: bytes) -> None:
    """Every port that is read is written and read again as itself."""
    read = parse(data)
    line_count = max(1, data.count(b"\n") + data.count(b"\r") + 1)
    check_problems(read.problems, line_count)
    numbers = [port.number for port in read.ports]
    assert len(set(numbers)) == len(numbers), "no number twice"
    assert read.ports or read.problems, "a file without a port says so"
    if read.ok and len(read.ports) <= PORTS_WRITTEN_MAX and all(map(_fits_a_line, read.ports)):
        again = parse(write(read.ports))
        assert [_without_line(port) for port in again.ports] == [_without_line(port) for port in read.ports]
        assert again.ok or not read.ports


def _fits_a_line(port: Port) -> bool:
    """Whether it does, whatever must be doubled in it."""
    return 2 * sum(len(str(value).encode()) for value in _without_line(port)) < LINE_BYTES_MAX - 100


def _without_line(port: Port) -> tuple[object, ...]:
    return tuple(getattr(port, name) for name in ("number", "kind", "name", "group", "device", "endpoint"))


def port_cfg_seeds() -> Iterator[bytes]:
    yield (ROOT / "port.cfg").read_bytes()
    for path in sorted(CHECKS.glob("*/port.cfg")):
        yield path.read_bytes()[:4096]


# -- gateway.toml ----------------------------------------------------------------------------------------------------


def check_gateway_toml(data: bytes) -> None:
    """Settings, or every problem; the value of a secret is in no words."""
    public = public_names(GatewaySettings)
    file = read_toml(_file("gateway.toml", data), public)
    settings = settings_of(file, GatewaySettings) if isinstance(file, TomlFile) else file
    if isinstance(settings, GatewaySettings):
        assert settings.located(Path("/etc/ultra")).serve.port <= 65_535
        return
    assert settings
    shown = check_problems(settings, data.count(b"\n") + 1)
    if isinstance(file, TomlFile):
        _keeps(shown, data, [file.document.get("switch")], ("secret",))


def _keeps(shown: str, data: bytes, tables: Sequence[object], names: Sequence[str]) -> None:
    """None of these values stands in the words, if it is long and stands in the file but once: no part of a name, and
    not said in a place that is public."""
    for table in tables:
        if isinstance(table, dict):
            for name in names:
                value = table.get(name)
                if isinstance(value, str) and len(value) >= SECRET_CHARACTERS_MIN and data.count(value.encode()) == 1:
                    assert value not in shown or value in _WORDS_OF_OURS, f"{name} is shown"


_WORDS_OF_OURS = "letters, digits, marks; did you mean secret_file = a file that holds it, or secret = itself"
"""A secret that says what we say anyway is no secret."""


def gateway_toml_seeds() -> Iterator[bytes]:
    yield (ROOT / "etc" / "gateway.toml").read_bytes()
    for path in sorted(CHECKS.glob("*/etc/gateway.toml")):
        yield path.read_bytes()
    yield b'a = [[[["x"]]]]\nb = 1_000\nc = 1979-05-27T07:32:00Z\nd = {e.f = 1, g = [1.5, nan]}\n'
    yield b'[[h.i]]\n"j\\n" = 0x1F\n[switch]\nsecret = "not to be shown"\nsecrte = "nor this one"\n'


# -- users.toml ------------------------------------------------------------------------------------------------------


def check_users_toml(data: bytes) -> None:
    """Users, which are written and read again as themselves, or every problem; no salt and no key is in any words."""
    path = _file("users.toml", data)
    users = read_users(path, ROLES, ROLES_WITH_DEVICE, "users.toml")
    problems = users.warnings if isinstance(users, UsersFile) else users
    shown = check_problems(problems, data.count(b"\n") + 1)
    file = read_toml(path)
    if isinstance(file, TomlFile):
        tables = file.document.get("user")
        rows = tables if isinstance(tables, list) else []
        _keeps(shown, data, [file.document, *rows], ("salt_secret", "salt", "stored_key", "server_key"))
    if isinstance(users, UsersFile):
        written = Path(folder().name) / "written.toml"
        write_users(written, users)
        again = read_users(written, ROLES, ROLES_WITH_DEVICE)
        assert isinstance(again, UsersFile)
        assert (again.users, again.salt_secret) == (users.users, users.salt_secret)
    else:
        assert any(problem.is_error for problem in users)


def users_toml_seeds() -> Iterator[bytes]:
    held = tuple(
        User(
            one.user, one.role.name.lower(), one.verifier.salt, one.verifier.iterations, one.verifier.stored_key,
            one.verifier.server_key, str(one.device), one.is_disabled,
        )
        for one in ACCOUNTS
    )  # fmt: skip
    path = Path(folder().name) / "seed.toml"
    write_users(path, UsersFile(bytes(range(32)), held[:2]))
    yield path.read_bytes()
    write_users(path, UsersFile(bytes(range(32)), held[2:]))
    yield path.read_bytes()
    yield (CHECKS / "users-mistakes" / "etc" / "users.toml").read_bytes()


# -- a licence -------------------------------------------------------------------------------------------------------


def check_licence(data: bytes) -> None:
    """A licence, or why it is none with its place; what the vendor signs reads again as itself; nobody else signed
    it."""
    signed = read_signed(data)
    if isinstance(signed, NoLicence):
        assert signed.reason.render()
        if signed.line is not None:
            assert 1 <= signed.line <= data.count(b"\n") + data.count(b"\r") + 1
            assert signed.column is not None
            assert signed.source_line is not None
        return
    assert signed_bytes(signed.values) == signed_bytes(dict(reversed(list(signed.values.items()))))
    assert not signed.is_signed_by(NOBODYS_KEY)
    licence = licence_of(signed)
    if isinstance(licence, NoLicence):
        assert all(licence.reason.render(language) for language in Language)
        return
    assert isinstance(licence.issued, datetime)
    again = read_signed(sign(licence, VENDOR).encode())
    assert not isinstance(again, NoLicence)
    assert again.is_signed_by(VENDOR_KEY)
    assert licence_of(again) == licence
    assert isinstance(licence, Licence)


def licence_seeds() -> Iterator[bytes]:
    yield licence_file()
    yield licence_file(seats=1, features=[], expires=None, grace_days=0, host_ids=["a" * 32, "b"]).replace(
        b"\n", b"\r\n"
    )
    for path in sorted(CHECKS.glob("*/licence.toml")):
        yield path.read_bytes()


# -- whatever is long ------------------------------------------------------------------------------------------------


def long_port_cfgs(length: int) -> Iterator[bytes]:
    yield b"EXT 8001\n" * (length // 9)
    yield b"".join(b"EXT %d\n" % number for number in range(10_000, 10_000 + length // 10))
    yield b"x\n" * (length // 2)
    yield b"EXT 8001 " + b"name=a " * (length // 7) + b"\n"
    yield b'EXT 8001 name="' + b'""' * (length // 2) + b'"\n'
    yield b"\xff" * length
    yield b"\n" * length


def long_tomls(length: int) -> Iterator[bytes]:
    yield b"".join(b"k%d = 1\n" % number for number in range(length // 10))
    yield b"".join(b"[t%d]\n" % number for number in range(length // 8))
    yield b"[[user]]\n" * (length // 9)
    yield b"a = [" + b"1," * (length // 2) + b"]\n"
    yield b'a = """' + b"x\n" * (length // 2) + b'"""\n'
    yield b'a = "' + b"x" * length + b'"\n'
    yield b"a." * (length // 2) + b"b = 1\n"
    yield b"# x\n" * (length // 4)
    yield b"a = " + b"[" * length


def long_users(length: int) -> Iterator[bytes]:
    yield from long_tomls(length)
    path = Path(folder().name) / "long.toml"
    first = ACCOUNTS[0].verifier
    verifier = (first.salt, first.iterations, first.stored_key, first.server_key)
    users = tuple(User(f"user-{number:05}", "admin", *verifier) for number in range(length // 200))
    write_users(path, UsersFile(bytes(32), users))
    yield path.read_bytes()


def long_licences(length: int) -> Iterator[bytes]:
    yield from long_tomls(length)
    yield licence_file(host_ids=[f"{number:05}" for number in range(length // 10)])


TOML_WORDS = tuple(
    word.encode()
    for word in (
        "\n[switch]\n", "\n[[user]]\n", '"""', "'''", "\\u00e9", " = ", "[serve]", "[journal]", "[licence]",
        "[signature]", "\ufeff", "9" * 60,
        "interface = \"csta-xml\"", "secret = ", "listen = \"127.0.0.1:0\"", "keep_gb = ", "1979-05-27T07:32:00Z",
        "07:32:00", "inf", "nan", "0x", "true", "[[[[", "{a={", "a.b.c", "expires = ", "ed25519 = ",
    )
)  # fmt: skip
PORT_WORDS = (
    *(
        word.encode()
        for word in (
            "TRUNK ", "EXT ", "IVR ", "QUEUE ", "-", "name=", "group=", "device=", "endpoint=", "{number}", '"', '""',
            "#", ";", "\r\n", "\t", "\u3000", "\uff1d", "\u201c", "8001-8009", "T001-T030", "\ufeff", "{{", "}}",
        )
    ),
    "座席".encode("gb18030"),
)  # fmt: skip

TARGETS = (
    Target("port-cfg", check_port_cfg, port_cfg_seeds, PORT_WORDS, long=long_port_cfgs),
    Target("gateway-toml", check_gateway_toml, gateway_toml_seeds, TOML_WORDS, 8192, long_tomls),
    Target("users-toml", check_users_toml, users_toml_seeds, TOML_WORDS, 8192, long_users),
    Target("licence", check_licence, licence_seeds, TOML_WORDS, 8192, long_licences),
)
