"""Why a connection could not be opened: each reason tells an operator where to look."""

import errno
import socket

import pytest

from gateway.links.reachability import why_not_connected


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "name not found: 'pbx'; check [switch] host"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "refused: nothing listens at pbx:8800"),
        (TimeoutError(), "host unreachable: pbx:8800 did not answer in time; check cable"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "host unreachable: pbx:8800: No route to host"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "host unreachable: pbx:8800: Network is unreachable"),
        (OSError(errno.EMFILE, "Too many open files"), "cannot connect to pbx:8800: [Errno"),
    ],
)
def test_reasons(error: BaseException, words: str) -> None:
    assert why_not_connected(error, "pbx", 8800).startswith(words)
