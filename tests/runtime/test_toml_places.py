"""Every key that tomli finds has its place, whatever the file looks like."""

from typing import Any

import tomli
from hypothesis import given
from hypothesis import strategies as st

from runtime.toml_places import Key, Place, key_places, nearest_key

FILE = '''\
port_cfg = "port.cfg"   # the extensions

[switch]
host = "192.0.2.10"
  port = 5_038
note = """
[no.header]
not = "a key"
""""
sizes = [
  1, # one
  2,
]
limits.calls = 10

[[server]]
name = 'first'
[server."a.b"]
on = true
[[server]]
name = "second"
inline = { host = "x", port = 1 }
'''


def test_keys_are_found_with_their_values_and_nothing_inside_a_string_is() -> None:
    places = key_places(FILE)
    assert places[("port_cfg",)] == Place(line=1, column=1, width=8, value_column=12, value_width=10)
    assert places[("switch",)] == Place(line=3, column=1, width=8)
    assert places[("switch", "port")] == Place(line=5, column=3, width=4, value_column=10, value_width=5)
    assert places[("switch", "note")].line == 6
    assert places[("switch", "sizes")] == Place(line=10, column=1, width=5, value_column=9, value_width=1)
    assert places[("switch", "limits", "calls")].line == 14
    assert [places[("server", index, "name")].line for index in (0, 1)] == [17, 21]
    assert places[("server", 0, "a.b", "on")].line == 19
    assert not any("no" in key or "not" in key for key in places)


def test_what_has_no_place_of_its_own_has_the_nearest_one_around_it() -> None:
    places = key_places(FILE)
    assert nearest_key(places, ("switch", "missing")) == ("switch",)
    assert nearest_key(places, ("server", 1, "inline", "port")) == ("server", 1, "inline")
    assert nearest_key(places, ("absent",)) is None


def test_windows_line_ends_count_as_one() -> None:
    assert key_places('a = 1\r\n[b]\r\nc = "x"\r\n')[("b", "c")] == Place(3, 1, 1, 5, 3)


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6)
VALUES = st.sampled_from(
    [
        "1.5",
        "true",
        "1979-05-27 07:32:00",
        '"x # [y] = z"',
        "'a\"b'",
        '[1, [2, "]"]]',
        "[\n  1, # ]\n]",
        "{ k = { l = 1 } }",
        '"""\n[x]\n"q""""',
        "'''\n#'''",
    ]
)
DOCUMENTS = st.dictionaries(NAMES, st.dictionaries(NAMES, VALUES, max_size=4), max_size=4)


def quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def leaves(table: dict[str, Any], depth: int) -> set[Key]:
    """The keys `depth` levels down, as tomli reads them."""
    if depth == 0:
        return {(name,) for name in table}
    return {(name, *rest) for name, inner in table.items() for rest in leaves(inner, depth - 1)}


@given(document=DOCUMENTS, comment=st.sampled_from(["", " # [comment] = 1"]))
def test_every_key_that_tomli_reads_has_the_line_it_was_written_in(
    document: dict[str, dict[str, str]], comment: str
) -> None:
    lines: list[str] = []
    written_in: dict[Key, int] = {}
    for table, keys in document.items():
        lines += f"[ {quoted(table)} ]{comment}".split("\n")
        for key, value in keys.items():
            written_in[(table, key)] = len(lines) + 1
            lines += f" {quoted(key)}={value}{comment}".split("\n")
    source = "\n".join(lines)
    assert leaves(tomli.loads(source), 1) == set(written_in)
    assert {key: place.line for key, place in key_places(source).items() if len(key) == 2} == written_in
