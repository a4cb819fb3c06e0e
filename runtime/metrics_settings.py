"""The `[metrics]` table of every daemon's configuration. Declarations only, so that to read a file loads no more."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from runtime.expected import Expected
from runtime.loopback import LoopbackAddress, form, loopback_address


def _off_or_loopback(written: str) -> str:
    if written:
        loopback_address(written)
    return written


class MetricsSettings(BaseModel):
    """`[metrics]`: where metrics and health are told."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    listen: Annotated[str, AfterValidator(_off_or_loopback), Expected(form())] = ""
    """Empty: nothing is listened on."""

    @property
    def address(self) -> LoopbackAddress | None:
        """Where to listen; None when nowhere."""
        return loopback_address(self.listen) if self.listen else None
