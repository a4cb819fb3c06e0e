"""The CSTA XML codec: `parse(body)` and `build(message, namespace)`, and the values that stand for what cannot be read.

Bodies only; `framing` adds and removes the header. Shared by the gateway's link and by the simulated switch.
"""

from gateway.links.csta_xml.build import build, escape, xml_text_fault
from gateway.links.csta_xml.parse import parse
from gateway.links.csta_xml.problems import ParseFault, ParseProblem, UnknownElements, UnknownMessage

__all__ = [
    "ParseFault",
    "ParseProblem",
    "UnknownElements",
    "UnknownMessage",
    "build",
    "escape",
    "parse",
    "xml_text_fault",
]
