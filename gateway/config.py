"""The gateway's settings: what may stand in `etc/gateway.toml`, what it means, and which address it may be served on.

Declarations only: `runtime.config` reads the file and reports every mistake at once. Relative paths are relative to
the folder of the file they stand in, so that a site's folder can be moved and a daemon started from anywhere. Must
not open anything.
"""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, ValidationInfo, field_validator, model_validator
from pydantic.functional_validators import AfterValidator, BeforeValidator

from gateway.journal.limits import (
    FSYNC_INTERVAL_MS,
    HARD_BYTES,
    KEEP_BYTES,
    KEEP_SECONDS,
    Fsync,
    JournalLimits,
)
from gateway.licence_keys import BadPublicKey, public_key
from protocol.server import is_loopback
from runtime.expected import Expected, UnfitValue
from runtime.logs import LogSettings
from runtime.metrics_settings import MetricsSettings
from runtime.setting_types import TABLE, OneLine, Seconds, Secret, moved
from runtime.texts import text, verbatim

LISTEN_DEFAULT = "127.0.0.1:7400"
"""The gateway's port in the suite; loopback, because anything else needs TLS and users."""

OUTSTANDING_REQUESTS_DEFAULT = 16
"""Requests to the switch that are not answered yet. Small switches work on one at a time and lose what piles up; with
a few dozen under way a thousand monitors still start in seconds."""

CONNECT_SECONDS_DEFAULT = 5.0
"""To open the TCP connection: a LAN answers in milliseconds, a switch that boots not at all."""

ANSWER_SECONDS_DEFAULT = 10.0
"""For the switch to answer a request before it counts as lost: above what a loaded switch takes, below an agent's
patience."""

SILENCE_SECONDS_DEFAULT = 30.0
"""Without a byte from the switch until the link is tested, and as long again until it counts as down."""


MEGABYTE, GIGABYTE = 1024**2, 1024**3
DAY_SECONDS = 24 * 3600

SEGMENT_MB_DEFAULT = 16
"""A start reads the newest segment event by event: 40,000 of them, two seconds."""


PART_MB_DEFAULT = 64.0
"""A part of a capture: some hours of a site with a call a second, and small enough to be sent to somebody."""

CAPTURES_GB_DEFAULT = 4.0
"""Of all parts: days of such a site."""


class Interface(StrEnum):
    """`[switch] interface`: how the switch is spoken to."""

    CSTA_XML = "csta-xml"
    ASTERISK = "asterisk"


class SwitchProfile(StrEnum):
    """`[switch] profile`: which dialect of the interface."""

    STANDARD = "standard"
    OPENSCAPE = "openscape"


PROFILES = {
    Interface.CSTA_XML: (SwitchProfile.STANDARD, SwitchProfile.OPENSCAPE),
    Interface.ASTERISK: (SwitchProfile.STANDARD,),
}

PORTS = {
    (Interface.CSTA_XML, SwitchProfile.STANDARD): 8800,
    (Interface.CSTA_XML, SwitchProfile.OPENSCAPE): 1040,
    (Interface.ASTERISK, SwitchProfile.STANDARD): 5038,
}
"""Where each kind of switch listens unless told otherwise; no port is registered for CSTA XML, the first is only
common."""


def _listen_address(written: str) -> str:
    host, colon, port = written.rpartition(":")
    form = text("HOST:PORT, for example {example}", example=LISTEN_DEFAULT)
    if not colon or not port.isascii() or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise UnfitValue(text('"{value}" is no address and port', value=written), expected=form)
    if host == "localhost":
        return written
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError as error:
        raise UnfitValue(text('"{value}" is no address and port', value=written), expected=form) from error
    return written


def _lacks(key: str, line: str) -> UnfitValue:
    return UnfitValue(text("it needs another line beside it"), expected=verbatim(line), key=key)


def _as_list(written: object) -> object:
    return [written] if isinstance(written, str) else written


def _public_key(written: str) -> str:
    try:
        public_key(written)
    except BadPublicKey as error:
        raise UnfitValue(
            text("this is no public key"),
            expected=text('"ed25519:…" as `ultra licence keygen` prints it, or a list of such in [brackets]'),
        ) from error
    return written


