"""Every request that the codec knows is served, or known not to be."""

from gateway.links.csta_xml import messages as m
from simulator.services import SERVICES, perform
from tests.simulator.stage import Stage

OF_THE_SESSION = (m.SystemStatus, m.RequestSystemStatus, m.SystemRegister, m.GetSwitchingFunctionDevices)
"""Answered by the session itself."""
OF_ROUTEING = (
    m.RouteRegister,
    m.RouteRegisterCancel,
    m.RouteSelect,
    m.RouteUsed,
    m.ReRoute,
    m.RouteEnd,
    m.RouteRequest,
)
"""This switch routes by itself."""


def test_what_is_no_request_is_not_served() -> None:
    assert perform(Stage().switch, 1, m.AnswerCallResponse()) is None
    assert perform(Stage().switch, 1, m.RouteRegister()) is None


def test_each_request_that_has_a_response_is_served() -> None:
    requests = {
        getattr(m, name.removesuffix("Response"))
        for name in m.__all__
        if name.endswith("Response") and "Session" not in name
    }
    assert requests - set(SERVICES) == set(OF_THE_SESSION) | {m.RouteRegister, m.RouteRegisterCancel}
    assert not set(SERVICES) & set(OF_ROUTEING)
