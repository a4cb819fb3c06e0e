"""A capture becomes a scenario: trimmed, its ids shortened, with what comes out of it."""

from pathlib import Path

from gateway.capture.part_files import parts_in
from gateway.capture.player import Player
from gateway.capture.scenario import ScenarioWriter, writer_for
from gateway.doors import Door
from gateway.links.asterisk.scenario import transcript_of
from model.states import LinkState
from tests.gateway.capture.captured import captured, records_of
from tests.gateway.capture.scripted import Script


def scenario(part: Path) -> list[str]:
    """The lines of one, without its title."""
    writer = written(part)
    assert writer is not None
    return writer.lines[2:]


def written(part: Path) -> ScenarioWriter | None:
    player, writer = Player(part.name), None
    for record in records_of(part):
        steps = player.steps
        player.play(record)
        if player.is_loaded:
            writer = writer or writer_for(player)
            if writer is not None and player.step is not None and player.steps > steps:
                writer.take(player.step)
    return writer


def test_events_are_trimmed_and_their_ids_shortened(tmp_path: Path) -> None:
    script = Script(tmp_path)
    script.logs_in()
    script.call()
    lines = scenario(script.part())
    assert lines == [
        "at 0 ms",
        "Newchannel Channel=PJSIP/8001-1 Uniqueid=u7 ChannelStateDesc=Ring Exten=8002",
        "    SERVICE_INITIATED 8001 (u7: u7) newCall from=8001 to=8002",
        "at 10 ms",
        "Hangup Channel=PJSIP/8001-1 Uniqueid=u7 Cause=16",
        "    CONNECTION_CLEARED 8001 (u7: u7) normalClearing from=8001 to=8002",
        "at 5010 ms",
    ]
    assert transcript_of(lines).text.splitlines() == lines


def test_it_begins_with_what_a_snapshot_told(tmp_path: Path) -> None:
    script = Script(tmp_path)
    channel = "Channel: PJSIP/8001-1|Uniqueid: 1795000000.7"
    script.logs_in(f"{channel}|ChannelStateDesc: Ring|Application: Dial|Linkedid: 1795000000.7|CallerIDNum: 8001")
    script.says(f"Event: Hangup|{channel}|Cause: 16")
    lines = scenario(script.part())
    assert lines[1].startswith("Status Channel=PJSIP/8001-1 Uniqueid=u7 ")
    assert lines[2] == "StatusComplete"
    assert lines[3].startswith("    CALL u7")


def test_after_a_lost_link_the_next_snapshot_is_told(tmp_path: Path) -> None:
    script = Script(tmp_path)
    script.logs_in()
    script.call()
    script.comes(Door.OVER, LinkState.DOWN, "lost")
    script.logs_in()
    script.call("1795000000.9")
    lines = scenario(script.part())
    assert [line for line in lines if line.startswith("Newchannel")] == [
        "Newchannel Channel=PJSIP/8001-1 Uniqueid=u7 ChannelStateDesc=Ring Exten=8002",
        "Newchannel Channel=PJSIP/8001-1 Uniqueid=u9 ChannelStateDesc=Ring Exten=8002",
    ]


def test_ports_that_matter_are_named_in_ranges(tmp_path: Path) -> None:
    script = Script(tmp_path, b"TRUNK T001-T005 endpoint=PJSIP/gate\nEXT 8001-8002\nEXT 8044\n")
    script.logs_in()
    about = "Channel: PJSIP/gate-1|Uniqueid: 1795000000.7"
    script.says(f"Event: Newchannel|{about}|ChannelStateDesc: Ring|CallerIDNum: 13800001111|Exten: 8001")
    script.says(f"Event: Hangup|{about}|Cause: 16")
    ports = [line for line in scenario(script.part()) if line.startswith("ports")]
    assert ports == ['ports TRUNK T001-T005 endpoint="PJSIP/gate"']


def test_where_nothing_is_known_nothing_is_told(tmp_path: Path) -> None:
    script = Script(tmp_path)
    script.comes(Door.CONNECTING)
    writer = written(script.part())
    assert writer is not None
    assert writer.lines == []


async def test_another_link_has_none(tmp_path: Path) -> None:
    async with captured(tmp_path) as site:
        await site.calls()
    assert written(parts_in(tmp_path)[0]) is None
