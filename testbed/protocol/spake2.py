"""SPAKE2 over P-256 with SHA-256 (RFC 9382), up to the hash of the transcript.

Point arithmetic comes from pycryptodome.  Key confirmation is the close that all pairing
methods of this project share, so the RFC's own confirmation is not needed here.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final, NamedTuple

from Crypto.PublicKey import ECC
from Crypto.PublicKey.ECC import EccPoint  # type: ignore[attr-defined]

_CURVE: Final = "P-256"
ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Order of P-256 (SP 800-186)."""

SHARE_BYTES: Final = 65


class InvalidPointError(ValueError):
    """Bytes that are not an uncompressed point of the curve, or the point at infinity."""


def _point(encoded: bytes) -> EccPoint:
    return ECC.import_key(encoded, curve_name=_CURVE).pointQ


class Side(NamedTuple):
    """One side of the exchange: its own blinding point and the other side's."""

    is_a: bool
    own: EccPoint
    other: EccPoint


_M: Final = _point(
    bytes.fromhex("02886e2f97ace46e55ba9dd7242579f2993b64e16ef3dcab95afd497333d8fa12f")
)
_N: Final = _point(
    bytes.fromhex("03d8bbd6c639c62937b04d997f38c3770719c629d7014d49a24b4f98baa1292b49")
)
A: Final = Side(True, _M, _N)
B: Final = Side(False, _N, _M)


def encode(point: EccPoint) -> bytes:
    """Return a point uncompressed (SEC 1): 65 bytes."""
    return b"\x04" + int(point.x).to_bytes(32, "big") + int(point.y).to_bytes(32, "big")


def decode(encoded: bytes) -> EccPoint:
    """Return the point that 65 bytes encode.

    Raises:
        InvalidPointError: If they are not an uncompressed point of the curve.
    """
    if len(encoded) != SHARE_BYTES or encoded[0] != 4:
        raise InvalidPointError("not an uncompressed point")
    try:
        point = _point(encoded)
    except ValueError as error:
        raise InvalidPointError("not a point of the curve") from error
    if point.is_point_at_infinity():  # how the library reads the coordinates 0, 0
        raise InvalidPointError("the point at infinity")
    return point


def scalar(private: bytes) -> int:
    """Return the private scalar, from 1 to the order less 1, of 32 random bytes."""
    return int.from_bytes(sha256(b"spake2 private" + private).digest(), "big") % (ORDER - 1) + 1


def password(code: bytes) -> int:
    """Return the password scalar w of a code.

    A short code has no strength that a slow hash could save: what protects it is that each
    run of the exchange allows one guess.
    """
    wide = (
        sha256(b"spake2 password 0" + code).digest() + sha256(b"spake2 password 1" + code).digest()
    )
    return int.from_bytes(wide, "big") % ORDER


def share(x: int, w: int, side: Side) -> bytes:
    """Return the share of one side: x*P + w*M for A, x*P + w*N for B (RFC 9382, section 3.3)."""
    base = ECC.construct(curve=_CURVE, d=x).pointQ
    return encode(base + side.own * w)


def element(x: int, w: int, side: Side, peer_share: bytes) -> bytes:
    """Return the group element K = x*(peer's share - w*N) for A, with M for B.

    Raises:
        InvalidPointError: If the share is no point, or K would be the point at infinity.
    """
    unblinded = decode(peer_share) + (-(side.other * w))
    point = unblinded * x
    if point.is_point_at_infinity():
        raise InvalidPointError("the share gives the point at infinity")
    return encode(point)


def _length_first(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(8, "little") + part for part in parts)


def transcript_hash(
    id_a: bytes, id_b: bytes, share_a: bytes, share_b: bytes, k: bytes, w: int
) -> bytes:
    """Return Hash(TT), 32 bytes: Ke and Ka of RFC 9382, section 4."""
    parts = (id_a, id_b, share_a, share_b, k, w.to_bytes(32, "big"))
    return sha256(_length_first(*parts)).digest()


def secret(x: int, w: int, side: Side, peer_share: bytes) -> bytes:
    """Return Hash(TT) of one side, with empty identities.

    Raises:
        InvalidPointError: If the peer's share gives no secret.
    """
    k = element(x, w, side, peer_share)
    own = share(x, w, side)
    shares = (own, peer_share) if side.is_a else (peer_share, own)
    return transcript_hash(b"", b"", *shares, k, w)
