"""The call records as they run: shipped processes, a simulated switch's calls, a database that comes and goes."""

import json
import signal
from pathlib import Path

from cdr.records import ConversationRecord, LegRecord, ProblemRecord
from cdr.store.store import Store
from runtime.users_file import UsersFile, user_of, write_users
from tests.asking import get
from tests.cdr.api.serving import PASSWORD, log_in
from tests.system.cdr_process import CdrProcess, recording
from tests.system.csta_site import CstaSite, csta_site
from tests.waiting import until, until_told
from ultra.demo_site import DemoSite, write_cdr

TEN = DemoSite(("1000-1009",), 10, 2, has_records=True)
AWAY = "sqlite:///../far/gone/cdr.db"


def written(folder: Path, file: str = "var/cdr.db") -> list[ConversationRecord]:
    """What stands in the database."""
    store = Store.open(f"sqlite:///{folder / file}")
    try:
        assert store.records(ProblemRecord) == []
        return store.records(ConversationRecord)
    finally:
        store.close()


async def call(site: CstaSite, caller: str, called: str) -> None:
    """A call that is answered and over, everywhere."""
    await site.ask_switch(f"call {caller} {called}", f"answer {called}", f"hangup {caller}")
    await until(lambda: site.subscriber.mirror is not None and not site.subscriber.mirror.calls)


async def is_ready(cdr: CdrProcess) -> bool:
    return (await cdr.ready()).status == 200


async def test_calls_become_records_and_a_restart_goes_on_where_it_was(tmp_path: Path) -> None:
    async with csta_site(tmp_path, TEN, "--idle") as site:
        server = site.subscriber.server
        async with recording(write_cdr(tmp_path, str(server)), server) as cdr:
            await until_told(lambda: is_ready(cdr))
            await call(site, "1000", "1001")
            await cdr.written()
            (one,) = written(tmp_path)
            assert (one.caller, one.called, one.result, one.stream) == ("1000", "1001", "answered", "gateway")
            assert (one.revision, one.complete, one.first_device) == (1, True, "1001")
            await site.ask_switch("call 1002 1003", "answer 1003")
            await cdr.written()
        await site.ask_switch("hangup 1002")
        await call(site, "1004", "1005")
        async with recording(write_cdr(tmp_path, str(server)), server) as cdr:
            await cdr.written()
            assert cdr.faults() == []
        assert [(one.caller, one.complete) for one in written(tmp_path)] == [
            ("1000", True),
            ("1002", True),
            ("1004", True),
        ]


async def test_without_its_database_it_lives_on_and_says_what_is_wrong(tmp_path: Path) -> None:
    async with csta_site(tmp_path, TEN, "--idle") as site:
        server = site.subscriber.server
        config = write_cdr(tmp_path, str(server), AWAY)
        async with recording(config, server) as cdr:
            await until_told(lambda: _says(cdr, ["database_no_folder"]))
            assert (await cdr.ready()).status == 503
            await call(site, "1000", "1001")
            (tmp_path / "far" / "gone").mkdir(parents=True)
            cdr.child.signal(signal.SIGHUP)
            await cdr.written()
            await until_told(lambda: _says(cdr, []))
            assert [one["code"] for one in cdr.events("database_failed")] == ["D014"]
            assert len(cdr.events("database_back")) == 1
        assert [one.caller for one in written(tmp_path, "far/gone/cdr.db")] == ["1000"]


async def test_changed_settings_are_taken_over_without_a_word_lost(tmp_path: Path) -> None:
    async with csta_site(tmp_path, TEN, "--idle") as site:
        server = site.subscriber.server
        config = write_cdr(tmp_path, str(server))
        async with recording(config, server) as cdr:
            await call(site, "1000", "1001")
            await cdr.written()
            config.write_text(config.read_text("utf-8").replace("sqlite:", "sqlight:"), "utf-8")
            cdr.child.signal(signal.SIGHUP)
            await until(lambda: cdr.events("reload_refused"))
            await call(site, "1002", "1003")
            await cdr.written()
            assert len(written(tmp_path)) == 2
            write_cdr(tmp_path, str(server), zone="Asia/Shanghai")
            cdr.child.signal(signal.SIGHUP)
            await until(lambda: cdr.events("reloaded"))
            await call(site, "1004", "1005")
            await cdr.written()
        assert [one.caller for one in written(tmp_path)] == ["1000", "1002", "1004"]


