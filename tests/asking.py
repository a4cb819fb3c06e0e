"""How a test asks a daemon's pages: over a real socket, and no more of HTTP than it sends itself."""

import asyncio
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

ANSWER_SECONDS_MAX = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; `headers` has its names in lower case."""

    status: int
    headers: dict[str, str]
    body: str
    values: dict[str, float] = field(default_factory=dict)
    """Of a page of metrics: every sample, as `name` or `name{label="…"}`."""


async def said(port: int, raw: bytes, host: str = "127.0.0.1") -> bytes:
    """What comes back for these bytes until the far end closes; what it cut off in between counts as the end."""
    reader, writer = await asyncio.open_connection(host, port)
    answer = b""
    try:
        async with asyncio.timeout(ANSWER_SECONDS_MAX):
            writer.write(raw)
            await writer.drain()
            while chunk := await reader.read(65_536):
                answer += chunk
    except ConnectionError:
        return answer
    finally:
        writer.close()
    return answer


async def get(port: int, path: str, *headers: str, method: str = "GET") -> Answer:
    """A page."""
    lines = (f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", *headers, "", "")
    return parsed(await said(port, "\r\n".join(lines).encode()))


def parsed(raw: bytes) -> Answer:
    """An answer's bytes; AssertionError when its length is not what it says."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("ascii").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert body == b"" or len(body) == int(headers["content-length"])
    is_metrics = headers.get("content-type", "").startswith("text/plain; version=")
    return Answer(int(first.split()[1]), headers, body.decode(), samples(body.decode()) if is_metrics else {})


def samples(page: str) -> dict[str, float]:
    """Every sample of a page in Prometheus's text format, read by Prometheus's own parser."""
    return {
        one.name + (f"{{{','.join(f'{key}={value}' for key, value in one.labels.items())}}}" if one.labels else ""): (
            one.value
        )
        for family in text_string_to_metric_families(page)
        for one in family.samples
    }
