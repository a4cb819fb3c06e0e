"""`ultra licence`: make keys, issue licences, look into them, hold them against a key.

The vendor's side is `keygen` and `issue`; the operator's is `show`, `verify`, `host` and `forget-clock`. The format is
`gateway.licence_file`'s, the judgement `gateway.licence`'s. Must not show a private key.
"""

from __future__ import annotations

import os
import sys
import uuid
from datetime import UTC, date, datetime
from pathlib import Path

import click
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.config import GatewaySettings
from gateway.licence import load_licence
from gateway.licence_clock import forget_time, recall_time
from gateway.licence_file import (
    GRACE_DAYS_MAX,
    LICENCE_BYTES_MAX,
    SEATS_MAX,
    Licence,
    NoLicence,
    SignedLicence,
    licence_of,
    read_signed,
    sign,
)
from gateway.licence_host import host_ids
from gateway.licence_keys import BadPublicKey, PublicKey, trusted_keys
from runtime.config import load_settings
from runtime.problems import render, why_unreadable
from runtime.shown_path import shown
from runtime.texts import Language, Text, text, visible
from ultra.saying import chosen, fail, say

GRACE_DAYS_DEFAULT = 30
"""A month after the last day: a purchase order takes that long."""

CONFIG = Path("etc/gateway.toml")

_language = click.option("--lang", type=click.Choice([one.value for one in Language]), help="Language [the shell's].")
_day = click.DateTime(["%Y-%m-%d"])


@click.group()
def licence() -> None:
    """Issue licences and look into them."""


@licence.command()
@click.argument("key_file", type=click.Path(path_type=Path))
@_language
def keygen(key_file: Path, lang: str | None) -> None:
    """Make a vendor's key pair.

    The private key is written to KEY_FILE, readable by its owner only; the line for customers' gateway.toml is printed.
    """
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    try:
        # Never over an older key: the licences issued with that could not be issued again.
        descriptor = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        fail(text("{file} cannot be written: {reason}", file=str(key_file), reason=_system_words(error)), lang)
    with os.fdopen(descriptor, "wb") as written:
        written.write(pem)
    say(text("the private key is in {file}: keep it, and give it to nobody", file=str(key_file)), lang, to_error=True)
    click.echo(f'public_key = "{_public_half(key)}"')


@licence.command()
@click.option("--key", "key_file", required=True, type=click.Path(path_type=Path), help="The private key of keygen.")
@click.option("--customer", required=True, help="Who it is for, as it is shown.")
@click.option("--seats", required=True, type=click.IntRange(1, SEATS_MAX), help="Extensions served.")
@click.option("--expires", type=_day, help="Last day [never].")
@click.option("--not-before", type=_day, help="First day [today].")
@click.option("--grace-days", type=click.IntRange(0, GRACE_DAYS_MAX), default=GRACE_DAYS_DEFAULT, show_default=True)
@click.option("--feature", "features", multiple=True, help="What it adds; may be repeated.")
@click.option("--host-id", "hosts", multiple=True, help="Machine it is bound to (ultra licence host); may be repeated.")
@click.option("--id", "licence_id", help="The vendor's number of it [a new one].")
@click.option("--out", type=click.Path(path_type=Path), help="File to write [standard output].")
@_language
def issue(
    key_file: Path,
    customer: str,
    seats: int,
    expires: datetime | None,
    not_before: datetime | None,
    grace_days: int,
    features: tuple[str, ...],
    hosts: tuple[str, ...],
    licence_id: str | None,
    out: Path | None,
    lang: str | None,
) -> None:
    """Sign a licence."""
    now = datetime.now(UTC)
    values = Licence.model_construct(
        id=licence_id or str(uuid.uuid4()),
        customer=customer,
        seats=seats,
        features=list(features),
        issued=now.replace(microsecond=0),
        not_before=not_before.date() if not_before else now.date(),
        expires=expires.date() if expires else None,
        grace_days=grace_days,
        host_ids=list(hosts),
    )
    key = _private_key(key_file, lang)
    issued = sign(values, key)
    # Read back as a gateway will: what it would refuse must not leave the house.
    signed = read_signed(issued.encode())
    found = signed if isinstance(signed, NoLicence) else licence_of(signed)
    if isinstance(found, NoLicence):
        fail(text("no gateway would take this licence: {reason}", reason=found.reason), lang)
    if out is None:
        click.echo(issued, nl=False)
        return
    try:
        out.write_text(issued, "utf-8")
    except OSError as error:
        fail(text("{file} cannot be written: {reason}", file=str(out), reason=_system_words(error)), lang)
    say(text("issued: {file}", file=str(out)), lang, to_error=True)


