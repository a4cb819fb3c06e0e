"""The XML namespaces of CSTA and of the application session, and how each profile of switch uses them.

Incoming messages are matched by local name whatever their namespace; these names matter only for what we send.
"""

from __future__ import annotations

import enum

CSTA_ED3 = "http://www.ecma-international.org/standards/ecma-323/csta/ed3"
CSTA_ED4 = "http://www.ecma-international.org/standards/ecma-323/csta/ed4"
CSTA_ED5 = "http://www.ecma-international.org/standards/ecma-323/csta/ed5"
CSTA_ED6 = "http://www.ecma-international.org/standards/ecma-323/csta/ed6"
APPLICATION_SESSION = "http://www.ecma-international.org/standards/ecma-354/appl_session"
NO_NAMESPACE = ""
"""Given instead of a CSTA namespace, messages are built without xmlns, session messages too."""

SUPPORTED_VERSIONS = (CSTA_ED3, CSTA_ED4, CSTA_ED5, CSTA_ED6)
"""Protocol versions that the codec can speak, the preferred one first."""


class Profile(enum.Enum):
    """The kinds of CSTA XML switch that differ in more than their numbers."""

    STANDARD = "standard"
    OPENSCAPE = "openscape"
