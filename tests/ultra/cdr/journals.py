"""A gateway's journal and the records that its daemon wrote, made by the shipped processes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.system.cdr_process import recording
from tests.system.csta_site import csta_site
from tests.waiting import until
from ultra.demo_site import DemoSite, write_cdr

SITE = DemoSite(("1000-1009",), 10, 2, has_records=True)


@asynccontextmanager
async def recorded(folder: Path) -> AsyncIterator[tuple[str, ...]]:
    """Two calls are over, one goes on; the options that name journal and database. The gateway runs."""
    async with csta_site(folder, SITE, "--idle") as site:
        config = write_cdr(folder, str(site.subscriber.server))
        async with recording(config, site.subscriber.server) as cdr:
            for caller, called in (("1000", "1001"), ("1002", "1003")):
                await site.ask_switch(f"call {caller} {called}", f"answer {called}", f"hangup {caller}")
            await until(lambda: site.subscriber.mirror is not None and not site.subscriber.mirror.calls)
            await site.ask_switch("call 1004 1005", "answer 1005")
            await cdr.written()
        yield "--from", str(folder / "var" / "journal"), "--config", str(config)
