"""The settings of the call records: what may stand in `etc/cdr.toml`. Declarations only; opens nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, Field, SecretStr, model_validator
from pydantic.functional_validators import AfterValidator, BeforeValidator

from cdr.masking import Masking
from protocol.client import Address
from protocol.limits import DEFAULT_PORT_GATEWAY
from runtime.expected import Expected, UnfitValue
from runtime.logs import LogSettings
from runtime.loopback import LoopbackAddress, form, is_loopback, loopback_address
from runtime.metrics_settings import MetricsSettings
from runtime.setting_types import TABLE, OneLine, Secret, moved
from runtime.texts import text, verbatim

CONSUMER_DEFAULT: Final = "cdr"
"""The name under which the gateway holds events back for the records: `[journal] consumers` in gateway.toml."""

SQLITE: Final = "sqlite:///"

_BESIDE: Final = text("it needs another line beside it")
_SERVERS: Final = text('"HOST:PORT", or a list of such in [brackets] for one that takes over')

_WEB: Final = text('"https://HOST/PATH"; secret_file for a secret that signs what is sent')


def _server(written: str) -> str:
    try:
        Address.parse(written, DEFAULT_PORT_GATEWAY)
    except ValueError as error:
        raise UnfitValue(text('"{value}" is no address and port', value=written), expected=_SERVERS) from error
    return written


def _web_address(written: str) -> str:
    try:
        address = urlsplit(written)
        is_good = address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0
    except ValueError:
        is_good = False
    if not is_good or not written.isascii() or " " in written:
        raise UnfitValue(text('"{value}" is no address of the web', value=written), expected=_WEB)
    if "@" in address.netloc:
        raise UnfitValue(text("a password in the address would be shown with it"), expected=_WEB)
    return written


def _zone(written: str) -> str:
    try:
        ZoneInfo(written)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise UnfitValue(
            text('"{value}" is no time zone', value=written),
            expected=text('a name like "Asia/Shanghai", "Europe/Zurich", "UTC"'),
        ) from error
    return written


def _loopback(written: str) -> str:
    if written:
        loopback_address(written)
    return written


def _as_list(written: object) -> object:
    return [written] if isinstance(written, str) else written


class StreamSettings(BaseModel):
    """`[gateway]`, `[cti]`, `[ivr]`: where a stream of events is served, and how we get in there."""

    model_config = TABLE

    server: Annotated[
        list[Annotated[OneLine, AfterValidator(_server)]],
        BeforeValidator(_as_list),
        Field(min_length=1),
        Expected(_SERVERS),
    ]
    consumer: OneLine = CONSUMER_DEFAULT
    """The durable consumer that we are there."""
    user: OneLine | None = None
    password_file: Path | None = None
    tls_ca: Path | None = None
    """PEM: TLS, with servers that this CA has signed."""
    tls_certificate: Path | None = None
    tls_key: Path | None = None

    @model_validator(mode="after")
    def _whole(self) -> StreamSettings:
        if self.user is not None and self.password_file is None:
            raise UnfitValue(_BESIDE, expected=verbatim('password_file = "gateway-password"'), key="user")
        if self.password_file is not None and self.user is None:
            raise UnfitValue(_BESIDE, expected=verbatim('user = "cdr"'), key="password_file")
        if self.tls_certificate is not None and self.tls_ca is None:
            raise UnfitValue(_BESIDE, expected=verbatim('tls_ca = "ca.crt"'), key="tls_certificate")
        return self

    @property
    def addresses(self) -> list[Address]:
        """The servers, in their order."""
        return [Address.parse(one, DEFAULT_PORT_GATEWAY) for one in self.server]


class DatabaseSettings(BaseModel):
    """`[database]`: where the records are written. The URL may hold a password; or it stands in a file of its own."""

    model_config = TABLE

    url: Annotated[
        Secret | None,
        Expected(text('"sqlite:///../var/cdr.db", "postgresql://user:password@host/name", "mariadb://…"')),
    ] = None
    url_file: Path | None = None
    """Its first line is the URL."""

    @model_validator(mode="after")
    def _one_url(self) -> DatabaseSettings:
        if self.url is None and self.url_file is None:
            raise UnfitValue(text("url is missing"), expected=verbatim('url = "sqlite:///../var/cdr.db"'), key="url")
        if self.url is not None and self.url_file is not None:
            raise UnfitValue(text("there is a url beside it"), expected=text("one of url and url_file"), key="url_file")
        return self


class RecordsSettings(BaseModel):
    """`[records]`: what is written beside what happened."""

    model_config = TABLE

    zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    """The site's time zone (IANA). Times are written in UTC and this name beside them; reports count its days."""


