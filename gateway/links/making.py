"""The link that the settings ask for. The one place that knows every kind."""

import random
from collections.abc import Sequence

from gateway.config import Interface, SwitchSettings
from gateway.intake import Intake
from gateway.links.asterisk.link import AsteriskLink, AsteriskSettings
from gateway.links.base import Link, LinkSink
from gateway.links.csta_xml.link import CstaXmlLink
from gateway.links.csta_xml.namespaces import Profile
from gateway.links.csta_xml.profiles import TRAITS
from gateway.links.csta_xml.session import SessionLimits
from gateway.portcfg import Port
from gateway.site_files import switch_secret
from runtime.backoff import Backoff
from runtime.tasks import StartRefused
from runtime.texts import Text


def make_link(
    switch: SwitchSettings, ports: Sequence[Port], sink: LinkSink, intake: Intake, secret: str | None = None
) -> Link:
    """A link that is not running yet; ``StartRefused`` where its secret cannot be had. ``secret`` is for one that never
    runs."""
    clock = intake.clock
    backoff = Backoff(random.random)
    if switch.interface is Interface.CSTA_XML:
        limits = SessionLimits(switch.outstanding_requests, switch.answer_seconds, switch.silence_seconds)
        return CstaXmlLink(
            switch.host,
            switch.port_number,
            TRAITS[Profile(switch.profile.value)],
            limits,
            switch.connect_seconds,
            ports,
            sink,
            clock,
            backoff,
            intake,
        )
    if secret is None:
        secret = _secret_of(switch)
    if switch.user is None:
        raise StartRefused("[switch] user: none")
    settings = AsteriskSettings(
        switch.host,
        switch.user,
        secret,
        switch.port_number,
        switch.context,
        connect_seconds=switch.connect_seconds,
        confirm_seconds=switch.answer_seconds,
    )
    return AsteriskLink(settings, ports, sink, clock, backoff, intake)


def _secret_of(switch: SwitchSettings) -> str:
    secret = switch_secret(switch)
    if not isinstance(secret, str):
        raise StartRefused(f"[switch] secret: {secret.render() if isinstance(secret, Text) else 'none'}")
    return secret
