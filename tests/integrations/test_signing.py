"""Signatures: ours are what the standard says, and nobody else's pass for them."""

import pytest
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from storefront.integrations.signing import KeyRing, key_id

# RFC 8032, section 7.1, tests 1 and 3.
FIRST = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
THIRD = bytes.fromhex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7")
THIRD_PUBLIC = bytes.fromhex("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025")
THIRD_SIGNATURE = bytes.fromhex(
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
    "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
)


def test_a_signature_is_the_one_of_the_standard() -> None:
    ring = KeyRing(THIRD)
    assert ring.published[0].raw == THIRD_PUBLIC
    assert ring.sign(b"\xaf\x82") == THIRD_SIGNATURE


def test_another_library_accepts_what_we_sign_and_nothing_else() -> None:
    ring = KeyRing(FIRST)
    signature = ring.sign("三月".encode())
    published = VerifyKey(ring.published[0].raw)
    assert published.verify("三月".encode(), signature)
    with pytest.raises(BadSignatureError):
        published.verify("四月".encode(), signature)


def test_we_accept_what_another_library_signs_with_our_key() -> None:
    ring = KeyRing(FIRST)
    signature = SigningKey(FIRST).sign(b"March").signature
    assert ring.holds(b"March", signature, ring.current_id)


@pytest.mark.parametrize("at", [0, 31, 32, 63])
def test_a_signature_with_one_bit_changed_is_none(at: int) -> None:
    ring = KeyRing(FIRST)
    signature = bytearray(ring.sign(b"March"))
    signature[at] ^= 1
    assert not ring.holds(b"March", bytes(signature), ring.current_id)


@pytest.mark.parametrize("signature", [b"", b"short", b"\0" * 64, b"\xff" * 65])
def test_what_is_no_signature_at_all_is_refused_quietly(signature: bytes) -> None:
    ring = KeyRing(FIRST)
    assert not ring.holds(b"March", signature, ring.current_id)


def test_a_retired_key_still_vouches_for_what_it_signed_and_signs_no_more() -> None:
    before = KeyRing(FIRST)
    signature = before.sign(b"March")
    after = KeyRing(THIRD, [before.published[0].raw])
    assert [(key.id, key.retired) for key in after.published] == [
        (after.current_id, False),
        (before.current_id, True),
    ]
    assert after.holds(b"March", signature, before.current_id)
    assert not after.holds(b"March", after.sign(b"March"), before.current_id)


def test_a_key_that_is_not_published_vouches_for_nothing() -> None:
    stranger = KeyRing(FIRST)
    assert not KeyRing(THIRD).holds(b"March", stranger.sign(b"March"), stranger.current_id)


def test_the_current_key_is_published_once_though_it_is_called_retired_as_well() -> None:
    ring = KeyRing(THIRD, [THIRD_PUBLIC, THIRD_PUBLIC])
    assert [key.id for key in ring.published] == [key_id(THIRD_PUBLIC)]
