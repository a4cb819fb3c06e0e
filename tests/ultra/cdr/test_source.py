"""Which database a command reads: that of the settings, or another; what is wrong with it is said in words."""

from pathlib import Path

from tests.ultra.cdr.databases import cdr, database
from tests.ultra.real_site import ultra

CONFIG = '[gateway]\nserver = "127.0.0.1:7400"\n[database]\nurl = "{url}"\n[records]\nzone = "Asia/Shanghai"\n'


def test_that_of_the_settings_with_the_site_s_zone(tmp_path: Path) -> None:
    database(tmp_path)
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "cdr.toml").write_text(CONFIG.format(url="sqlite:///../cdr.db"), "utf-8")
    done = ultra("cdr", "list", "--limit", "1", folder=tmp_path)
    assert done.out.splitlines()[1].startswith("2026-01-31 17:00:00")
    done = ultra("cdr", "list", "--limit", "1", "--zone", "UTC", folder=tmp_path)
    assert done.out.splitlines()[1].startswith("2026-01-31 09:00:00")


def test_without_settings_it_says_what_is_missing(tmp_path: Path) -> None:
    done = ultra("cdr", "list", folder=tmp_path)
    assert done.code == 1
    assert "etc/cdr.toml: C001 error" in done.err
    assert "--database URL" in done.err


def test_what_is_wrong_with_a_database_is_said_with_what_to_change(tmp_path: Path) -> None:
    done = ultra("cdr", "list", "--database", "sqlite:///none.db", folder=tmp_path)
    assert (done.code, done.err.partition(" (")[0]) == (1, "Error: D007 there is no database of that name")
    assert not (tmp_path / "none.db").exists()
    done = ultra("cdr", "list", "--database", "dbase://cdr:topsecret@h/d", folder=tmp_path)
    assert done.err.startswith("Error: D002 ")
    assert "topsecret" not in done.err


def test_a_time_or_zone_that_is_none(tmp_path: Path) -> None:
    done = cdr(tmp_path, "list", "--zone", "Moon")
    assert (done.code, '"Moon" is no time zone' in done.err) == (2, True)
    done = cdr(tmp_path, "list", "--from", "31.1.")
    assert (done.code, "--from: '31.1.': expected a day" in done.err) == (2, True)
