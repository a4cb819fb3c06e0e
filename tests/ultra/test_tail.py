"""``ultra tail`` as a process of its own: lines for people and for programs, errors in words, a clean end."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.protocol.running import Site, serving
from tests.protocol.samples import EPOCH, established, link_event
from tests.waiting import until
from ultra.tail import INTERRUPTED

COMMAND = "from ultra.tail import tail; tail(prog_name='ultra tail')"
SECONDS_MAX = 20.0

Process = asyncio.subprocess.Process


@asynccontextmanager
async def tail(*arguments: str, server: object) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", COMMAND, "--server", str(server), *arguments,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "TZ": "UTC", "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def line_of(stream: asyncio.StreamReader | None) -> str:
    assert stream is not None
    async with asyncio.timeout(SECONDS_MAX):
        return (await stream.readline()).decode().rstrip("\n")


async def end_of(process: Process) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    async with asyncio.timeout(SECONDS_MAX):
        out, err = await process.communicate()
    assert process.returncode is not None
    assert "Traceback" not in err.decode()
    return process.returncode, out.decode(), err.decode()


async def subscribed(site: Site) -> None:
    await until(lambda: site.server.stream.audiences == 1)


async def test_json_lines_have_the_four_keys_and_count_ends_it() -> None:
    async with serving() as site, tail("--json", "--count", "3", server=site.address) as process:
        await subscribed(site)
        site.publish(established(1), link_event(2), established(3), established(4))
        code, out, err = await end_of(process)
        assert code == 0
        lines = [json.loads(line) for line in out.splitlines()]
        assert [(line["epoch"], line["number"], line["kind"]) for line in lines] == [
            (EPOCH, 1, "established"),
            (EPOCH, 2, "link_changed"),
            (EPOCH, 3, "established"),
        ]
        assert {line["time"] for line in lines} == {"2026-01-01T00:00:00.000000Z"}
        assert f"site/gateway at {EPOCH}:0" in err
        assert "link up; 4 devices, 0 calls" in err


async def test_lines_for_people_are_plain_in_a_pipe() -> None:
    async with serving() as site, tail("--count", "2", server=site.address) as process:
        await subscribed(site)
        site.publish(established(1), link_event(2))
        _, out, _ = await end_of(process)
        assert out.splitlines() == [
            "00:00:00.000        1 established        8002   8001 → 8002     "
            "8001 ringing→talking 8002 ringing→talking newCall",
            "00:00:00.000        2 link_changed       down csta-xml connection refused",
        ]


async def test_only_the_devices_asked_for() -> None:
    async with serving() as site:
        arguments = ("--json", "--device", "8003", "--device", "T001", "--count", "2")
        async with tail(*arguments, server=site.address) as process:
            await subscribed(site)
            site.publish(established(1), established(2, "8003"), established(3, "T001", "8001"))
            _, out, _ = await end_of(process)
            assert [json.loads(line)["number"] for line in out.splitlines()] == [2, 3]


async def test_from_a_number_that_is_held_and_from_one_that_is_not() -> None:
    async with serving() as site:
        site.publish_many(5)
        async with tail("--json", "--from", f"{EPOCH}:3", "--count", "2", server=site.address) as process:
            _, out, _ = await end_of(process)
            assert [json.loads(line)["number"] for line in out.splitlines()] == [4, 5]
        async with tail("--json", "--from", "7:3", server=site.address) as process:
            gap = json.loads(await line_of(process.stdout))
            assert (gap["kind"], gap["epoch"], gap["number"], gap["reason"]) == ("gap", 7, 4, "other_epoch")
            assert gap["time"]


async def test_a_place_on_disk_is_where_the_next_one_goes_on(tmp_path: Path) -> None:
    place = tmp_path / "place"
    arguments = ("--json", "--place", str(place))
    async with serving() as site:
        async with tail(*arguments, "--count", "2", server=site.address) as process:
            await subscribed(site)
            site.publish(established(1), established(2))
            _, out, _ = await end_of(process)
            assert [json.loads(line)["number"] for line in out.splitlines()] == [1, 2]
        await until(lambda: site.server.session_count == 0)
        site.publish(established(3), established(4))
        async with tail(*arguments, server=site.address) as process:
            assert [json.loads(await line_of(process.stdout))["number"] for _ in range(2)] == [3, 4]
            await until(lambda: place.read_text("ascii").strip() == f"{EPOCH}:4")
            process.kill()
            await process.wait()
        site.publish(established(5))
        async with tail(*arguments, "--count", "1", server=site.address) as process:
            _, out, _ = await end_of(process)
            assert [json.loads(line)["number"] for line in out.splitlines()] == [5]


async def test_a_file_that_holds_no_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "place").write_text("a shopping list")
    async with tail("--place", str(tmp_path / "place"), server="127.0.0.1:1") as process:
        code, _, err = await end_of(process)
        assert code == 1
        assert "--place:" in err
        assert "EPOCH:NUMBER" in err


async def test_it_comes_back_after_the_server_did() -> None:
    async with serving() as site:
        address = site.address
        process_context = tail("--json", server=address)
        process = await process_context.__aenter__()
        await subscribed(site)
        site.publish(established(1))
        assert json.loads(await line_of(process.stdout))["number"] == 1
    async with serving(port=address.port, epoch=EPOCH + 1) as site:
        await subscribed(site)
        gap = json.loads(await line_of(process.stdout))
        assert (gap["kind"], gap["number"]) == ("gap", 2)
        site.publish(established(1))
        event = json.loads(await line_of(process.stdout))
        assert (event["epoch"], event["number"]) == (EPOCH + 1, 1)
    await process_context.__aexit__(None, None, None)


async def test_ctrl_c_is_a_clean_end() -> None:
    async with serving() as site, tail(server=site.address) as process:
        await subscribed(site)
        process.send_signal(signal.SIGINT)
        code, out, _ = await end_of(process)
        assert (code, out) == (INTERRUPTED, "")
        await until(lambda: site.server.session_count == 0)


async def test_a_reader_that_leaves_is_a_clean_end() -> None:
    async with serving() as site:
        read, write = os.pipe()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", COMMAND, "--server", str(site.address), stdout=write, stderr=asyncio.subprocess.PIPE
        )
        os.close(write)
        await subscribed(site)
        os.close(read)
        site.publish(established(1))
        code, _, err = await end_of_stderr(process)
        assert code == 0, err


async def end_of_stderr(process: Process) -> tuple[int, str, str]:
    async with asyncio.timeout(SECONDS_MAX):
        _, err = await process.communicate()
    assert process.returncode is not None
    assert "Traceback" not in err.decode()
    assert "BrokenPipe" not in err.decode()
    return process.returncode, "", err.decode()


async def test_what_cannot_be_reached_is_said_in_words() -> None:
    async with serving() as site:
        address = site.address
    async with tail(server=address) as process:
        code, out, err = await end_of(process)
        assert (code, out) == (1, "")
        assert f"Error: {address}: connection refused; is the daemon running, and on this port?" in err


async def test_another_protocol_is_named() -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/8.0.2\r\n")
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with tail(server=address) as process:
            code, _, err = await end_of(process)
            assert code == 1
            assert f"{address} does not speak ULP" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--server", "127.0.0.1:99999"), "expected HOST:PORT"),
        (("--from", "17"), "expected EPOCH:NUMBER"),
        (("--from", f"1:{1 << 64}"), "beyond 64 bits"),
        (("--count", "0"), "--count"),
    ],
)
async def test_a_wrong_command_line_says_what_was_expected(arguments: tuple[str, ...], said: str) -> None:
    async with tail(*arguments, server="127.0.0.1:1") as process:
        code, _, err = await end_of(process)
        assert code == 2
        assert said in err
