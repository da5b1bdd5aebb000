"""Signatures of webhooks."""

from __future__ import annotations

from migrator.github.signatures import is_signed, signature

SECRET = b"It's a Secret to Everybody"
BODY = b"Hello, World!"
EXPECTED = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"


def test_the_signature_is_the_one_of_githubs_documentation() -> None:
    """GitHub publishes one test vector."""
    assert signature(SECRET, BODY) == EXPECTED


def test_either_of_two_secrets_is_good_while_one_is_being_replaced() -> None:
    """Rotation must not lose deliveries."""
    assert is_signed(BODY, EXPECTED, [b"new", SECRET])
    assert is_signed(BODY, EXPECTED, [SECRET, b"new"])


def test_a_forged_or_missing_signature_is_refused() -> None:
    """Another body, another secret, no signature, odd characters, or the old SHA-1 form: all the
    same."""
    assert not is_signed(BODY + b" ", EXPECTED, [SECRET])
    assert not is_signed(BODY, EXPECTED, [b"other"])
    for header in ("", "sha256=", "sha1=abc", "sha256=\u00e4", EXPECTED.upper()):
        assert not is_signed(BODY, header, [SECRET])


def test_without_a_secret_nothing_is_signed() -> None:
    """A forgotten setting must not open the door: an empty secret signs, but for anybody."""
    assert not is_signed(BODY, signature(b"", BODY), [b""])
    assert not is_signed(BODY, EXPECTED, [])
