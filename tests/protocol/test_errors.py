"""Every code has a number, a text and a name; the model's refusals are codes."""

from model.commands import Refusal
from protocol.errors import TEXT, Code, Refused, SessionEnded, UlpError, code_name, code_of, code_of_refusal


def test_the_model_s_refusals_are_codes_of_the_same_name_and_number() -> None:
    for refusal in Refusal:
        assert code_of_refusal(refusal) is Code[refusal.name]
        assert Code[refusal.name] == refusal.value
    assert code_of_refusal(None) is Code.ACCEPTED


def test_every_code_says_something() -> None:
    assert set(TEXT) == set(Code)
    assert len(set(TEXT.values())) == len(TEXT)


def test_an_unknown_code_still_has_a_name() -> None:
    assert code_name(112) == "slow_consumer"
    assert code_name(77) == "code_77"
    assert code_of(77) is None


def test_an_error_speaks_to_people_and_to_programs() -> None:
    assert str(Refused(Code.TOO_MANY_SESSIONS, "full")) == "full (too_many_sessions)"
    assert str(SessionEnded(Code.SLOW_CONSUMER)) == f"{TEXT[Code.SLOW_CONSUMER]} (slow_consumer)"
    assert isinstance(Refused(Code.NORMAL), UlpError)
    assert str(UlpError(Code.NORMAL)) == TEXT[Code.NORMAL]
