"""The files that the call records stand on, read together: cdr.toml and the secrets that it names.

The daemon starts from a `CdrSite`, and `ultra check` prints one, so both see the same problems. Must not connect to
anything and must not log.
"""

from __future__ import annotations

import stat
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from cdr.api.access import OWN_ONLY, ROLES
from cdr.config import ApiSettings, CdrSettings, DatabaseSettings, StreamSettings, WebhookSettings, located_url
from cdr.store.diagnosis import StoreFailed, has_password, shown_url
from cdr.store.engine import check_address
from cdr.webhook.request import SECRET_PREFIX, Target, key_of
from protocol.client import Address, Credentials, Tls
from runtime.config import settings_of
from runtime.expected import public_names
from runtime.problems import Problem, Severity, has_errors, why_unreadable
from runtime.secret_file import read_secret, secret_problems
from runtime.shown_path import shown
from runtime.texts import Text, text, verbatim
from runtime.toml_file import TomlFile, read_toml
from runtime.users_file import User, UsersFile, read_users

BAD_SECRET_FILE: Final = "R001"
OPEN_SECRET_FILE: Final = "R002"
BAD_CREDENTIALS: Final = "R003"
BAD_TLS_FILE: Final = "R004"
NOT_HELD_BACK: Final = "R005"
IN_THE_CLEAR: Final = "R006"


@dataclass(frozen=True, slots=True)
class StreamAccess:
    """Where a stream is served, who we are there, and over what we speak."""

    addresses: tuple[Address, ...]
    consumer: str
    credentials: Credentials | None = None
    tls: Tls | None = None


@dataclass(frozen=True, slots=True)
class CdrSite:
    """What the files say. `settings` has its paths located and is None when cdr.toml is broken. ``url`` is the
    database's, with its password."""

    config_file: str
    settings: CdrSettings | None
    problems: tuple[Problem, ...]
    url: str = field(default="", repr=False)
    streams: Mapping[str, StreamAccess] = field(default_factory=dict)
    users_file: str | None = None
    users: Mapping[str, User] = field(default_factory=dict)
    """Who may read the records over HTTP, by name."""
    webhook: Target | None = None

    @property
    def shown_url(self) -> str:
        """The database's address without its password."""
        return shown_url(self.url)

    @property
    def can_start(self) -> bool:
        """Whether the daemon may start."""
        return self.settings is not None and not has_errors(self.problems)


def read_cdr_site(config: Path) -> CdrSite:
    """Read cdr.toml and what it names."""
    name = shown(config)
    file = read_toml(Path(name), public_names(CdrSettings))
    if not isinstance(file, TomlFile):
        return CdrSite(name, None, file)
    settings = settings_of(file, CdrSettings)
    if not isinstance(settings, CdrSettings):
        return CdrSite(name, None, settings)
    located = settings.located(config.parent)
    url, problems = _url(file, located.database, config.parent)
    streams = {}
    for stream, its in located.streams.items():
        streams[stream], found = _access(file, stream, its)
        problems += found
    webhook = None
    if located.webhook is not None:
        webhook, found = _webhook(file, located.webhook)
        problems += found
    users_file, users, found_there = _users(located.api)
    ordered = (*sorted(problems, key=lambda one: one.line or 0), *found_there)
    return CdrSite(name, located, ordered, url, streams, users_file, users, webhook)


def _webhook(file: TomlFile, settings: WebhookSettings) -> tuple[Target, list[Problem]]:
    problems: list[Problem] = []
    key = None
    if settings.secret_file is not None:
        place = ("webhook", "secret_file")
        problems += _secret_problems(file, place, settings.secret_file)
        secret = read_secret(settings.secret_file)
        if isinstance(secret, str):
            try:
                key = key_of(secret)
            except ValueError:
                message = text("no base64 follows {prefix}", prefix=SECRET_PREFIX)
                expected = text("whsec_ and base64, or any other line")
                problems.append(file.problem(BAD_CREDENTIALS, place, message, expected=expected))
    if settings.tls_ca is not None:
        problems += _tls_problems(file, "webhook", Tls(settings.tls_ca, None, None))
    if settings.is_in_the_clear:
        message = text("the telephone numbers of callers go over the network in the clear")
        place = ("webhook", "url")
        expected = text("https, or a receiver on this machine")
        problems.append(file.problem(IN_THE_CLEAR, place, message, expected=expected, severity=Severity.WARNING))
    return Target(settings.url, key, settings.give_up_hours * 3600, settings.tls_ca), problems


