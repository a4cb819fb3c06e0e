"""Users with passwords, and both halves of a log-in, for the tests. The iterations are the fewest allowed: quick."""

from scramp import ScramMechanism

from model.ids import DeviceNumber
from protocol.accounts import Account, Accounts, Verifier
from protocol.client_log_in import ClientLogIn, Credentials
from protocol.kinds import Role
from protocol.lock_out import LockOut
from protocol.server_log_in import ServerLogIn

ITERATIONS = 4096
PASSWORD = "correct horse"
SALT_SECRET = b"the same for ever"
BINDING = b"hash of the server's certificate"


def verifier(password: str = PASSWORD, salt: bytes = bytes(range(16)), iterations: int = ITERATIONS) -> Verifier:
    """What a server keeps of a password."""
    kept_salt, stored_key, server_key, count = ScramMechanism("SCRAM-SHA-256").make_auth_info(
        password, iterations, salt
    )
    return Verifier(kept_salt, count, stored_key, server_key)


ACCOUNTS = (
    Account("ada", Role.ADMIN, verifier()),
    Account("sue", Role.SUPERVISOR, verifier()),
    Account("amy", Role.AGENT, verifier(), DeviceNumber("8001")),
    Account("cdr", Role.CONSUMER, verifier()),
    Account("gone", Role.ADMIN, verifier(salt=bytes(range(1, 17))), is_disabled=True),
)


def accounts(*held: Account) -> Accounts:
    """Those users, or one of each role and a disabled one."""
    return Accounts(held or ACCOUNTS, SALT_SECRET)


def client_half(
    user: str = "ada", password: str = PASSWORD, binding: bytes | None = None, nonce: str = "clientnonce"
) -> ClientLogIn:
    return ClientLogIn(Credentials(user, password), nonce=nonce, binding=binding)


def server_half(
    lock_out: LockOut | None = None,
    binding: bytes | None = None,
    nonce: str = "servernonce",
    held: Accounts | None = None,
) -> ServerLogIn:
    lock_out = LockOut() if lock_out is None else lock_out
    return ServerLogIn(held or accounts(), lock_out, "192.0.2.1", nonce=nonce, binding=binding)