class ApiSettings(BaseModel):
    """`[api]`: where the records are read over HTTP, and by whom. Loopback only: others come by way of a web server
    that speaks TLS."""

    model_config = TABLE

    listen: Annotated[str, AfterValidator(_loopback), Expected(form())] = ""
    """Empty: nowhere."""
    users: Path | None = None
    """Made by `ultra user`: who may log in, and in which role."""

    @model_validator(mode="after")
    def _for_somebody(self) -> ApiSettings:
        if self.listen and self.users is None:
            raise UnfitValue(_BESIDE, expected=verbatim('users = "cdr-users.toml"'), key="listen")
        return self

    @property
    def address(self) -> LoopbackAddress | None:
        """Where to listen; None when nowhere."""
        return loopback_address(self.listen) if self.listen else None


class WebhookSettings(BaseModel):
    """`[webhook]`: who is told of each conversation once it is written, at least once."""

    model_config = TABLE

    url: Annotated[OneLine, AfterValidator(_web_address), Expected(_WEB)]
    secret_file: Path | None = None
    """Its first line signs what is sent."""
    tls_ca: Path | None = None
    """PEM: the authority of the receiver, where it is none of the system's."""
    give_up_hours: Annotated[int, Field(ge=1, le=8760)] = 72
    """A conversation that was not taken so long is told no more."""

    @property
    def is_in_the_clear(self) -> bool:
        """Whether others on the way can read what is sent."""
        address = urlsplit(self.url)
        return address.scheme == "http" and not is_loopback(address.hostname or "")


class PrivacySettings(BaseModel):
    """`[privacy]`: how long the telephone numbers of people outside stay readable."""

    model_config = TABLE

    after_days: Annotated[int, Field(ge=0, le=36_500)] = 0
    """From a conversation's end; 0: for ever."""
    how: Masking = Masking.MASK


class CdrSettings(BaseModel):
    """The whole of cdr.toml."""

    model_config = TABLE

    gateway: StreamSettings
    cti: StreamSettings | None = None
    ivr: StreamSettings | None = None
    database: DatabaseSettings
    records: RecordsSettings = RecordsSettings()
    api: ApiSettings = ApiSettings()
    webhook: WebhookSettings | None = None
    privacy: PrivacySettings = PrivacySettings()
    metrics: MetricsSettings = MetricsSettings()
    log: LogSettings = LogSettings()

    def located(self, folder: Path) -> CdrSettings:
        """The same with every relative path made one from `folder`, where the file stands; a SQLite file's too."""

        def stream(settings: StreamSettings | None) -> StreamSettings | None:
            keys = ("password_file", "tls_ca", "tls_certificate", "tls_key")
            return None if settings is None else moved(settings, folder, *keys)

        database = moved(self.database, folder, "url_file")
        if database.url is not None:
            url = located_url(database.url.get_secret_value(), folder)
            database = database.model_copy(update={"url": SecretStr(url)})
        return self.model_copy(
            update={
                "gateway": stream(self.gateway),
                "cti": stream(self.cti),
                "ivr": stream(self.ivr),
                "database": database,
                "api": moved(self.api, folder, "users"),
                "webhook": None if self.webhook is None else moved(self.webhook, folder, "secret_file", "tls_ca"),
                "log": moved(self.log, folder, "file"),
            }
        )

    @property
    def streams(self) -> dict[str, StreamSettings]:
        """Those that there are, the gateway's first."""
        named = {"gateway": self.gateway, "cti": self.cti, "ivr": self.ivr}
        return {name: settings for name, settings in named.items() if settings is not None}


def located_url(url: str, folder: Path) -> str:
    """A URL whose SQLite file is found from ``folder`` when its path is relative."""
    path = url.removeprefix(SQLITE)
    if not url.startswith(SQLITE) or path.startswith("/") or not path:
        return url
    return f"{SQLITE}{os.path.abspath(folder / path)}"
