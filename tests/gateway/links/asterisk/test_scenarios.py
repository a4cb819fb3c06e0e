"""Every scenario recorded from a real Asterisk gives exactly the reports that stand in its file.

``REWRITE_SCENARIOS=1`` writes what comes out into the files, to be read as a diff before it is believed.
"""

import os
from pathlib import Path

import pytest

from gateway.links.asterisk.effects import Alarm, SnapshotWanted
from gateway.links.asterisk.scenario import WholeSwitch
from model.core import CallModel
from model.events import MismatchEvent
from model.ids import Microseconds
from model.states import LinkState
from model.view import Licence, Link
from tests.gateway.links.asterisk.scenario_files import replay, scenarios


def test_there_are_scenarios() -> None:
    assert len(scenarios()) > 40


@pytest.mark.parametrize("path", scenarios(), ids=lambda path: path.stem)
def test_reports_are_those_of_the_file(path: Path) -> None:
    transcript = replay(path).text
    if os.environ.get("REWRITE_SCENARIOS"):
        path.write_text(transcript, encoding="utf-8")
    assert transcript == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", scenarios(), ids=lambda path: path.stem)
def test_the_call_model_takes_them_without_a_mismatch(path: Path) -> None:
    model = CallModel(1, Link(LinkState.UP, "asterisk", "", Microseconds(0)), Licence("evaluation", "", 32, 0, ""))
    mismatches = []
    for effect in replay(path).effects:
        if isinstance(effect, Alarm | SnapshotWanted):
            continue
        if isinstance(effect, WholeSwitch):
            step = model.whole_switch(effect.calls, effect.asked_us, effect.asked_us)
        else:
            step = model.report(effect)
        mismatches += [event for event in step.events if isinstance(event, MismatchEvent)]
    assert mismatches == []
    assert model.snapshot().calls == ()


@pytest.mark.parametrize("path", scenarios(), ids=lambda path: path.stem)
def test_nothing_is_left_behind(path: Path) -> None:
    board = replay(path).normaliser.board
    assert (board.channels, board.calls, board.unanswered, board.retrieving, board.leaving) == ({}, {}, [], [], [])
