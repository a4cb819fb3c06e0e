"""The recorder that the settings ask for."""

from gateway.capture.recorder import Captured, CaptureLimits, Recorder
from gateway.config import GIGABYTE, MEGABYTE, GatewaySettings
from runtime.clock import Clock

STREAM_NAME = "gateway"
STREAM_INDEX = 1


def recorder_for(settings: GatewaySettings, clock: Clock) -> Recorder | None:
    """A recorder that has not begun; None where nothing is to be captured."""
    capture, switch = settings.capture, settings.switch
    if capture.folder is None:
        return None
    limits = CaptureLimits(capture.folder, int(capture.part_mb * MEGABYTE), int(capture.keep_gb * GIGABYTE))
    shown = switch.model_dump(mode="json", exclude={"secret", "secret_file"})
    return Recorder(
        limits,
        Captured(STREAM_NAME, STREAM_INDEX, switch.interface.value, switch.profile.value, shown),
        clock,
    )
