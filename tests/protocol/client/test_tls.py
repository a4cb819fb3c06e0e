"""What a client needs of TLS: its files, and words for what failed."""

import ssl
from pathlib import Path

import pytest

from protocol.client import UlpClient
from protocol.client.tls import Tls, binding_of, why_not_tls
from protocol.errors import Unreachable
from protocol.messages import Hello
from tests.certificates import Authority
from tests.protocol.running import raw_client, serving


def test_a_context_trusts_the_ca_that_is_named_and_shows_our_certificate(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    own = authority.signed("client")
    context = Tls(authority.ca, own.certificate, own.key).context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert len(context.get_ca_certs()) == 1


def test_files_that_cannot_be_used_raise(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    own, other = authority.signed("client"), authority.signed("other")
    with pytest.raises(OSError, match="No such file"):
        Tls(tmp_path / "none.crt").context()
    with pytest.raises(ssl.SSLError):
        Tls(authority.ca, own.certificate, other.key).context()


async def test_a_file_that_is_gone_is_as_good_as_no_server(tmp_path: Path) -> None:
    async with serving() as site:
        with pytest.raises(Unreachable, match="files of TLS: No such file"):
            await UlpClient.connect(site.address, Hello("test", None), tls=Tls(tmp_path / "none.crt"))


async def test_without_tls_nothing_is_bound() -> None:
    async with serving() as site, raw_client(site) as raw:
        assert binding_of(raw.writer.transport) is None


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("WRONG_VERSION_NUMBER", "does not speak TLS"),
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "does not take our certificate"),
        ("NO_SHARED_CIPHER", "TLS failed: no shared cipher"),
    ],
)
def test_what_failed_is_told_in_words(reason: str, words: str) -> None:
    error = ssl.SSLError(1, reason)
    error.reason = reason
    assert words in why_not_tls(error)
