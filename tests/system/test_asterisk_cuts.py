"""The connection to a busy Asterisk is cut again and again: no ghost is left, no live call is ended, all ends once."""

from pathlib import Path

import pytest

from model.events import CallEvent, CallEventKind
from model.ids import CallId
from model.reports import TransferReport
from model.states import LinkState
from tests.peers import sipp
from tests.peers.asterisk import Unavailable, free_udp_ports
from tests.peers.sipp import Count, Sipp
from tests.system.asterisk_site import Listener, need_asterisk, site
from tests.waiting import until

CALLS, CALLS_PER_SECOND, TALK_MS = 300, 20, 1_500
CUTS = 4
CALLS_BETWEEN = 15
EXTENSIONS = [str(number) for number in range(8001, 8090)]


@pytest.mark.timeout(120)
async def test_cuts_under_load(tmp_path: Path) -> None:
    need_asterisk()
    try:
        sipp.sipp_program()
    except Unavailable as reason:
        pytest.skip(str(reason))
    phone_port, caller_port = free_udp_ports(2)
    async with site(dict.fromkeys(EXTENSIONS, phone_port)) as here:
        switch_port = here.asterisk.addresses.sip
        phones = Sipp(tmp_path, "phones", sipp.phone_answers(100), switch_port, phone_port)
        callers = Sipp(tmp_path, "callers", sipp.caller_talks(TALK_MS), switch_port, caller_port)
        async with sipp.stopped_at_end([phones, callers]):
            phones.start(EXTENSIONS)
            callers.start([f"8{one}" for one in EXTENSIONS], "-r", str(CALLS_PER_SECOND), "-m", str(CALLS))
            for cut in range(1, CUTS + 1):
                await _more_calls(here.heard, CALLS_BETWEEN)
                here.link.cut()
                await _up_again(here.heard, cut + 1)
            assert await callers.ended() == Count(CALLS, 0), callers.errors()
            await until(lambda: not here.heard.model.snapshot().calls)
            await until(lambda: not here.link.normaliser.board.channels)
        heard = here.heard
        ended = heard.calls_ended()
        assert sorted(ended) == sorted(heard.calls_begun()), "every call ended, once"
        assert len(ended) <= CALLS, "no party was taken for a call of its own"
        assert [one for one in heard.reports if isinstance(one, TransferReport)] == [], "nobody transfers or confers"
        assert len(ended) >= CALLS // 2, "a call of two seconds goes unseen only within a cut"
        assert _revived(heard) == set(), "no call lived on under another name after a snapshot had ended it"
        assert heard.alarms == []
        print({"calls": len(ended), "reconciled": _reconciled(heard), "mismatches": len(heard.mismatches())})


async def _more_calls(heard: Listener, count: int) -> None:
    wanted = len(heard.calls_begun()) + count
    await until(lambda: len(heard.calls_begun()) >= wanted)


async def _up_again(heard: Listener, times: int) -> None:
    await until(lambda: _times_up(heard) == times)


def _times_up(heard: Listener) -> int:
    return sum(state is LinkState.UP for state, _ in heard.states)


def _reconciled(heard: Listener) -> int:
    return sum(isinstance(event, CallEvent) and event.kind is CallEventKind.RECONCILED for event in heard.events)


def _revived(heard: Listener) -> set[str]:
    """Switch ids that belonged to more than one call: the first of them was ended while it lived."""
    names: dict[str, set[CallId]] = {}
    for event in heard.events:
        for call in event.calls if isinstance(event, CallEvent) else ():
            names.setdefault(call.switch_call_id, set()).add(call.call_id)
    return {name for name, calls in names.items() if len(calls) > 1}