@licence.command()
@click.argument("licence_file", type=click.Path(path_type=Path))
@_language
def show(licence_file: Path, lang: str | None) -> None:
    """Print what a licence says, without holding it against a key."""
    signed = _signed(licence_file, lang)
    width = max(map(len, signed.values), default=0)
    for name, value in signed.values.items():
        click.echo(f"{name.ljust(width)}  {visible(_plain(value))}")
    click.echo()
    say(
        text("signed with key {key_id}; only `ultra licence verify` says whether that is so", key_id=signed.key_id),
        lang,
    )


@licence.command()
@click.argument("licence_file", type=click.Path(path_type=Path))
@click.option("--public-key", "keys", multiple=True, help="ed25519:… to hold it against; may be repeated.")
@click.option(
    "--config", type=click.Path(path_type=Path), default=CONFIG, show_default=True, help="Where keys stand else."
)
@_language
def verify(licence_file: Path, keys: tuple[str, ...], config: Path, lang: str | None) -> None:
    """Say what a licence grants on this machine today; exits 1 when that is only evaluation."""
    settings = None if keys else _settings(config, lang)
    try:
        trusted = trusted_keys(keys or (settings.licence.public_key if settings else ()))
    except BadPublicKey as error:
        fail(text('"{key}" is no public key', key=str(error)), lang)
    memory = None if settings is None else recall_time(settings.licence.clock_file).last_seen
    state = load_licence(licence_file, datetime.now(UTC), trusted, memory, host_ids())
    say(state.reason, lang)
    if state.cure is not None:
        say(text("expected: {expected}", expected=state.cure), lang)
    sys.exit(0 if state.granted else 1)


@licence.command()
@_language
def host(lang: str | None) -> None:
    """Print this machine's id, which a licence may be bound to."""
    found = host_ids()
    if not found:
        fail(text("this machine has no machine id; only unbound licences hold here"), lang)
    for one in sorted(found):
        click.echo(one)


@licence.command("forget-clock")
@click.option("--config", type=click.Path(path_type=Path), default=CONFIG, show_default=True)
@_language
def forget_clock(config: Path, lang: str | None) -> None:
    """Forget the latest time seen, after a clock that ran ahead was put right."""
    clock_file = _settings(config, lang).licence.clock_file
    try:
        existed = forget_time(clock_file)
    except OSError as error:
        fail(text("{file} cannot be removed: {reason}", file=shown(clock_file), reason=_system_words(error)), lang)
    if existed:
        say(text("forgotten: {file}", file=shown(clock_file)), lang)
    else:
        say(text("nothing was remembered in {file}", file=shown(clock_file)), lang)


def _private_key(key_file: Path, lang: str | None) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
    except OSError as error:
        fail(text("{file} cannot be read: {reason}", file=str(key_file), reason=why_unreadable(error)), lang)
    except ValueError:
        fail(text("{file} holds no private key", file=str(key_file)), lang)
    if not isinstance(key, Ed25519PrivateKey):
        fail(text("{file} holds no Ed25519 key", file=str(key_file)), lang)
    return key


def _signed(licence_file: Path, lang: str | None) -> SignedLicence:
    try:
        with licence_file.open("rb") as opened:
            found = read_signed(opened.read(LICENCE_BYTES_MAX + 1))
    except OSError as error:
        fail(text("{file} cannot be read: {reason}", file=str(licence_file), reason=why_unreadable(error)), lang)
    if isinstance(found, NoLicence):
        fail(text("the licence cannot be read: {reason}", reason=found.reason), lang)
    return found


def _settings(config: Path, lang: str | None) -> GatewaySettings:
    settings = load_settings(config, GatewaySettings)
    if isinstance(settings, GatewaySettings):
        return settings.located(config.parent)
    click.echo("\n\n".join(render(problem, chosen(lang)) for problem in settings), err=True)
    sys.exit(1)


def _public_half(key: Ed25519PrivateKey) -> PublicKey:
    return PublicKey(key.public_key().public_bytes_raw())


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return value.isoformat() if isinstance(value, date) else str(value)


def _system_words(error: OSError) -> Text:
    return text("it is there already") if isinstance(error, FileExistsError) else why_unreadable(error)


if __name__ == "__main__":
    licence()
