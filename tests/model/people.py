"""Random people at their phones: picks what can be done now at a MiniSwitch and does it."""

from random import Random

from model.states import ConnectionState as S
from tests.model.mini_switch import MiniSwitch


def act(switch: MiniSwitch, dice: Random) -> None:
    """One thing somebody does; nothing if nobody can."""
    possible = [*_beginnings(switch), *_at_phones(switch)]
    if possible:
        name, *args = dice.choice(sorted(possible))
        getattr(switch, name)(*args)


def hang_up_all(switch: MiniSwitch) -> None:
    while switch.calls:
        call_id, call = next(iter(switch.calls.items()))
        switch.hang_up(call_id, next(iter(call.parties)))


def _beginnings(switch: MiniSwitch) -> list[tuple[str, ...]]:
    free = [e for e in switch.extensions if switch.is_free(e)]
    trunks = [t for t in switch.trunks if switch.is_free(t)]
    targets = switch.extensions
    found: list[tuple[str, ...]] = [("dial", a, b) for a in free[:2] for b in targets if a != b]
    found += [("ring_in", t, "138000", b) for t in trunks[:1] for b in free[:2]]
    found += [("dial_out", a, t, "139000") for t in trunks[:1] for a in free[:1]]
    return found


def _at_phones(switch: MiniSwitch) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for call_id, call in switch.calls.items():
        for key, party in call.parties.items():
            if key in switch.trunks:
                found.append(("hang_up", call_id, key))
                continue
            connected = switch.legs_of(key, S.CONNECTED)
            found.append(("hang_up", call_id, key))
            if party.state is S.ALERTING and not connected:
                found.append(("answer", call_id, key))
                found += [("divert", call_id, key, c) for c in switch.extensions if switch.is_free(c)][:1]
            elif party.state is S.CONNECTED and _someone_talks(call, key):
                found.append(("hold", call_id, key))
                found += [("blind_transfer", call_id, key, c) for c in switch.extensions if switch.is_free(c)][:1]
                for held in switch.legs_of(key, S.HOLD):
                    found += [("transfer", held, call_id, key), ("conference", held, call_id, key)]
            elif party.state is S.HOLD and not connected:
                found.append(("retrieve", call_id, key))
                found += [("dial", key, c) for c in switch.extensions if switch.is_free(c)][:1]
    return found


def _someone_talks(call: object, key: str) -> bool:
    return any(p.state in (S.CONNECTED, S.HOLD) for k, p in call.parties.items() if k != key)  # type: ignore[attr-defined]
