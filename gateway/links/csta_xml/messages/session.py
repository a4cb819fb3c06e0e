"""The application session that frames a conversation with the switch (ECMA-354). Durations are seconds."""

from __future__ import annotations

from typing import Annotated

from gateway.links.csta_xml.messages.elements import At, SessionMessage
from gateway.links.csta_xml.messages.value import value


@value
class StartApplicationSession(SessionMessage):
    application_id: Annotated[str, At("applicationInfo/applicationID")]
    requested_protocol_versions: Annotated[
        tuple[str, ...], At("requestedProtocolVersions", item="protocolVersion")
    ] = ()
    requested_session_duration: int | None = None


@value
class StartApplicationSessionPosResponse(SessionMessage):
    """`actual_session_duration` is what counts, not what was asked for."""

    session_id: str
    actual_protocol_version: str | None = None
    actual_session_duration: int | None = None


@value
class StartApplicationSessionNegResponse(SessionMessage):
    """One of: invalidApplicationInfo, requestedProtocolVersionNotSupported, serverResourcesBusy, maxNumberSessions as
    `defined_error`, or the server's own words as `appl_error`."""

    appl_error: Annotated[str | None, At("errorCode/applError")] = None
    defined_error: Annotated[str | None, At("errorCode/definedError")] = None


@value
class ResetApplicationSessionTimer(SessionMessage):
    session_id: str
    requested_session_duration: int | None = None


@value
class ResetApplicationSessionTimerPosResponse(SessionMessage):
    actual_session_duration: int | None = None


@value
class ResetApplicationSessionTimerNegResponse(SessionMessage):
    """`defined_error`: invalidSessionID or serverCannotResetSessionTimer."""

    appl_error: Annotated[str | None, At("errorCode/applError")] = None
    defined_error: Annotated[str | None, At("errorCode/definedError")] = None


@value
class StopApplicationSession(SessionMessage):
    session_id: str
    app_end_reason: Annotated[str | None, At("sessionEndReason/appEndReason")] = None
    defined_end_reason: Annotated[str | None, At("sessionEndReason/definedEndReason")] = None


@value
class StopApplicationSessionPosResponse(SessionMessage):
    pass


@value
class StopApplicationSessionNegResponse(SessionMessage):
    """`defined_error`: invalidSessionID."""

    appl_error: Annotated[str | None, At("errorCode/applError")] = None
    defined_error: Annotated[str | None, At("errorCode/definedError")] = None


@value
class ApplicationSessionTerminated(SessionMessage):
    """The server ended the session by itself; no reply. `defined_reason`: resourceLimitation, sessionTimerExpired."""

    session_id: str
    defined_reason: Annotated[str | None, At("sessionTermReason/definedTermReason")] = None
    server_reason: Annotated[str | None, At("sessionTermReason/serverTermReason")] = None