class SwitchSettings(BaseModel):
    """`[switch]`: the PBX and how to reach it. `user` and a secret are Asterisk's (manager.conf)."""

    model_config = TABLE

    interface: Interface
    profile: SwitchProfile = SwitchProfile.STANDARD
    host: Annotated[OneLine, Expected(text("a host name or an address in quotes"))]
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    auto_start: bool = True
    """False: the link waits for `ultra link start`."""
    user: Annotated[OneLine | None, Field(validate_default=True)] = None
    secret: Secret | None = None
    secret_file: Annotated[Path | None, Field(validate_default=True)] = None
    """Its first line is the secret: so gateway.toml can be shown to others."""
    context: OneLine = "internal"
    """Asterisk: the dialplan context in which numbers are dialled for an extension."""
    outstanding_requests: Annotated[int, Field(ge=1, le=1000)] = OUTSTANDING_REQUESTS_DEFAULT
    connect_seconds: Seconds = CONNECT_SECONDS_DEFAULT
    answer_seconds: Seconds = ANSWER_SECONDS_DEFAULT
    silence_seconds: Seconds = SILENCE_SECONDS_DEFAULT

    @field_validator("profile")
    @classmethod
    def _profile_of_the_interface(cls, profile: SwitchProfile, others: ValidationInfo) -> SwitchProfile:
        interface = others.data.get("interface")
        if interface in PROFILES and profile not in PROFILES[interface]:
            raise UnfitValue(
                text('the interface "{interface}" has no profile "{profile}"', interface=interface, profile=profile),
                expected=verbatim(", ".join(f'"{one}"' for one in PROFILES[interface])),
            )
        return profile

    @field_validator("user")
    @classmethod
    def _user_for_asterisk(cls, user: str | None, others: ValidationInfo) -> str | None:
        if user is None and others.data.get("interface") is Interface.ASTERISK:
            raise UnfitValue(text("Asterisk needs a user"), expected=text("a user of manager.conf"))
        return user

    @field_validator("secret_file")
    @classmethod
    def _one_secret_for_asterisk(cls, secret_file: Path | None, others: ValidationInfo) -> Path | None:
        if others.data.get("interface") is not Interface.ASTERISK or "secret" not in others.data:
            return secret_file
        if secret_file is None and others.data["secret"] is None:
            raise UnfitValue(
                text("Asterisk needs a secret"), expected=text("secret_file = a file that holds it, or secret = itself")
            )
        if secret_file is not None and others.data["secret"] is not None:
            raise UnfitValue(text("there is a secret beside it"), expected=text("one of secret and secret_file"))
        return secret_file

    @property
    def port_number(self) -> int:
        """The port to connect to, the profile's own when none is given."""
        return self.port or PORTS[self.interface, self.profile]


class ServeSettings(BaseModel):
    """`[serve]`: where subscribers connect, over TLS or not, and who may. An address that others can reach needs
    both."""

    model_config = TABLE

    listen: Annotated[
        str, AfterValidator(_listen_address), Expected(text("HOST:PORT, for example {example}", example=LISTEN_DEFAULT))
    ] = LISTEN_DEFAULT
    tls_certificate: Path | None = None
    """PEM: the server's certificate and those between it and the CA."""
    tls_key: Path | None = None
    tls_client_ca: Path | None = None
    """PEM: clients must show a certificate that it signed."""
    users: Path | None = None
    """The users file (`ultra user`): a log-in is demanded."""

    @model_validator(mode="after")
    def _protected_where_others_can_reach_it(self) -> ServeSettings:
        if self.tls_certificate is not None and self.tls_key is None:
            raise _lacks("tls_certificate", 'tls_key = "tls.key"')
        if self.tls_certificate is None and (self.tls_key or self.tls_client_ca) is not None:
            raise _lacks("tls_client_ca" if self.tls_key is None else "tls_key", 'tls_certificate = "tls.crt"')
        missing = [] if self.tls_certificate is not None else ['tls_certificate = "tls.crt"', 'tls_key = "tls.key"']
        missing += [] if self.users is not None else ['users = "users.toml"']
        if missing and not is_loopback(self.host):
            raise UnfitValue(
                text("an address that others can reach needs TLS and users"),
                expected=text("beside it {lines}; or 127.0.0.1, or [::1]", lines=", ".join(missing)),
                key="listen",
            )
        return self

    @property
    def host(self) -> str:
        """The address to listen on, IPv6 without its brackets."""
        return self.listen.rpartition(":")[0].removeprefix("[").removesuffix("]")

    @property
    def port(self) -> int:
        """The port to listen on; 0 lets the system choose."""
        return int(self.listen.rpartition(":")[2])


