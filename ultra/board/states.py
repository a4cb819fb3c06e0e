"""How states look on a screen: a mark that needs no colour, a colour, a word. Tables only."""

from typing import Final

from model.states import DeviceState, LinkState, PortKind

STYLE_GOOD: Final = "bold green"
STYLE_WAITING: Final = "bold yellow"
STYLE_BAD: Final = "bold white on red"
STYLE_QUIET: Final = "bright_black"

DEVICE_LOOKS: Final[dict[DeviceState, tuple[str, str]]] = {
    DeviceState.NOT_CONFIGURED: ("?", STYLE_QUIET),
    DeviceState.IDLE: ("·", "green"),
    DeviceState.OFF_HOOK: ("○", "cyan"),
    DeviceState.DIALLING: ("◌", "bold cyan"),
    DeviceState.RINGING: ("▲", STYLE_WAITING),
    DeviceState.TALKING: ("●", "bold red"),
    DeviceState.HELD: ("‖", "bold magenta"),
    DeviceState.QUEUED: ("≡", STYLE_WAITING),
    DeviceState.FAILED: ("✗", STYLE_BAD),
    DeviceState.OUT_OF_SERVICE: ("×", "red"),
    DeviceState.UNLICENSED: ("§", STYLE_QUIET),
    DeviceState.UNKNOWN: ("?", "yellow"),
}
"""Mark and style; every mark is one cell wide."""

LINK_STYLES: Final[dict[LinkState, str]] = {
    LinkState.DOWN: STYLE_BAD,
    LinkState.CONNECTING: STYLE_WAITING,
    LinkState.LOGGING_IN: STYLE_WAITING,
    LinkState.INITIALISING: STYLE_WAITING,
    LinkState.UP: STYLE_GOOD,
    LinkState.REFUSED: STYLE_BAD,
    LinkState.DEGRADED: STYLE_WAITING,
}

GROUPS: Final[tuple[tuple[PortKind, str], ...]] = (
    (PortKind.TRUNK, "外线 Trunks"),
    (PortKind.EXT, "分机 Extensions"),
    (PortKind.IVR, "语音 IVR ports"),
    (PortKind.QUEUE, "排队 Queues"),
)
"""The grids in the order in which they stand on the screen."""
