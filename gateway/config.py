"""The gateway's settings: what may stand in `etc/gateway.toml`, what it means, and which address it may be served on.

Declarations only: `runtime.config` reads the file and reports every mistake at once. Relative paths are relative to
the folder of the file they stand in, so that a site's folder can be moved and a daemon started from anywhere. Must
not open anything.
"""

from __future__ import annotations

import ipaddress
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationInfo, field_validator
from pydantic.functional_validators import AfterValidator, BeforeValidator

from gateway.licence_keys import BadPublicKey, public_key
from runtime.expected import Expected, UnfitValue
from runtime.logs import LogSettings
from runtime.texts import text, verbatim

LISTEN_DEFAULT = "127.0.0.1:7400"
"""The gateway's port in the suite; loopback, because nothing else may be listened on yet."""

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

Table = TypeVar("Table", bound=BaseModel)
_Table = ConfigDict(extra="forbid", frozen=True)


def _listen_address(written: str) -> str:
    host, colon, port = written.rpartition(":")
    form = text("HOST:PORT, for example {example}", example=LISTEN_DEFAULT)
    if not colon or not port.isascii() or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise UnfitValue(text('"{value}" is no address and port', value=written), expected=form)
    if host == "localhost":
        return written
    try:
        address = ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError as error:
        raise UnfitValue(text('"{value}" is no address and port', value=written), expected=form) from error
    if not address.is_loopback:
        raise UnfitValue(
            text("an address that others can reach needs TLS and log-in, which this version does not have yet"),
            expected=text("127.0.0.1 or [::1]; to reach it from elsewhere, an SSH tunnel"),
        )
    return written


def _one_line(written: str) -> str:
    if not written.isprintable():
        raise UnfitValue(text("a control character would reach the switch"), expected=text("letters, digits, marks"))
    return written


def _one_secret_line(written: SecretStr) -> SecretStr:
    _one_line(written.get_secret_value())
    return written


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


Seconds = Annotated[float, Field(gt=0, le=3600)]
OneLine = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_one_line)]
Secret = Annotated[SecretStr, Field(min_length=1, max_length=255), AfterValidator(_one_secret_line)]


class SwitchSettings(BaseModel):
    """`[switch]`: the PBX and how to reach it. `user` and a secret are Asterisk's (manager.conf)."""

    model_config = _Table

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
    """`[serve]`: where subscribers connect."""

    model_config = _Table

    listen: Annotated[
        str, AfterValidator(_listen_address), Expected(text("HOST:PORT, for example {example}", example=LISTEN_DEFAULT))
    ] = LISTEN_DEFAULT

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

    model_config = _Table

    file: Path | None = None
    """None: evaluation."""
    public_key: Annotated[
        list[Annotated[str, AfterValidator(_public_key)]],
        BeforeValidator(_as_list),
        Expected(text('"ed25519:…" as `ultra licence keygen` prints it, or a list of such in [brackets]')),
    ] = []
    clock_file: Path = Path("../var/licence-clock")


class JournalSettings(BaseModel):
    """`[journal]`: accepted for files of a later version; nothing is written yet."""

    model_config = _Table

    folder: Path | None = None


class GatewaySettings(BaseModel):
    """The whole of gateway.toml."""

    model_config = _Table

    port_cfg: Path
    switch: SwitchSettings
    serve: ServeSettings = ServeSettings()
    licence: LicenceSettings = LicenceSettings()
    journal: JournalSettings = JournalSettings()
    log: LogSettings = LogSettings()

    def located(self, folder: Path) -> GatewaySettings:
        """The same with every relative path made one from `folder`, where the file stands."""
        return self.model_copy(
            update={
                "port_cfg": folder / self.port_cfg,
                "switch": _moved(self.switch, folder, "secret_file"),
                "licence": _moved(self.licence, folder, "file", "clock_file"),
                "journal": _moved(self.journal, folder, "folder"),
                "log": _moved(self.log, folder, "file"),
            }
        )


def _moved(table: Table, folder: Path, *keys: str) -> Table:
    paths = {key: folder / path for key in keys if (path := getattr(table, key)) is not None}
    return table.model_copy(update=paths)
