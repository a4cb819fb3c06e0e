"""No secret of a log-in stands in a capture; everything else stands as it was."""

import pytest

from gateway.capture.secrets_masked import covered
from gateway.links.asterisk.ami import build_action

KEY = [("ActionID", "ultra-1-2"), ("AuthType", "MD5"), ("Username", "cti"), ("Key", "0123456789abcdef" * 2)]


@pytest.mark.parametrize("headers", [KEY, [("Username", "cti"), ("Secret", "s3cret"), ("Events", "on")]])
def test_a_log_in_is_covered(headers: list[tuple[str, str]]) -> None:
    login = build_action("Login", headers)
    shown = covered(build_action("Ping", []) + login + build_action("Filter", [("Operation", "Add")]))
    assert headers[-2][1].encode() not in shown or headers[-2][0] == "Username"
    assert b"s3cret" not in shown
    assert b"0123456789abcdef" not in shown
    assert b"Username: cti\r\n" in shown
    assert covered(shown) == shown


def test_nothing_else_is() -> None:
    other = build_action("Originate", [("Variable", "Key: 7"), ("Exten", "8001")])
    assert covered(other) == other
