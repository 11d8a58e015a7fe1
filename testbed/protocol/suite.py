"""The one small interface through which roles and channels take their cryptography.

A role never sees ``cryptography`` itself.  It is written against :class:`Suite`, whose
values may be bytes (:class:`ConcreteSuite`) or symbolic terms, so that the same role code
runs in the simulator and in a search over everything an attacker could do.

Primitives of the concrete suite: X25519 (RFC 7748), HKDF-SHA-256 (RFC 5869), HMAC-SHA-256
(RFC 2104, truncated to 128 bits), SHA-256 (FIPS 180-4), ChaCha20-Poly1305 (RFC 8439),
SPAKE2 over P-256 (RFC 9382).
"""

from __future__ import annotations

from hashlib import sha256
from hmac import compare_digest
from hmac import digest as hmac_digest
from typing import Final, Protocol, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from testbed.protocol import spake2

V = TypeVar("V")
"""A value of the suite: bytes in the simulator, a term in the search."""

KEY_BYTES: Final = 32
TAG_BYTES: Final = 16
CODE_BYTES: Final = 4
NONCE_BYTES: Final = 12


class Suite(Protocol[V]):
    """The cryptography that roles and channels may use."""

    def label(self, text: str) -> V:
        """Return the public constant that ``text`` names."""

    def public(self, private: V) -> V:
        """Return the public key of a private key."""

    def shared(self, private: V, public: V) -> V | None:
        """Return the Diffie-Hellman secret, or None for a public key that gives none."""

    def digest(self, purpose: str, *parts: V) -> V:
        """Return a collision-resistant digest of ``parts`` in their order, for one purpose."""

    def derive(self, secret: V, salt: V, purpose: str, *context: V) -> V:
        """Return a key derived from ``secret``, bound to a salt, a purpose and a context."""

    def tag(self, key: V, purpose: str, *parts: V) -> V:
        """Return a message authentication tag over ``parts`` in their order."""

    def pair(self, value: V, tag: V) -> V:
        """Return a value with a tag behind it."""

    def unpair(self, both: V) -> tuple[V, V] | None:
        """Return what :meth:`pair` put together, or None where there is no tag."""

    def same(self, left: V, right: V) -> bool:
        """Return whether two values are equal, in time that does not depend on them."""

    def code(self, seed: V, codes: int) -> V:
        """Return the short code, one of ``codes``, that ``seed`` comes out as."""

    def bit(self, code: V, index: int) -> V:
        """Return one bit of a code, counted from the lowest."""

    def share(self, private: V, code: V, initiator: bool) -> V:
        """Return one side's share of a password-authenticated key exchange."""

    def agree(self, private: V, code: V, initiator: bool, peer_share: V) -> V | None:
        """Return the secret of that exchange, or None for a share that gives none."""

    def seal(self, key: V, counter: int, header: V, plaintext: V) -> V:
        """Return the AEAD ciphertext under nonce ``counter``, with ``header`` authenticated."""

    def unseal(self, key: V, counter: int, header: V, ciphertext: V) -> V | None:
        """Return the plaintext, or None if the ciphertext does not verify."""


def _join(parts: tuple[bytes, ...]) -> bytes:
    # Each part carries its length, so that ("ab", "c") and ("a", "bc") differ.
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


class _Aeads(dict[bytes, ChaCha20Poly1305]):
    """An AEAD for every key, set up when it is first used."""

    __slots__ = ()

    def __missing__(self, key: bytes) -> ChaCha20Poly1305:
        aead = self[key] = ChaCha20Poly1305(key)
        return aead