async def test_without_its_gateway_it_says_so_and_comes_back(tmp_path: Path) -> None:
    async with csta_site(tmp_path, TEN, "--idle") as site:
        server = site.subscriber.server
        async with recording(write_cdr(tmp_path, f"{server.host}:1"), server) as cdr:
            await until_told(lambda: _says(cdr, ["gateway_down"]))
            assert cdr.events("database_failed") == []
            write_cdr(tmp_path, str(server))
            cdr.child.signal(signal.SIGHUP)
            await until_told(lambda: _says(cdr, []))

            async def both_up() -> bool:
                figures = await cdr.figures()
                return figures["ultra_cdr_stream_up{stream=gateway}"] == figures["ultra_cdr_database_up"] == 1

            await until_told(both_up)


async def test_what_a_conversation_is_made_of(tmp_path: Path) -> None:
    async with csta_site(tmp_path, TEN, "--idle") as site:
        server = site.subscriber.server
        async with recording(write_cdr(tmp_path, str(server)), server) as cdr:
            await site.ask_switch("call_in 0139111 1000", "answer 1000", "consult 1000 1001", "answer 1001",
                                  "transfer 1000", "hangup 1001")  # fmt: skip
            await until(lambda: site.subscriber.mirror is not None and not site.subscriber.mirror.calls)
            await cdr.written()
        store = Store.open(f"sqlite:///{tmp_path / 'var' / 'cdr.db'}")
        legs = [(one.device, one.role.value, one.ending.value) for one in store.records(LegRecord)]
        assert ("1000", "called", "transferred") in legs
        assert ("1001", "transferred_to", "hung_up") in legs
        store.close()


async def _says(cdr: CdrProcess, codes: list[str]) -> bool:
    return await cdr.reasons() == codes


async def test_the_records_are_read_over_http_and_new_users_come_in_after_a_reload(tmp_path: Path) -> None:
    async with csta_site(tmp_path, TEN, "--idle") as site:
        server = site.subscriber.server
        config = write_cdr(tmp_path, str(server))
        text = config.read_text("utf-8")
        config.write_text(f'{text}\n[api]\nlisten = "127.0.0.1:0"\nusers = "cdr-users.toml"\n', "utf-8")
        users = config.parent / "cdr-users.toml"
        write_users(users, UsersFile(b"0" * 32, (user_of("boss", "supervisor", PASSWORD),)))
        async with recording(config, server) as cdr:
            await call(site, "1000", "1001")
            await cdr.written()
            port = int(cdr.events("api_listening")[0]["listen"].rpartition(":")[2])
            found = await get(port, "/v1/conversations", log_in("boss"), "Connection: close")
            assert [one["caller"] for one in json.loads(found.body)["conversations"]] == ["1000"]
            assert (await get(port, "/v1/conversations", log_in("new"), "Connection: close")).status == 401
            write_users(users, UsersFile(b"0" * 32, (user_of("new", "supervisor", PASSWORD),)))
            cdr.child.signal(signal.SIGHUP)
            await until(lambda: cdr.events("reloaded"))
            assert (await get(port, "/v1/conversations", log_in("new"), "Connection: close")).status == 200
            assert (await get(port, "/v1/conversations", log_in("boss"), "Connection: close")).status == 401


async def test_an_interface_that_cannot_listen_after_a_reload_stops_no_record(tmp_path: Path) -> None:
    async with csta_site(tmp_path, TEN, "--idle") as site:
        server = site.subscriber.server
        config = write_cdr(tmp_path, str(server))
        write_users(config.parent / "cdr-users.toml", UsersFile(b"0" * 32, ()))
        async with recording(config, server) as cdr:
            api = f'[api]\nlisten = "{server}"\nusers = "cdr-users.toml"\n'
            config.write_text(f"{config.read_text('utf-8')}\n{api}", "utf-8")
            cdr.child.signal(signal.SIGHUP)
            await until(lambda: cdr.events("api_not_listening"))
            await call(site, "1000", "1001")
            await cdr.written()
        assert [one.caller for one in written(tmp_path)] == ["1000"]
