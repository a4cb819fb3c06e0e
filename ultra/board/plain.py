"""The state of a gateway in one line, where there is no terminal to draw on. Pure."""

from model.states import PortKind
from ultra.board.rows import counts, device_rows, no_connection
from ultra.event_lines import printable
from ultra.watching import Watch

NAMES = {PortKind.TRUNK: "trunks", PortKind.EXT: "extensions", PortKind.IVR: "ivr", PortKind.QUEUE: "queues"}


def plain_line(watch: Watch, clock: str, now: float) -> str:
    """``19:55:21 link up; trunks 6 talking 24 idle; extensions …; 12 calls, 3.0 calls/s, 14.2 events/s``."""
    if watch.mirror is None:
        return f"{clock} {printable(str(watch.trouble or 'waiting for the snapshot'))}"
    link = watch.mirror.link
    if watch.trouble is not None:
        link = no_connection(watch.mirror, f"no connection to the gateway: {watch.trouble}")
    reason = f" ({printable(link.reason)})" if link.reason and not link.state.is_up else ""
    parts = [f"link {link.state.name.lower().replace('_', ' ')}{reason}"]
    parts += [printable(f"{code} {subject}".rstrip()) for code, subject in sorted(watch.mirror.conditions)]
    rows = device_rows(watch.mirror, link)
    for kind, name in NAMES.items():
        by_state = counts(row for row in rows if row.kind is kind)
        if by_state:
            words = " ".join(f"{by_state[state]} {state.name.lower()}" for state in sorted(by_state))
            parts.append(f"{name} {words}")
    parts.append(
        f"{watch.calls_live} calls, {watch.call_rate.per_second(now):.1f} calls/s,"
        f" {watch.event_rate.per_second(now):.1f} events/s"
    )
    return f"{clock} {'; '.join(parts)}"
