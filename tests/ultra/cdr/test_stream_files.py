"""Where the events are: a folder that must be named, and files of other streams."""

from pathlib import Path

from tests.ultra.cdr.databases import cdr


def test_the_journal_must_be_named_and_be_one(tmp_path: Path) -> None:
    assert "--from" in cdr(tmp_path, "verify").err
    done = cdr(tmp_path, "verify", "--from", "nowhere")
    assert (done.code, done.err) == (1, "Error: nowhere: No such file or directory\n")
    done = cdr(tmp_path, "verify", "--from", ".")
    assert (done.code, done.err) == (1, "Error: . holds no event of a gateway: expected the folder of its [journal]\n")