def _users(api: ApiSettings) -> tuple[str | None, dict[str, User], tuple[Problem, ...]]:
    if api.users is None:
        return None, {}, ()
    name = shown(api.users)
    read = read_users(api.users, ROLES, OWN_ONLY, name)
    if not isinstance(read, UsersFile):
        return name, {}, read
    return name, {user.name: user for user in read.users}, read.warnings


def not_held_back(site: CdrSite, consumers: Collection[str] | None) -> CdrSite:
    """The same with a warning where the gateway of this site, whose durable consumers are these, holds nothing back for
    the records while they are away. None: nothing is known of it."""
    if site.settings is None or consumers is None or site.settings.gateway.consumer in consumers:
        return site
    file = read_toml(Path(site.config_file), public_names(CdrSettings))
    if not isinstance(file, TomlFile):
        return site
    name = site.settings.gateway.consumer
    message = text("the gateway holds nothing back for {name} while it is away", name=name)
    expected = text("{name} in [journal] consumers of gateway.toml", name=name)
    key = ("gateway", "consumer")
    problem = file.problem(NOT_HELD_BACK, key, message, expected=expected, severity=Severity.WARNING)
    return replace(site, problems=(*site.problems, problem))


def _url(file: TomlFile, database: DatabaseSettings, folder: Path) -> tuple[str, list[Problem]]:
    key, problems = ("database", "url"), list[Problem]()
    if database.url is not None:
        url = database.url.get_secret_value()
        problems += _open_password(file, key, url)
    else:
        assert database.url_file is not None, "one of the two there is"
        key = ("database", "url_file")
        problems += _secret_problems(file, key, database.url_file)
        secret = read_secret(database.url_file)
        if isinstance(secret, Text):
            return "", problems
        url = located_url(secret, folder)
    try:
        check_address(url)
    except StoreFailed as failed:
        trouble = failed.diagnosis.trouble
        message = text("{key}: {reason}", key=".".join(key), reason=trouble.meaning)
        problems.append(file.problem(trouble.code, key, message, expected=trouble.expected))
    return url, problems


def _access(file: TomlFile, stream: str, settings: StreamSettings) -> tuple[StreamAccess, list[Problem]]:
    problems: list[Problem] = []
    credentials, tls = None, None
    if settings.user is not None and settings.password_file is not None:
        key = (stream, "password_file")
        problems += _secret_problems(file, key, settings.password_file)
        secret = read_secret(settings.password_file)
        if isinstance(secret, str):
            credentials = Credentials(settings.user, secret)
            if (unfit := credentials.problem()) is not None:
                message = text("{key}: {reason}", key=f"{stream}.user", reason=unfit.text)
                problems.append(file.problem(BAD_CREDENTIALS, (stream, "user"), message))
    if settings.tls_ca is not None:
        tls = Tls(settings.tls_ca, settings.tls_certificate, settings.tls_key)
        problems += _tls_problems(file, stream, tls)
    return StreamAccess(tuple(settings.addresses), settings.consumer, credentials, tls), problems


def _tls_problems(file: TomlFile, stream: str, tls: Tls) -> list[Problem]:
    """Of the files one by one, then of what they hold together."""
    named = {"tls_ca": tls.ca_file, "tls_certificate": tls.certificate, "tls_key": tls.key}
    for key, path in named.items():
        if path is None:
            continue
        try:
            path.open("rb").close()
        except OSError as error:
            message = text("{file} cannot be read: {reason}", file=shown(path), reason=why_unreadable(error))
            return [file.problem(BAD_TLS_FILE, (stream, key), message)]
    try:
        tls.context()
    except OSError as error:
        message = text("files of TLS: {reason}", reason=str(error.strerror or error))
        return [file.problem(BAD_TLS_FILE, (stream, "tls_ca"), message, expected=verbatim("PEM"))]
    return []


def _secret_problems(file: TomlFile, key: tuple[str, str], path: Path) -> list[Problem]:
    return secret_problems(file, key, path, unreadable=BAD_SECRET_FILE, open_to_all=OPEN_SECRET_FILE)


def _open_password(file: TomlFile, key: tuple[str, str], url: str) -> list[Problem]:
    if not has_password(url) or not Path(file.name).stat().st_mode & stat.S_IROTH:
        return []
    message = text("everybody on this machine can read the password in {file}", file=file.name)
    expected = text("chmod o-rwx {file}", file=file.name)
    return [file.problem(OPEN_SECRET_FILE, key, message, expected=expected, severity=Severity.WARNING)]
