"""Checks CSTA XML bodies against `schema.txt`: element order, counts, values, choices. An opinion of its own.

Uses the standard library's parser and none of the project's tables, so that a mistake there cannot hide here.
"""

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path

SCHEMA = Path(__file__).with_name("schema.txt")
_PART = re.compile(
    r"(?P<name>\w+)=(?P<type><[^>]+>|\w+)(?P<mark>[!*]?)|\((?P<choice>[^)]*)\)(?P<mark2>[!+]?)|(?P<any>any\*)"
)
_VALUES = {
    "integer": re.compile(r"-?\d+"),
    "boolean": re.compile(r"true|false|0|1"),
    "hex": re.compile(r"([0-9A-Fa-f]{2})*"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One place in a sequence: which elements may stand there, of what type, and how often."""

    types: dict[str, str]
    is_needed: bool
    repeats: bool
    takes_any: bool = False


@dataclass(slots=True)
class Schema:
    """`schema.txt`, read: sequences and enumerations by type, and the types of messages."""

    sequences: dict[str, list[Part]] = field(default_factory=dict)
    enums: dict[str, frozenset[str]] = field(default_factory=dict)
    roots: dict[str, list[Part]] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> "Schema":
        schema = cls()
        for line in text.splitlines():
            name, _, rest = line.partition(" : ") if " = {" not in line else line.partition(" = ")
            if rest.startswith("{"):
                schema.enums[name] = frozenset(value.strip() for value in rest.strip("{}").split("|"))
            elif name.startswith("root "):
                schema.roots[name.removeprefix("root ")] = _parts(rest)
            elif rest != "text":
                schema.sequences[name.removesuffix(" :")] = _parts(rest)
        return schema

    def check(self, body: bytes) -> list[str]:
        """Everything that is wrong with a message, [] if nothing."""
        root = ET.fromstring(body)
        name = _local(root)
        if name not in self.roots:
            return [f"{name}: no such message"]
        problems: list[str] = []
        self._check_sequence(root, self.roots[name], name, problems)
        return problems

    def _check(self, element: ET.Element, type_name: str, path: str, problems: list[str]) -> None:
        if type_name.startswith("<"):
            item, _, item_type = type_name.strip("<>").partition("=")
            for child in element:
                if _local(child) != item:
                    problems.append(f"{path}/{_local(child)}: no {item}")
                self._check(child, item_type, f"{path}/{item}", problems)
        elif type_name in self.sequences:
            self._check_sequence(element, self.sequences[type_name], path, problems)
        elif type_name != "any":
            self._check_text(element, type_name, path, problems)

    def _check_text(self, element: ET.Element, type_name: str, path: str, problems: list[str]) -> None:
        text = element.text or ""
        if len(element):
            problems.append(f"{path}: holds elements, should be text")
            return
        fits = text in self.enums[type_name] if type_name in self.enums else True
        if type_name in _VALUES:
            fits = _VALUES[type_name].fullmatch(text) is not None
        if not fits:
            problems.append(f"{path}: {text!r} is no {type_name}")

    def _check_sequence(self, element: ET.Element, parts: list[Part], path: str, problems: list[str]) -> None:
        position, seen = 0, [0] * len(parts)
        for child in element:
            name = _local(child)
            found = next((i for i in range(position, len(parts)) if name in parts[i].types or parts[i].takes_any), None)
            if found is None:
                known = any(name in part.types for part in parts)
                problems.append(f"{path}/{name}: {'out of order' if known else 'unknown'}")
                continue
            position = found
            seen[found] += 1
            if seen[found] > 1 and not parts[found].repeats:
                problems.append(f"{path}/{name}: repeated")
            self._check(child, parts[found].types.get(name, "any"), f"{path}/{name}", problems)
        for part, count in zip(parts, seen, strict=True):
            if part.is_needed and not count:
                problems.append(f"{path}: lacks {' or '.join(part.types)}")


def _parts(text: str) -> list[Part]:
    parts = []
    for match in _PART.finditer(text):
        if match["any"]:
            parts.append(Part({}, False, True, takes_any=True))
        elif match["choice"] is not None:
            types = dict(branch.split("=", 1) for branch in match["choice"].split("|"))
            parts.append(Part(types, match["mark2"] != "", match["mark2"] == "+"))
        else:
            parts.append(Part({match["name"]: match["type"]}, match["mark"] == "!", match["mark"] == "*"))
    return parts


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
