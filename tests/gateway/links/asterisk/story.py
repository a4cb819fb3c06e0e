"""A few AMI events written down in a test, and what they give, in the words of the scenario files."""

from gateway.links.asterisk.normalise import Normaliser
from gateway.links.asterisk.scenario import PORTS, describe, read_event
from gateway.portcfg import parse
from model.ids import Microseconds

ANSWERED = """
Newchannel Channel=PJSIP/8001-1 Uniqueid=u1 ChannelStateDesc=Ring CallerIDNum=8001 Exten=8002
Newchannel Channel=PJSIP/8002-2 Uniqueid=u2 ChannelStateDesc=Down Exten=s
DialBegin Channel=PJSIP/8001-1 Uniqueid=u1 Exten=8002 DestChannel=PJSIP/8002-2 DestUniqueid=u2 DialString=8002
Newstate Channel=PJSIP/8002-2 Uniqueid=u2 ChannelStateDesc=Ringing
DialEnd Channel=PJSIP/8001-1 Uniqueid=u1 DestChannel=PJSIP/8002-2 DestUniqueid=u2 DialStatus=ANSWER
BridgeEnter Channel=PJSIP/8002-2 Uniqueid=u2 BridgeUniqueid=B1 BridgeType=basic
BridgeEnter Channel=PJSIP/8001-1 Uniqueid=u1 BridgeUniqueid=B1 BridgeType=basic
"""
"""8001 (u1) and 8002 (u2) speak with one another in bridge B1."""

RINGING = "\n".join(ANSWERED.splitlines()[:5])
"""8001 (u1) calls 8002 (u2), who rings."""

BLIND_TRANSFER = (
    "BlindTransfer Result=Success TransfererChannel=PJSIP/8001-1 TransfererUniqueid=u1 "
    "TransfereeChannel=PJSIP/8002-2 TransfereeUniqueid=u2 Extension=8003"
)
"""8001 sends 8002 on to 8003."""


class Story:
    """A switch that was idle at first."""

    def __init__(self, beginning: str = "") -> None:
        self.normaliser = Normaliser(parse(PORTS.encode()).ports)
        self.normaliser.arm()
        self.now_us = Microseconds(0)
        self.tell(beginning)

    def tell(self, events: str) -> list[str]:
        """More events, a millisecond apart; what they give, in short."""
        told: list[str] = []
        for line in events.splitlines():
            if line.strip():
                self.now_us = Microseconds(self.now_us + 1_000)
                told += map(describe, self.normaliser.receive(read_event(line.strip()), self.now_us))
                told += map(describe, self.normaliser.tick(self.now_us))
        return told

    def wait(self) -> list[str]:
        """A second passes."""
        self.now_us = Microseconds(self.now_us + 1_000_000)
        return [describe(effect) for effect in self.normaliser.tick(self.now_us)]


def kinds(told: list[str]) -> list[str]:
    """The first two words of each line: what, and to whom."""
    return [" ".join(line.split()[:2]) for line in told]
