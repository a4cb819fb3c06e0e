"""A masked copy is a capture like any other: it is played, and differs from the original by the numbers alone."""

import re
from pathlib import Path

from gateway.capture.header import read_header
from gateway.capture.masked_copy import MaskedCopy
from gateway.capture.part_files import parts_in
from tests.gateway.capture.captured import captured, frames_of, records_of
from tests.gateway.capture.scripted import Script

CALLER = "13800001111"


def copied(part: Path, folder: Path) -> MaskedCopy:
    """Make a copy of a part."""
    copy = MaskedCopy(part.name, folder)
    for record in records_of(part):
        copy.play(record)
    copy.end()
    return copy


def alike(part: Path, copy: MaskedCopy, folder: Path) -> int:
    """The copy's frames are the original's, but for the numbers; how many bear one."""
    assert copy.mask is not None
    (made,) = parts_in(folder)
    frames, masked = frames_of(part), frames_of(made)
    number = re.compile(re.escape(CALLER).encode())
    other = copy.mask.number(CALLER).encode()
    assert masked == [number.sub(other, frame) for frame in frames]
    assert CALLER.encode() not in made.read_bytes()
    assert read_header(records_of(made)[0].content).masked_numbers
    return sum(CALLER.encode() in frame for frame in frames)


def test_of_an_asterisk_with_a_call_that_a_chunk_cuts(tmp_path: Path) -> None:
    script = Script(tmp_path / "raw", b"TRUNK T001 endpoint=PJSIP/gate\nEXT 8001-8002\n")
    script.logs_in()
    about = "Channel: PJSIP/gate-1|Uniqueid: 1795000000.7"
    block = f"Event: Newchannel|{about}|ChannelStateDesc: Ring|CallerIDNum: {CALLER}|Exten: 8001".replace("|", "\r\n")
    script.says_raw(block[: block.index(CALLER) + 4])
    script.says_raw(block[block.index(CALLER) + 4 :] + "\r\n\r\n")
    rings(script, about)
    part = script.part()
    assert alike(part, copied(part, tmp_path / "masked"), tmp_path / "masked") > 2


def test_of_a_part_that_begins_in_the_middle_of_a_line(tmp_path: Path) -> None:
    script = Script(tmp_path / "raw", b"TRUNK T001 endpoint=PJSIP/gate\nEXT 8001-8002\n", part_bytes=1)
    script.logs_in()
    about = "Channel: PJSIP/gate-1|Uniqueid: 1795000000.7"
    block = f"Event: Newchannel|{about}|ChannelStateDesc: Ring|CallerIDNum: {CALLER}|Exten: 8001".replace("|", "\r\n")
    script.says_raw(block[: block.index(CALLER) + 4])
    script.says_raw(block[block.index(CALLER) + 4 :] + "\r\n\r\n")
    rings(script, about)
    script.part()
    parts = parts_in(tmp_path / "raw")
    bear = [alike(part, copied(part, tmp_path / part.stem), tmp_path / part.stem) for part in parts]
    assert sum(bear) > 2


def rings(script: Script, about: str) -> None:
    """The caller's call rings at 8001, and ends."""
    phone = "Channel: PJSIP/8001-2|Uniqueid: 1795000000.8"
    there = phone.replace("Channel", "DestChannel").replace("Uniqueid", "DestUniqueid")
    script.says(f"Event: Newchannel|{phone}|ChannelStateDesc: Down|Exten: s")
    script.says(f"Event: DialBegin|{about}|CallerIDNum: {CALLER}|Exten: 8001|{there}|DialString: 8001")
    script.says(f"Event: Hangup|{phone}|Cause: 16", f"Event: Hangup|{about}|Cause: 16")


async def test_of_a_csta_switch(tmp_path: Path) -> None:
    async with captured(tmp_path / "raw") as site:
        site.act(f"call_in {CALLER} 1001")
        await site.states("1001", "ringing")
        site.act("answer 1001")
        await site.states("1001", "talking")
        site.act("hangup 1001")
        await site.states("1001", "idle")
    (part,) = parts_in(tmp_path / "raw")
    assert alike(part, copied(part, tmp_path / "masked"), tmp_path / "masked") > 2
