"""How a session with the switch is opened and kept: application session (ECMA-354) or SystemRegister. Pure.

Which of them is the profile's. A refusal ends the attempt; the link tries again later.
"""

from collections.abc import Callable

from gateway.links.csta_xml import namespaces
from gateway.links.csta_xml.conversation import Conversation
from gateway.links.csta_xml.keep_alive import SessionTimer
from gateway.links.csta_xml.messages import (
    CSTAErrorCode,
    RequestTypes,
    ResetApplicationSessionTimer,
    ResetApplicationSessionTimerPosResponse,
    StartApplicationSession,
    StartApplicationSessionNegResponse,
    StartApplicationSessionPosResponse,
    StopApplicationSession,
    SystemRegister,
    SystemRegisterResponse,
)
from gateway.links.csta_xml.outstanding import Answer, NoAnswer
from gateway.links.csta_xml.problems import ParseProblem, UnknownMessage
from gateway.links.csta_xml.profiles import ProfileTraits

SESSION_SECONDS_ASKED = 180
"""What we ask for; the switch's actual duration counts, and is reset at half of it (ECMA-354 6.3)."""
APPLICATION_ID = "ultralnk"


class LogIn:
    """The way in. ``opened`` is called when we are in, ``refused`` and ``lost`` (in words) when not, or no longer."""

    def __init__(
        self,
        traits: ProfileTraits,
        conversation: Conversation,
        now: Callable[[], float],
        opened: Callable[[], None],
        refused: Callable[[str], None],
        lost: Callable[[str], None],
    ) -> None:
        self._traits = traits
        self._conversation = conversation
        self._opened = opened
        self._refused = refused
        self._lost = lost
        self._timer = SessionTimer(now)
        self._session_id: str | None = None
        self._is_registering = False

    def start(self) -> None:
        """The connection is open: say who we are, unless the switch speaks first."""
        if self._traits.application_session:
            versions = namespaces.SUPPORTED_VERSIONS
            request = StartApplicationSession(APPLICATION_ID, versions, SESSION_SECONDS_ASKED)
            self._conversation.ask_first(request, self._session_started)
        elif not self._traits.switch_status_first:
            self._register()

    def status_heard(self) -> None:
        """The switch has spoken by SystemStatus."""
        if self._traits.switch_status_first:
            self._register()

    def deadline(self) -> float | None:
        """When ``tick`` is next due."""
        return self._timer.due_seconds

    def tick(self) -> None:
        """Prolong the session when half of it is over."""
        if self._session_id is not None and self._timer.take_due():
            request = ResetApplicationSessionTimer(self._session_id, SESSION_SECONDS_ASKED)
            self._conversation.ask_first(request, self._prolonged)

    def say_goodbye(self) -> None:
        """Stop the application session; nobody waits for the answer."""
        if self._session_id is not None:
            self._conversation.last_words(StopApplicationSession(self._session_id, defined_end_reason="normal"))

    def _session_started(self, answer: Answer) -> None:
        if isinstance(answer, StartApplicationSessionPosResponse):
            self._session_id = answer.session_id
            if answer.actual_protocol_version in namespaces.SUPPORTED_VERSIONS:
                self._conversation.namespace = answer.actual_protocol_version
            self._granted(answer.actual_session_duration)
            if self._traits.system_register:
                self._register()
            else:
                self._opened()
        elif isinstance(answer, StartApplicationSessionNegResponse):
            self._refused(f"the switch refused the log-in: {answer.defined_error or answer.appl_error or 'no reason'}")
        elif isinstance(answer, NoAnswer):
            self._lost(f"the log-in: {answer.why.value}")
        else:
            self._refused(f"the switch did not accept the application session: {said(answer)}")

    def _granted(self, duration: int | None) -> None:
        self._timer.granted(SESSION_SECONDS_ASKED if duration is None else duration)

    def _prolonged(self, answer: Answer) -> None:
        if isinstance(answer, ResetApplicationSessionTimerPosResponse):
            self._granted(answer.actual_session_duration)
        elif not (isinstance(answer, NoAnswer) and answer.is_final):
            self._lost(f"the switch did not prolong the session: {said(answer)}")

    def _register(self) -> None:
        if not self._is_registering:
            self._is_registering = True
            request = SystemRegister(RequestTypes(system_status=True, request_system_status=True))
            self._conversation.ask_first(request, self._registered)

    def _registered(self, answer: Answer) -> None:
        if isinstance(answer, SystemRegisterResponse):
            self._opened()
        elif isinstance(answer, NoAnswer):
            self._lost(f"SystemRegister: {answer.why.value}")
        else:
            self._refused(f"the switch refused SystemRegister: {said(answer)}")


def said(answer: Answer) -> str:
    """An unexpected answer in words."""
    if isinstance(answer, NoAnswer):
        return answer.why.value
    if isinstance(answer, CSTAErrorCode):
        return f"{answer.category.value} {answer.value}".strip()
    if isinstance(answer, StartApplicationSessionNegResponse):
        return answer.defined_error or answer.appl_error or "no reason"
    return str(answer) if isinstance(answer, ParseProblem | UnknownMessage) else type(answer).__name__
