"""What a daemon says of itself in one page: good or not, and each reason with a stable code. Pure.

Text for people, JSON for programs; in English like the log, since codes are what others translate.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from runtime.http_page import JSON, Page
from runtime.problems import Severity
from runtime.texts import visible


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a daemon is not whole. ERROR: it does not do its job; WARNING: it does, and somebody should look.

    `code` is snake_case and never changes its meaning; `text` says it in words.
    """

    code: str
    text: str
    severity: Severity = Severity.ERROR


def is_good(reasons: Sequence[Reason]) -> bool:
    """Whether nothing keeps the daemon from its job."""
    return not any(reason.severity is Severity.ERROR for reason in reasons)


def page(good: str, reasons: Sequence[Reason], *, as_json: bool) -> Page:
    """The page with the reasons, errors first; 503 when one is an error. `good` is what the daemon then is not."""
    in_order = sorted(reasons, key=lambda reason: reason.severity is not Severity.ERROR)
    is_well = is_good(reasons)
    status = HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE
    if as_json:
        listed = [{"code": one.code, "severity": one.severity.value, "text": one.text} for one in in_order]
        told = json.dumps({good: is_well, "reasons": listed}, ensure_ascii=False)
        return Page(f"{told}\n".encode("utf-8", "replace"), status, JSON)
    lines = [good if is_well else f"not {good}"]
    lines += [f"{one.severity.value} {one.code}: {visible(one.text)}" for one in in_order]
    return Page(("\n".join(lines) + "\n").encode("utf-8", "replace"), status)
