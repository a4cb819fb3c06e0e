"""What ODBC's drivers need to be told; what they do with rows is proved with every kind of database."""

import pytest
from sqlalchemy.engine import make_url

from cdr.store.odbc import connection_string


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("odbc://ultra", "DSN=ultra"),
        ("odbc://cdr:secret@ultra?Database=calls", "DSN=ultra;Database=calls;UID=cdr;PWD=secret"),
        ("odbc://cdr:a%3Bb%7Dc@ultra", "DSN=ultra;UID=cdr;PWD={a;b}}c}"),
        ("odbc://cdr:%20x%3D@/?Driver=A B&Server=h", "Driver=A B;Server=h;UID=cdr;PWD={ x=}"),
    ],
)
def test_addresses_as_odbc_writes_them(address: str, written: str) -> None:
    assert connection_string(make_url(address)) == written
