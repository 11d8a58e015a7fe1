"""The group arithmetic and the transcript of ``pake`` are those of RFC 9382."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from testbed.protocol import spake2


class Vector(NamedTuple):
    """One vector of RFC 9382, appendix B; hexadecimal, but for the names."""

    name_a: str
    name_b: str
    w: str
    x: str
    y: str
    share_a: str
    share_b: str
    k: str
    hashed: str

    @property
    def scalars(self) -> tuple[int, int, int]:
        """The password and both private scalars."""
        return int(self.w, 16), int(self.x, 16), int(self.y, 16)


VECTORS = (
    Vector(
        "server",
        "client",
        "2ee57912099d31560b3a44b1184b9b4866e904c49d12ac5042c97dca461b1a5f",
        "43dd0fd7215bdcb482879fca3220c6a968e66d70b1356cac18bb26c84a78d729",
        "dcb60106f276b02606d8ef0a328c02e4b629f84f89786af5befb0bc75b6e66be",
        "04a56fa807caaa53a4d28dbb9853b9815c61a411118a6fe516a8798434751470f9"
        "010153ac33d0d5f2047ffdb1a3e42c9b4e6be662766e1eeb4116988ede5f912c",
        "0406557e482bd03097ad0cbaa5df82115460d951e3451962f1eaf4367a420676d0"
        "9857ccbc522686c83d1852abfa8ed6e4a1155cf8f1543ceca528afb591a1e0b7",
        "0412af7e89717850671913e6b469ace67bd90a4df8ce45c2af19010175e37eed69"
        "f75897996d539356e2fa6a406d528501f907e04d97515fbe83db277b715d3325",
        "0e0672dc86f8e45565d338b0540abe6915bdf72e2b35b5c9e5663168e960a91b",
    ),
    Vector(
        "",
        "client",
        "0548d8729f730589e579b0475a582c1608138ddf7054b73b5381c7e883e2efae",
        "403abbe3b1b4b9ba17e3032849759d723939a27a27b9d921c500edde18ed654b",
        "903023b6598908936ea7c929bd761af6039577a9c3f9581064187c3049d87065",
        "04a897b769e681c62ac1c2357319a3d363f610839c4477720d24cbe32f5fd85f44"
        "fb92ba966578c1b712be6962498834078262caa5b441ecfa9d4a9485720e918a",
        "04e0f816fd1c35e22065d5556215c097e799390d16661c386e0ecc84593974a61b"
        "881a8c82327687d0501862970c64565560cb5671f696048050ca66ca5f8cc7fc",
        "048f83ec9f6e4f87cc6f9dc740bdc2769725f923364f01c84148c049a39a735ebd"
        "a82eac03e00112fd6a5710682767cff5361f7e819e53d8d3c3a2922e0d837aa6",
        "642f05c473c2cd79909f9a841e2f30a70bf89b18180af97353ba198789c2b963",
    ),
    Vector(
        "server",
        "",
        "626e0cdc7b14c9db3e52a0b1b3a768c98e37852d5db30febe0497b14eae8c254",
        "07adb3db6bc623d3399726bfdbfd3d15a58ea776ab8a308b00392621291f9633",
        "b6a4fc8dbb629d4ba51d6f91ed1532cf87adec98f25dd153a75accafafedec16",
        "04f88fb71c99bfffaea370966b7eb99cd4be0ff1a7d335caac4211c4afd855e2e1"
        "5a873b298503ad8ba1d9cbb9a392d2ba309b48bfd7879aefd0f2cea6009763b0",
        "040c269d6be017dccb15182ac6bfcd9e2a14de019dd587eaf4bdfd353f031101e7"
        "cca177f8eb362a6e83e7d5e729c0732e1b528879c086f39ba0f31a9661bd34db",
        "0445ee233b8ecb51ebd6e7da3f307e88a1616bae2166121221fdc0dadb986afaf3"
        "ec8a988dc9c626fa3b99f58a7ca7c9b844bb3e8dd9554aafc5b53813504c1cbe",
        "005184ff460da2ce59062c87733c299c3521297d736598fc0a1127600efa1afb",
    ),
    Vector(
        "",
        "",
        "7bf46c454b4c1b25799527d896508afd5fc62ef4ec59db1efb49113063d70cca",
        "8cef65df64bb2d0f83540c53632de911b5b24b3eab6cc74a97609fd659e95473",
        "d7a66f64074a84652d8d623a92e20c9675c61cb5b4f6a0063e4648a2fdc02d53",
        "04a65b367a3f613cf9f0654b1b28a1e3a8a40387956c8ba6063e8658563890f46c"
        "a1ef6a676598889fc28de2950ab8120b79a5ef1ea4c9f44bc98f585634b46d66",
        "04589f13218822710d98d8b2123a079041052d9941b9cf88c6617ddb2fcc049466"
        "2eea8ba6b64692dc318250030c6af045cb738bc81ba35b043c3dcb46adf6f58d",
        "041a3c03d51b452537ca2a1fea6110353c6d5ed483c4f0f86f4492ca3f378d40a9"
        "94b4477f93c64d928edbbcd3e85a7c709b7ea73ee97986ce3d1438e135543772",
        "fc6374762ba5cf11f4b2caa08b2cd1b9907ae0e26e8d6234318d91583cd74c86",
    ),
)
every_vector = pytest.mark.parametrize(
    "vector", VECTORS, ids=[f"A={each.name_a!r} B={each.name_b!r}" for each in VECTORS]
)


@every_vector
def test_shares_are_the_published_ones(vector: Vector) -> None:
    """A's share is x*P + w*M and B's is y*P + w*N, uncompressed."""
    w, x, y = vector.scalars
    assert spake2.share(x, w, spake2.A).hex() == vector.share_a
    assert spake2.share(y, w, spake2.B).hex() == vector.share_b


@every_vector
def test_both_sides_find_the_published_element(vector: Vector) -> None:
    """From the other's share each side computes the published K."""
    w, x, y = vector.scalars
    assert spake2.element(x, w, spake2.A, bytes.fromhex(vector.share_b)).hex() == vector.k
    assert spake2.element(y, w, spake2.B, bytes.fromhex(vector.share_a)).hex() == vector.k


@every_vector
def test_transcript_hashes_to_the_published_value(vector: Vector) -> None:
    """The hash over names, shares, K and w, each with its length, is the published one."""
    found = spake2.transcript_hash(
        vector.name_a.encode(),
        vector.name_b.encode(),
        bytes.fromhex(vector.share_a),
        bytes.fromhex(vector.share_b),
        bytes.fromhex(vector.k),
        vector.scalars[0],
    )
    assert found.hex() == vector.hashed


def test_secret_is_the_published_hash_where_nobody_has_a_name() -> None:
    """What the devices use, which is the exchange with empty names, is the last vector."""
    vector = VECTORS[-1]
    w, x, y = vector.scalars
    assert spake2.secret(x, w, spake2.A, bytes.fromhex(vector.share_b)).hex() == vector.hashed
    assert spake2.secret(y, w, spake2.B, bytes.fromhex(vector.share_a)).hex() == vector.hashed