class LicenceSettings(BaseModel):
    """`[licence]`: the file, whose signature counts, and where the latest time seen is kept."""

    model_config = TABLE

    file: Path | None = None
    """None: evaluation."""
    public_key: Annotated[
        list[Annotated[str, AfterValidator(_public_key)]],
        BeforeValidator(_as_list),
        Expected(text('"ed25519:…" as `ultra licence keygen` prints it, or a list of such in [brackets]')),
    ] = []
    clock_file: Path = Path("../var/licence-clock")


class JournalSettings(BaseModel):
    """`[journal]`: where events are kept for subscribers that were away and for a restart (docs/journal.md)."""

    model_config = TABLE

    folder: Path | None = None
    """None: memory only, and each start is a new epoch."""
    fsync: Fsync = Fsync.INTERVAL
    fsync_interval_ms: Annotated[int, Field(ge=10, le=60_000)] = FSYNC_INTERVAL_MS
    segment_mb: Annotated[int, Field(ge=1, le=1024)] = SEGMENT_MB_DEFAULT
    keep_gb: Annotated[float, Field(gt=0, le=100_000)] = KEEP_BYTES / GIGABYTE
    keep_days: Annotated[float, Field(gt=0, le=3660)] = KEEP_SECONDS / DAY_SECONDS
    hard_gb: Annotated[float, Field(gt=0, le=100_000, validate_default=True)] = HARD_BYTES / GIGABYTE
    """What durable consumers may hold back, at most."""
    consumers: list[OneLine] = []
    """Names of durable consumers: retention waits for them."""

    @field_validator("hard_gb")
    @classmethod
    def _hard_is_more(cls, hard_gb: float, others: ValidationInfo) -> float:
        keep_gb = others.data.get("keep_gb")
        if keep_gb is not None and hard_gb < keep_gb:
            raise UnfitValue(
                text("{hard} is less than keep_gb, {keep}", hard=f"{hard_gb:g}", keep=f"{keep_gb:g}"),
                expected=text("keep_gb or more: what durable consumers may hold back"),
            )
        return hard_gb

    @property
    def limits(self) -> JournalLimits:
        """As the journal takes them."""
        return JournalLimits(
            fsync=self.fsync,
            fsync_interval_ms=self.fsync_interval_ms,
            segment_bytes=self.segment_mb * MEGABYTE,
            keep_bytes=int(self.keep_gb * GIGABYTE),
            keep_seconds=int(self.keep_days * DAY_SECONDS),
            hard_bytes=int(self.hard_gb * GIGABYTE),
        )


class CaptureSettings(BaseModel):
    """`[capture]`: everything that comes in, kept for a replay (docs/capture.md)."""

    model_config = TABLE

    folder: Path | None = None
    """None: nothing is captured."""
    part_mb: Annotated[float, Field(ge=0.01, le=4096)] = PART_MB_DEFAULT
    keep_gb: Annotated[float, Field(gt=0, le=100_000)] = CAPTURES_GB_DEFAULT
    """Of all parts in the folder; the oldest go first."""


class GatewaySettings(BaseModel):
    """The whole of gateway.toml."""

    model_config = TABLE

    port_cfg: Path
    switch: SwitchSettings
    serve: ServeSettings = ServeSettings()
    licence: LicenceSettings = LicenceSettings()
    journal: JournalSettings = JournalSettings()
    capture: CaptureSettings = CaptureSettings()
    metrics: MetricsSettings = MetricsSettings()
    log: LogSettings = LogSettings()

    def located(self, folder: Path) -> GatewaySettings:
        """The same with every relative path made one from `folder`, where the file stands."""
        return self.model_copy(
            update={
                "port_cfg": folder / self.port_cfg,
                "switch": moved(self.switch, folder, "secret_file"),
                "serve": moved(self.serve, folder, "tls_certificate", "tls_key", "tls_client_ca", "users"),
                "licence": moved(self.licence, folder, "file", "clock_file"),
                "journal": moved(self.journal, folder, "folder"),
                "capture": moved(self.capture, folder, "folder"),
                "log": moved(self.log, folder, "file"),
            }
        )
