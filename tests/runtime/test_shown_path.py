"""Paths as operators type them."""

from pathlib import Path

from runtime.shown_path import shown


def test_paths_are_shown_as_operators_type_them() -> None:
    assert shown(Path("etc/../port.cfg")) == "port.cfg"
    assert shown(Path.cwd() / "etc" / "gateway.toml") == "etc/gateway.toml"
    assert shown(Path("/etc/ultra/gateway.toml")) == "/etc/ultra/gateway.toml"
