"""What the interface gives to whom, over a real socket; what it refuses, with a code; and nothing ends in a crash."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cdr.api.serving import PASSWORD, Interface, interface
from tests.ultra.cdr.databases import database

SCHEMATHESIS_SECONDS_MAX = 200


async def refused(one: Interface, path: str, user: str = "boss", password: str = PASSWORD) -> tuple[int, str]:
    answer = await one.get(path, user, password)
    return answer.status, json.loads(answer.body)["code"]


async def test_pages_follow_one_another(tmp_path: Path) -> None:
    async with interface(database(tmp_path)) as one:
        first = await one.json("/v1/conversations?limit=2")
        assert [row["conversation_id"] for row in first["conversations"]] == ["1:1", "1:2"]
        rest = await one.json(f"/v1/conversations?limit=2&after={first['next']}")
        assert [row["conversation_id"] for row in rest["conversations"]] == ["1:3"]
        assert rest["next"] is None
        found = await one.json("/v1/conversations?result=abandoned&from=2026-01-31&to=2026-02-01")
        assert [row["abandoned_where"] for row in found["conversations"]] == ["queue"]


async def test_a_conversation_with_everything(tmp_path: Path) -> None:
    async with interface(database(tmp_path)) as one:
        found = await one.json("/v1/conversations/1:2")
        assert found["conversation"]["missing"] == ["cti"]
        assert [len(found[name]) for name in ("legs", "segments", "queue_visits")] == [1, 1, 0]
        assert await refused(one, "/v1/conversations/9:9") == (404, "not_found")


async def test_reports_and_their_page(tmp_path: Path) -> None:
    async with interface(database(tmp_path)) as one:
        day = await one.json("/v1/reports/day?from=2026-01-31&to=2026-02-01&within=50")
        assert [(row["name"], row["offered"], row["abandoned_within"]) for row in day["rows"]] == [("2026-01-31", 3, 1)]
        page = await one.get("/v1/report.html?from=2026-01-31&to=2026-02-01&lang=zh")
        assert page.status == 200
        assert "话单" in page.body
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        assert (await one.get("/")).headers["location"] == "/v1/report.html"


async def test_an_agent_sees_its_own_and_no_report(tmp_path: Path) -> None:
    async with interface(database(tmp_path)) as one:
        mine = await one.json("/v1/conversations", "ann")
        assert [row["conversation_id"] for row in mine["conversations"]] == ["1:1", "1:2"]
        assert (await one.get("/v1/conversations/1:1", "ann")).status == 200
        assert await refused(one, "/v1/conversations/1:3", "ann") == (404, "not_found")
        assert await refused(one, "/v1/conversations?device=8002", "ann") == (403, "not_permitted")
        assert await refused(one, "/v1/reports/day", "ann") == (403, "not_permitted")
        assert await refused(one, "/v1/report.html", "ann") == (403, "not_permitted")
        assert (await one.json("/v1/conversations", "bob"))["conversations"] == []
        for other in ("root", "app"):
            assert len((await one.json("/v1/conversations", other))["conversations"]) == 3


async def test_nobody_else_comes_in(tmp_path: Path) -> None:
    async with interface(database(tmp_path)) as one:
        answer = await one.get("/v1/conversations", "boss", "wrong")
        assert answer.status == 401
        assert answer.headers["www-authenticate"].startswith("Basic ")
        assert await refused(one, "/v1/conversations", "nobody") == (401, "log_in_required")
        one.access.users = {}
        assert await refused(one, "/v1/conversations", "boss") == (401, "log_in_required")


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("from=soon", "from"),
        ("to=0000", "to"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("result=odd", "result"),
        ("after=x", "after"),
        ("after=" + "9" * 30, "after"),
        ("quue=6000", "quue"),
        ("queue=6000&queue=6001", "queue"),
    ],
)
async def test_what_cannot_be_asked_is_named(tmp_path: Path, query: str, key: str) -> None:
    async with interface(database(tmp_path)) as one:
        answer = await one.get(f"/v1/conversations?{query}")
        assert answer.status == 422
        assert json.loads(answer.body)["detail"][0]["loc"] == ["query", key]


async def test_a_parameter_of_another_address_is_told_with_those_that_there_are(tmp_path: Path) -> None:
    async with interface(database(tmp_path)) as one:
        answer = await one.get("/v1/report.html?by=queue")
        assert answer.status == 422
        (told,) = json.loads(answer.body)["detail"]
        assert told["loc"] == ["query", "by"]
        assert told["msg"] == "there is no such parameter here: from, to, within, lang"


async def test_a_database_that_is_away_is_told_with_its_code_and_comes_back(tmp_path: Path) -> None:
    (tmp_path / "aside").mkdir()
    database(tmp_path / "aside")
    async with interface(f"sqlite:///{tmp_path / 'cdr.db'}") as one:
        assert await refused(one, "/v1/conversations") == (503, "database_no_database")
        (tmp_path / "aside" / "cdr.db").rename(tmp_path / "cdr.db")
        assert len((await one.json("/v1/conversations"))["conversations"]) == 3


async def test_whatever_its_description_allows_is_answered(tmp_path: Path) -> None:
    """Generated from OpenAPI, each answer held against it: status, type, schema, no server error."""
    async with interface(database(tmp_path)) as one:
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"http://127.0.0.1:{one.port}/openapi.json"),
            *("--auth", f"boss:{PASSWORD}", "--max-examples", "8", "--checks", "all", "--seed", "1"),
            # A moment is a text that the description cannot tell from others.
            *("--exclude-checks", "positive_data_acceptance", "--suppress-health-check", "all"),
        ]
        done = await asyncio.to_thread(
            subprocess.run, command, cwd=tmp_path, capture_output=True, text=True, timeout=SCHEMATHESIS_SECONDS_MAX
        )
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
