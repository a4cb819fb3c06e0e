"""`ultra reload` at a real gateway: what is taken over, what is refused, and how both are told."""

import json
from pathlib import Path

from tests.ultra.real_site import PORT_CFG, logged, real_site


def test_a_changed_port_cfg_is_taken_over_and_a_broken_one_is_not(tmp_path: Path) -> None:
    with real_site(tmp_path) as site:
        port_cfg = tmp_path / "port.cfg"
        assert (done := site.ultra("reload")).code == 0
        assert done.out == "reloaded\n"

        port_cfg.write_text(PORT_CFG + "EXT 1010", "utf-8")
        done = site.ultra("reload")
        assert done.code == 0
        assert "port.cfg:5" in done.out
        assert "P030 warning" in done.out
        assert done.out.endswith("reloaded, with the warnings above\n")
        assert logged(site, "reloaded")[-1]["ports"] == 17

        port_cfg.write_text(PORT_CFG + "PHONE 1011\n", "utf-8")
        done = site.ultra("reload")
        assert done.code == 1
        assert "port.cfg:5:1: P" in done.out
        assert "PHONE" in done.out
        assert done.err == "Error: the old files stay in force: malformed: not taken over\n"

        form = json.loads((done := site.ultra("reload", "--json")).out)
        assert done.code == 1
        assert (form["accepted"], form["code"]) == (False, "malformed")
        assert any("PHONE" in line for line in form["lines"])
