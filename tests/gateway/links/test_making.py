"""The settings choose the link."""

from pathlib import Path

import pytest

from gateway.config import SwitchSettings
from gateway.intake import Intake
from gateway.links.asterisk.link import AsteriskLink
from gateway.links.csta_xml.link import CstaXmlLink
from gateway.links.making import make_link
from gateway.owner import Owner
from model.core import CallModel
from model.ids import Microseconds
from model.states import LinkState
from model.view import Licence, Link
from runtime.clock import HandClock
from runtime.tasks import StartRefused

CLOCK = HandClock()


def sink() -> Owner:
    model = CallModel(1, Link(LinkState.DOWN, "", "", Microseconds(0)), Licence("evaluation", "", 32, 0, ""))
    return Owner(model, lambda event: None, CLOCK.wall_us)


def settings(**keys: object) -> SwitchSettings:
    return SwitchSettings.model_validate({"host": "pbx.example", **keys})


def test_csta_xml() -> None:
    assert isinstance(make_link(settings(interface="csta-xml"), [], sink(), Intake(CLOCK)), CstaXmlLink)


def test_asterisk() -> None:
    assert isinstance(
        make_link(settings(interface="asterisk", user="cti", secret="s"), [], sink(), Intake(CLOCK)), AsteriskLink
    )


def test_a_secret_that_cannot_be_had_refuses_the_start_by_name(tmp_path: Path) -> None:
    switch = settings(interface="asterisk", user="cti", secret_file=tmp_path / "gone")
    with pytest.raises(StartRefused, match=r"\[switch\] secret"):
        make_link(switch, [], sink(), Intake(CLOCK))
