"""The concrete suite computes what the standards say, and keeps its inputs apart."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from testbed.protocol.suite import ConcreteSuite

quick = settings(derandomize=True, deadline=None, max_examples=60)

keys = st.binary(min_size=32, max_size=32)
parts = st.lists(st.binary(max_size=6), max_size=4)
purposes = st.text(max_size=8)

LADIES = (
    b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the "
    b"future, sunscreen would be it."
)
AEAD_KEY = bytes(range(0x80, 0xA0))
AEAD_NONCE = int("070000004041424344454647", 16)
AEAD_HEADER = bytes.fromhex("50515253c0c1c2c3c4c5c6c7")
AEAD_SEALED = bytes.fromhex(
    "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
    "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
    "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
    "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"
)
SMALL_ORDER = (
    "00" * 32,
    "01" + "00" * 31,
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ec" + "ff" * 30 + "7f",
    "ed" + "ff" * 30 + "7f",
    "ee" + "ff" * 30 + "7f",
)


def _joined(*each: bytes) -> bytes:
    return b"".join(len(part).to_bytes(2, "big") + part for part in each)


def test_shared_secret_is_the_published_one(suite: ConcreteSuite) -> None:
    """The first vector of RFC 7748, section 5.2, comes out."""
    private = bytes.fromhex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4")
    public = bytes.fromhex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")
    secret = bytes.fromhex("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552")
    assert suite.shared(private, public) == secret


@pytest.mark.parametrize("public", SMALL_ORDER)
def test_points_of_small_order_give_no_secret(suite: ConcreteSuite, public: str) -> None:
    """A public key whose secret would be all zeros, whoever asks, gives None (RFC 7748, 6.1)."""
    assert suite.shared(bytes(range(32)), bytes.fromhex(public)) is None


@pytest.mark.parametrize("length", [0, 31, 33])
def test_public_keys_of_another_length_give_no_secret(suite: ConcreteSuite, length: int) -> None:
    """A public key that is not 32 bytes gives None."""
    assert suite.shared(bytes(range(32)), bytes(length)) is None


@quick
@given(keys, keys)
def test_both_sides_share_one_secret(one: bytes, other: bytes) -> None:
    """The secret from one side's private key is that from the other's."""
    suite = ConcreteSuite()
    secret = suite.shared(one, suite.public(other))
    assert secret is not None
    assert secret == suite.shared(other, suite.public(one))


def test_key_derivation_is_the_published_one() -> None:
    """The HKDF that the suite stands on gives the vector of RFC 5869, A.1."""
    info = bytes(range(0xF0, 0xFA))
    derived = HKDF(hashes.SHA256(), 42, bytes(range(13)), info).derive(b"\x0b" * 22)
    assert derived.hex() == (
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    )


@quick
@given(keys, st.binary(max_size=32), purposes, parts)
def test_derived_keys_are_those_of_an_independent_hkdf(
    secret: bytes, salt: bytes, purpose: str, context: list[bytes]
) -> None:
    """A derived key is extract-then-expand as RFC 5869 writes it, over the joined context."""
    extracted = hmac.digest(salt or bytes(32), secret, "sha256")
    expanded = hmac.digest(extracted, _joined(purpose.encode(), *context) + b"\x01", "sha256")
    assert ConcreteSuite().derive(secret, salt, purpose, *context) == expanded


@quick
@given(keys, purposes, parts)
def test_tags_are_those_of_an_independent_hmac(
    key: bytes, purpose: str, fields: list[bytes]
) -> None:
    """A tag is HMAC-SHA-256 as RFC 2104 writes it, over the joined parts, cut to 128 bits."""
    padded = key.ljust(64, b"\0")
    inner = bytes(byte ^ 0x36 for byte in padded) + _joined(purpose.encode(), *fields)
    outer = bytes(byte ^ 0x5C for byte in padded) + hashlib.sha256(inner).digest()
    assert ConcreteSuite().tag(key, purpose, *fields) == hashlib.sha256(outer).digest()[:16]


@quick
@given(purposes, parts, purposes, parts)
def test_different_inputs_never_join_to_one(
    purpose: str, one: list[bytes], other_purpose: str, other: list[bytes]
) -> None:
    """Digests, tags and keys differ as soon as purpose or parts do."""
    assume((purpose, one) != (other_purpose, other))
    suite, key = ConcreteSuite(), bytes(32)
    assert suite.digest(purpose, *one) != suite.digest(other_purpose, *other)
    assert suite.tag(key, purpose, *one) != suite.tag(key, other_purpose, *other)
    assert suite.derive(key, b"", purpose, *one) != suite.derive(key, b"", other_purpose, *other)


@quick
@given(st.binary(min_size=1, max_size=12), st.data())
def test_splitting_parts_elsewhere_is_another_input(whole: bytes, data: st.DataObject) -> None:
    """The same bytes in another split give another digest, tag and key."""
    places = st.integers(0, len(whole))
    one, other = data.draw(places), data.draw(places)
    assume(one != other)
    suite, key = ConcreteSuite(), bytes(32)
    splits = [(whole[:at], whole[at:]) for at in (one, other)]
    assert len({suite.digest("p", *split) for split in splits}) == 2
    assert len({suite.tag(key, "p", *split) for split in splits}) == 2
    assert len({suite.derive(key, b"", "p", *split) for split in splits}) == 2


def test_sealing_is_the_published_aead(suite: ConcreteSuite) -> None:
    """The vector of RFC 8439, section 2.8.2, comes out, and opens again."""
    assert suite.seal(AEAD_KEY, AEAD_NONCE, AEAD_HEADER, LADIES) == AEAD_SEALED
    assert suite.unseal(AEAD_KEY, AEAD_NONCE, AEAD_HEADER, AEAD_SEALED) == LADIES


def test_no_truncated_ciphertext_opens(suite: ConcreteSuite) -> None:
    """No proper beginning of a ciphertext verifies, not even the empty one."""
    for length in range(len(AEAD_SEALED)):
        assert suite.unseal(AEAD_KEY, AEAD_NONCE, AEAD_HEADER, AEAD_SEALED[:length]) is None


@quick
@given(st.integers(0, len(AEAD_SEALED) * 8 - 1))
def test_no_changed_ciphertext_opens(bit: int) -> None:
    """A ciphertext with any one bit changed does not verify."""
    changed = bytearray(AEAD_SEALED)
    changed[bit // 8] ^= 1 << bit % 8
    assert ConcreteSuite().unseal(AEAD_KEY, AEAD_NONCE, AEAD_HEADER, bytes(changed)) is None


@quick
@given(st.binary(max_size=8), st.binary(max_size=8))
def test_same_is_equality(one: bytes, other: bytes) -> None:
    """Two values are the same exactly if their bytes are."""
    suite = ConcreteSuite()
    assert suite.same(one, other) == (one == other)
    assert suite.same(one, bytes(one))
