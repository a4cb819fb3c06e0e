"""The interface itself: addresses, what they take, what they give. Knows no sockets."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from cdr.api import models
from cdr.api.access import Access, TooManyGuesses
from cdr.api.asking import Asked, Asking, NotYours, unfit
from cdr.records import Direction, Result
from cdr.report.page import page_of
from cdr.report.report import By
from cdr.store.diagnosis import StoreFailed
from runtime.texts import Language
from runtime.users_file import User

PAGE_DEFAULT: Final = 100
PAGE_MAX: Final = 1_000
TEXT_MAX: Final = 190
REALM: Final = {"WWW-Authenticate": 'Basic realm="call records", charset="UTF-8"'}


def _refusal(description: str) -> dict[str, Any]:
    """As JSON, whatever the address else gives."""
    return {"description": description, "content": {"application/json": {"schema": models.Refusal.model_json_schema()}}}


REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    401: _refusal("No log-in, or a wrong one"),
    403: _refusal("The role does not see this"),
    429: _refusal("Too many wrong log-ins from this address"),
    503: _refusal("The database does not answer: its code, and what to change"),
}

Word = Annotated[str, Query(max_length=TEXT_MAX)]
Moment = Annotated[str | None, Query(max_length=40, description="2026-01-31, 2026-01-31T08:00:00Z, today, 2h (ago)")]
_basic = HTTPBasic(auto_error=False)


class Refused(HTTPException):
    """An answer with a code and words."""

    def __init__(self, status: int, code: str, text: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, text, headers)
        self.code = code
        self.text = text


async def _who(request: Request, said: Annotated[HTTPBasicCredentials | None, Depends(_basic)]) -> User:
    access: Access = request.app.state.access
    source = request.client.host if request.client is not None else ""
    try:
        user = None if said is None else await access.log_in(said.username, said.password, source)
    except TooManyGuesses:
        text = "too many wrong log-ins from this address; wait a minute"
        raise Refused(429, "too_many_guesses", text) from None
    if user is None:
        raise Refused(401, "log_in_required", "a user and its password (HTTP Basic)", REALM)
    return user


def _asking(request: Request) -> Asking:
    asking: Asking = request.app.state.asking
    return asking


async def _only_what_is_known(request: Request) -> None:
    """A name misspelt would be a filter that lets everything pass, of a name given twice one would count."""
    known = [parameter.alias for parameter in request.scope["route"].dependant.query_params]
    for name in request.query_params:
        if name not in known:
            raise unfit(name, f"there is no such parameter here: {', '.join(known) or 'none at all'}")
        if len(request.query_params.getlist(name)) > 1:
            raise unfit(name, "it is given more than once")


Caller = Annotated[User, Depends(_who)]
Database = Annotated[Asking, Depends(_asking)]
router = APIRouter(responses=REFUSALS, dependencies=[Depends(_only_what_is_known)])


@router.get("/", include_in_schema=False)
async def root() -> RedirectResponse:
    """A browser wants to see something."""
    return RedirectResponse("/v1/report.html")


@router.get("/v1/conversations", response_model=models.Conversations)
async def conversations(
    user: Caller,
    asking: Database,
    begins: Annotated[Moment, Query(alias="from")] = None,
    ends: Annotated[Moment, Query(alias="to")] = None,
    caller: Word = "",
    called: Word = "",
    device: Word = "",
    agent: Word = "",
    queue: Word = "",
    trunk: Word = "",
    direction: Direction | None = None,
    result: Result | None = None,
    incomplete: bool = False,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = PAGE_DEFAULT,
    after: Annotated[str | None, Query(max_length=200, description="`next` of the page before")] = None,
) -> Any:
    """Conversations that the filter lets pass, the oldest first. An agent sees those of its own device."""
    asked = Asked(
        begins, ends, caller, called, device, agent, queue, trunk, direction, result, incomplete, limit, after
    )
    return await _answer(asking.conversations, user, asked)


@router.get(
    "/v1/conversations/{conversation_id}",
    response_model=models.Story,
    responses={404: _refusal("There is none, or it is not yours")},
)
async def conversation(user: Caller, asking: Database, conversation_id: str) -> Any:
    """One conversation with its legs, segments, queue visits, IVR sessions and problems."""
    found = await _answer(asking.story, user, conversation_id)
    if found is None:
        raise Refused(404, "not_found", "there is no such conversation, or it is not yours to see")
    return found


@router.get("/v1/reports/{by}", response_model=models.ReportForm)
async def report(
    user: Caller,
    asking: Database,
    by: By,
    begins: Annotated[Moment, Query(alias="from")] = "today",
    ends: Annotated[Moment, Query(alias="to")] = None,
    within: Annotated[float, Query(ge=0, le=86_400)] = 20.0,
    direction: Direction | None = Direction.INBOUND,
) -> Any:
    """Counts by hour, day, queue, agent or trunk."""
    return await _answer(asking.report_form, user, by, begins or "today", ends, within, direction)


@router.get("/v1/report.html", response_class=HTMLResponse)
async def report_page(
    user: Caller,
    asking: Database,
    begins: Annotated[Moment, Query(alias="from")] = "today",
    ends: Annotated[Moment, Query(alias="to")] = None,
    within: Annotated[float, Query(ge=0, le=86_400)] = 20.0,
    lang: Language = Language.EN,
) -> HTMLResponse:
    """The reports of a time with charts, as a page."""
    reports = await _answer(asking.reports, user, tuple(By), begins or "today", ends, within, Direction.INBOUND)
    made = datetime.now(UTC).astimezone(asking.zone)
    page = await run_in_threadpool(page_of, reports, made, lang)
    return HTMLResponse(page, headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"})


async def _answer(ask: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return await run_in_threadpool(ask, *arguments)
    except NotYours as error:
        raise Refused(403, "not_permitted", str(error)) from None
    except StoreFailed as failed:
        trouble = failed.diagnosis.trouble
        raise Refused(503, f"database_{trouble.label}", failed.diagnosis.render()) from failed


async def _told(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    return JSONResponse({"code": error.code, "text": error.text}, error.status_code, error.headers)


def application(access: Access, asking: Asking) -> FastAPI:
    """The interface for these users over this database."""
    app = FastAPI(
        title="Call records",
        version="1",
        description="Read-only. Moments are UTC, spans are seconds; what the fields mean is in docs/cdr.md.",
        docs_url=None,
        redoc_url=None,
        exception_handlers={Refused: _told},
    )
    app.state.access, app.state.asking = access, asking
    app.include_router(router)
    return app
