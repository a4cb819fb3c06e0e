"""The files of a demonstration site in a folder: port.cfg, a licence of its own, gateway.toml, cdr.toml. Writes files
only."""

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
listen = "127.0.0.1:{listen_port}"

[licence]
file = "../licence.toml"
public_key = "{public_key}"
clock_file = "../var/licence-clock"

[journal]
folder = "../var/journal"
{consumers}
[log]
level = "info"
format = "json"
"""

_CDR_TOML = """\
[gateway]
server = "{gateway}"

[database]
url = "{url}"

[records]
zone = "{zone}"

[metrics]
listen = "127.0.0.1:0"

[log]
level = "info"
format = "json"
"""

SQLITE = "sqlite:///../var/cdr.db"


@dataclass(frozen=True, slots=True)
class DemoSite:
    """What is shown: extension ranges (``1000-1099``), their count, trunks T001 and on."""

    extensions: Sequence[str]
    seats: int
    trunks: int
    has_records: bool = False
    """Call records are kept: the gateway holds events back for them."""


def write_site(folder: Path, site: DemoSite, switch_port: int, listen_port: int = 0) -> Path:
    """Write the files; the path of gateway.toml. The licence is signed by a vendor that exists for this moment only.
    The gateway listens where the system chooses, unless ``listen_port`` says where."""
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
    consumers = 'consumers = ["cdr"]\n' if site.has_records else ""
    text = _GATEWAY_TOML.format(
        switch_port=switch_port, listen_port=listen_port, public_key=public_key, consumers=consumers
    )
    config.write_text(text, "utf-8")
    return config


def write_cdr(folder: Path, gateway: str, url: str = SQLITE, zone: str = "UTC") -> Path:
    """Write the settings of the call records beside the others; the path of cdr.toml."""
    config = folder / "etc" / "cdr.toml"
    config.touch(0o600)
    config.write_text(_CDR_TOML.format(gateway=gateway, url=url, zone=zone), "utf-8")
    return config
