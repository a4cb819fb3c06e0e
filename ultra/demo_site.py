"""The files of a demonstration site in a folder: port.cfg, a licence of its own, gateway.toml. Writes files only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.licence_file import Licence, sign
from gateway.licence_keys import PublicKey

QUEUE_NUMBER = "6000"

_PORT_CFG = """\
# The demonstration's devices, as port.cfg of a real site names them.
{trunks}
{extensions}
QUEUE  {queue}       name="客服 Service"
"""

_GATEWAY_TOML = """\
port_cfg = "../port.cfg"

[switch]
interface = "csta-xml"
profile = "standard"
host = "127.0.0.1"
port = {switch_port}

[serve]
listen = "127.0.0.1:0"

[licence]
file = "../licence.toml"
public_key = "{public_key}"
clock_file = "../var/licence-clock"

[journal]
folder = "../var/journal"

[log]
level = "info"
format = "json"
"""


@dataclass(frozen=True, slots=True)
class DemoSite:
    """What is shown: extension ranges (``1000-1099``), their count, trunks T001 and on."""

    extensions: Sequence[str]
    seats: int
    trunks: int


def write_site(folder: Path, site: DemoSite, switch_port: int) -> Path:
    """Write the files; the path of gateway.toml. The licence is signed by a vendor that exists for this moment only."""
    etc = folder / "etc"
    etc.mkdir(parents=True)
    trunks = f"TRUNK  T001-T{site.trunks:03}  group=PSTN" if site.trunks else ""
    extensions = "\n".join(f'EXT    {one}  name="座席 {{number}}"' for one in site.extensions)
    port_cfg = _PORT_CFG.format(trunks=trunks, extensions=extensions, queue=QUEUE_NUMBER)
    (folder / "port.cfg").write_text(port_cfg, "utf-8")
    vendor = Ed25519PrivateKey.generate()
    now = datetime.now(UTC).replace(microsecond=0)
    licence = Licence(id="demo", customer="演示 Demo", seats=site.seats, issued=now, not_before=now.date())
    (folder / "licence.toml").write_text(sign(licence, vendor), "utf-8")
    public_key = PublicKey(vendor.public_key().public_bytes_raw())
    config = etc / "gateway.toml"
    config.write_text(_GATEWAY_TOML.format(switch_port=switch_port, public_key=public_key), "utf-8")
    return config
