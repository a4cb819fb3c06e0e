"""Which machine this is."""

from pathlib import Path

from gateway.licence_host import host_id, host_ids


def test_the_id_is_derived_and_does_not_show_the_machine_id() -> None:
    machine_id = b"0123456789abcdef0123456789abcdef\n"
    assert host_id(machine_id) == host_id(machine_id.strip())
    assert host_id(machine_id) == "e525efbea1127617"
    assert host_id(machine_id) != host_id(b"another")


def test_the_ids_of_a_machine(tmp_path: Path) -> None:
    present, empty, missing = tmp_path / "present", tmp_path / "empty", tmp_path / "missing"
    present.write_text("0123456789abcdef0123456789abcdef\n")
    empty.write_text("")
    assert host_ids((present, empty, missing, tmp_path)) == {"e525efbea1127617"}
    assert host_ids((missing,)) == frozenset()
