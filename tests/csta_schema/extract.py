"""Makes `schema.txt` from models of ECMA-323 and ECMA-354 in JSON: `python -m tests.csta_schema.extract MODEL.json …`.

Run by hand when this project begins to send another message; the tests read only its product. One line a type:

    Name = {one | of | these}            enumeration
    Name : element=Type …                sequence; `!` must be there, `*` repeats, `<item=Type>` a list of items,
                                         `(a=T|b=T)` a choice of one, `(…)+` of one or more
    root Name : …                        a message
"""

import json
import sys
from pathlib import Path
from typing import Any

from gateway.links.csta_xml.layouts import message_layouts

_OPAQUE_TEXT = """
    ServicesPermitted MediaCallCharacteristics CallCharacteristics ConnectionInformation CallLinkageData
    CallLinkageDataList DeviceHistoryListItem MessageInfoItem CorrelatorData UserData ChargingInfo CSTAPrivateData
    SecurityInfo NamedDeviceTypes DeviceAttributes MediaClass VoiceEvents
"""
OPAQUE = frozenset(_OPAQUE_TEXT.split())
"""Types in which this project writes nothing: whatever stands in them is let pass."""
PLAIN = {
    "string": "text",
    "long": "integer",
    "int": "integer",
    "short": "integer",
    "bool": "boolean",
    "object": "any",
    "System.Xml.XmlElement": "any",
}


class Extract:
    """Collects the lines of all types that the messages reach."""

    def __init__(self, models: list[dict[str, Any]]) -> None:
        self._types: dict[str, dict[str, Any]] = {}
        self._roots: dict[str, str] = {}
        for model in models:
            self._types.update(model["types"])
            self._roots.update(model["roots"])
        self.lines: dict[str, str] = {}

    def add_message(self, name: str) -> None:
        self.lines[f"root {name}"] = f"root {name} : {self._sequence(self._types[self._roots[name]])}"

    def _type_name(self, declared: dict[str, Any]) -> str:
        """The short name of a field's type, its own line made on the way."""
        name: str = declared.get("type", "text")
        if declared.get("datatype") == "hexBinary":
            return "hex"
        if declared.get("datatype") == "integer":
            return "integer"
        name = name.removesuffix("[]")
        if name in OPAQUE:
            return "any"
        held = self._types.get(name)
        if held is None:
            return PLAIN[name]
        if name not in self.lines:
            self.lines[name] = ""
            is_enum = held["kind"] == "enum"
            self.lines[name] = (
                f"{name} = {{{' | '.join(held['values'])}}}" if is_enum else f"{name} : {self._sequence(held)}"
            )
        return name

    def _sequence(self, held: dict[str, Any]) -> str:
        fields = [field for field in self._all_fields(held) if not field.get("attr") and not field.get("anyattr")]
        if any(field.get("text") for field in fields):
            return "text"
        return " ".join(self._field(field) for field in fields)

    def _all_fields(self, held: dict[str, Any]) -> list[dict[str, Any]]:
        base = self._types.get(held.get("base") or "")
        return (self._all_fields(base) if base else []) + list(held.get("fields", []))

    def _field(self, field: dict[str, Any]) -> str:
        if field.get("any"):
            return "any*"
        many = field["type"].endswith("[]") and field["type"] != "byte[]"
        if field.get("choice"):
            branches = "|".join(
                f"{branch['name']}={self._type_name({'type': field['type'], **branch})}" for branch in field["choice"]
            )
            return f"({branches})" + ("" if field.get("optional") else "+" if many else "!")
        name = field.get("xmlname") or field["name"]
        if field.get("array"):
            item = {"type": field["type"], **field["array"][0]}
            return f"{name}=<{item.get('name') or self._type_name(item)}={self._type_name(item)}>"
        type_name = self._type_name(field)
        is_value = (type_name in ("integer", "boolean") and field["type"] != "string") or " = {" in self.lines.get(
            type_name, ""
        )
        is_needed = is_value and not field.get("optional") and "default" not in field and not many
        return f"{name}={type_name}" + ("*" if many else "!" if is_needed else "")


def main() -> None:
    extract = Extract([json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:]])
    for name in sorted({layout.name for layout in message_layouts()} | {"CSTAErrorCode"}):
        extract.add_message(name)
    print("\n".join(sorted(extract.lines.values())))


if __name__ == "__main__":
    main()
