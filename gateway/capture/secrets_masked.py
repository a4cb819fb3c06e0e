"""What we send to log in, with its secrets covered: a capture goes to others. Pure.

Both the capture and its replay cover in the same way, so what was sent can still be compared. AMI's log-in is an answer
to a challenge (``Key``), or the secret itself (``Secret``). Our CSTA XML log-in names no password (ECMA-354 6.1).
"""

import re

_AMI = re.compile(rb"(?im)^(key|secret):[^\r\n]*")


def covered(outgoing: bytes) -> bytes:
    """The same with every secret replaced by stars, of one length whatever theirs was."""
    if b"Action: Login" not in outgoing:
        return outgoing
    return _AMI.sub(lambda found: found[1] + b": ********", outgoing)