class ConcreteSuite:
    """The suite on real bytes, from the ``cryptography`` library."""

    __slots__ = ("_aeads", "_derived")

    def __init__(self) -> None:
        # Setting up an AEAD costs more than using it, and a link uses one key all day.
        self._aeads = _Aeads()
        # Both ends of a link derive the same keys from what they agreed on.
        self._derived: dict[tuple[bytes, bytes, bytes], bytes] = {}

    def label(self, text: str) -> bytes:
        """Return ``text`` in UTF-8."""
        return text.encode()

    def public(self, private: bytes) -> bytes:
        """Return the X25519 public key (32 bytes) of a private key (32 bytes)."""
        return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()

    def shared(self, private: bytes, public: bytes) -> bytes | None:
        """Return the X25519 secret, or None where RFC 7748 section 6.1 gives all zeros."""
        try:
            peer = X25519PublicKey.from_public_bytes(public)
            return X25519PrivateKey.from_private_bytes(private).exchange(peer)
        except ValueError:
            return None

    def digest(self, purpose: str, *parts: bytes) -> bytes:
        """Return SHA-256 truncated to 128 bits over the purpose and the parts."""
        return sha256(_join((purpose.encode(), *parts))).digest()[:TAG_BYTES]

    def derive(self, secret: bytes, salt: bytes, purpose: str, *context: bytes) -> bytes:
        """Return 32 bytes of HKDF-SHA-256."""
        asked = secret, salt, _join((purpose.encode(), *context))
        derived = self._derived.get(asked)
        if derived is None:
            derived = HKDF(hashes.SHA256(), KEY_BYTES, salt, asked[2]).derive(secret)
            self._derived[asked] = derived
        return derived

    def tag(self, key: bytes, purpose: str, *parts: bytes) -> bytes:
        """Return HMAC-SHA-256 truncated to 128 bits."""
        return hmac_digest(key, _join((purpose.encode(), *parts)), "sha256")[:TAG_BYTES]

    def pair(self, value: bytes, tag: bytes) -> bytes:
        """Return the value, then the tag of 16 bytes."""
        return value + tag

    def unpair(self, both: bytes) -> tuple[bytes, bytes] | None:
        """Split off the last 16 bytes."""
        if len(both) < TAG_BYTES:
            return None
        return both[:-TAG_BYTES], both[-TAG_BYTES:]

    def same(self, left: bytes, right: bytes) -> bool:
        """Return whether two byte strings are equal."""
        return compare_digest(left, right)

    def code(self, seed: bytes, codes: int) -> bytes:
        """Return 4 bytes: a number below ``codes`` (at most 2^32), even to within 2^-96."""
        wide = sha256(_join((b"code", seed))).digest()[:TAG_BYTES]
        return (int.from_bytes(wide, "big") % codes).to_bytes(CODE_BYTES, "big")

    def bit(self, code: bytes, index: int) -> bytes:
        """Return one byte, 0 or 1."""
        return bytes((int.from_bytes(code, "big") >> index & 1,))

    def share(self, private: bytes, code: bytes, initiator: bool) -> bytes:
        """Return the SPAKE2 share (65 bytes) of a private key (32 bytes) and a code."""
        side = spake2.A if initiator else spake2.B
        return spake2.share(spake2.scalar(private), spake2.password(code), side)

    def agree(
        self, private: bytes, code: bytes, initiator: bool, peer_share: bytes
    ) -> bytes | None:
        """Return the SPAKE2 secret (32 bytes), or None for a point that is not on the curve."""
        side = spake2.A if initiator else spake2.B
        x, w = spake2.scalar(private), spake2.password(code)
        try:
            return spake2.secret(x, w, side, peer_share)
        except spake2.InvalidPointError:
            return None

    def seal(self, key: bytes, counter: int, header: bytes, plaintext: bytes) -> bytes:
        """Return ChaCha20-Poly1305 ciphertext and tag; the 96-bit nonce is the counter."""
        nonce = counter.to_bytes(NONCE_BYTES, "big")
        return self._aeads[key].encrypt(nonce, plaintext, header)

    def unseal(self, key: bytes, counter: int, header: bytes, ciphertext: bytes) -> bytes | None:
        """Return the plaintext, or None if the tag does not verify."""
        nonce = counter.to_bytes(NONCE_BYTES, "big")
        try:
            return self._aeads[key].decrypt(nonce, ciphertext, header)
        except InvalidTag:
            return None
