"""The frames of a run as a capture file, read back by Wireshark's own programs."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from testbed.api import Run, load, simulate
from testbed.protocol.frames import decode_header
from testbed.protocol.pairings import PAIRINGS
from testbed.report.pcapng import pcapng
from testbed.trace import FrameOverheard, FrameSent
from testbed.units import US_PER_S

ROOT = Path(__file__).parents[2]
DISSECTOR = ROOT / "docs" / "wireshark" / "pump_link.lua"
TSHARK = shutil.which("tshark")


@pytest.fixture(scope="module")
def run() -> Run:
    """A run in which a linking is overheard and a command sent."""
    return simulate(load(ROOT / "scenarios" / "cafe_pairing.toml"), None, 3)


@pytest.fixture(scope="module")
def capture(run: Run) -> bytes:
    """Its frames as a file."""
    return pcapng(run.trace, "the tests", "what é is of")


def blocks(data: bytes) -> list[tuple[int, bytes]]:
    """Return type and content of each block, checked as the specification says."""
    found = []
    while data:
        kind, length = struct.unpack_from("<II", data)
        assert length % 4 == 0
        assert struct.unpack_from("<I", data, length - 4) == (length,)
        found.append((kind, data[8 : length - 4]))
        data = data[length:]
    return found


def test_file_is_blocks_of_a_section_an_interface_and_every_frame(run: Run, capture: bytes) -> None:
    """A section header, an interface of LINKTYPE_USER0, and a block for each frame in order."""
    (section, head), (interface, link), *packets = blocks(capture)
    assert (section, interface) == (0x0A0D0D0A, 1)
    assert struct.unpack_from("<I", head) == (0x1A2B3C4D,)
    assert struct.unpack_from("<H", link) == (147,)
    frames = [event for _, event in run.trace.of(FrameSent)]
    assert [kind for kind, _ in packets] == [6] * len(frames)
    start = run.scenario.time.start
    for (_, packet), frame in zip(packets, frames, strict=True):
        _, high, low, kept, size = struct.unpack_from("<IIIII", packet)
        assert (high << 32 | low) == frame.t + start
        assert kept == size == len(frame.data)
        assert packet[20 : 20 + size] == frame.data


@pytest.fixture(scope="module")
def file(capture: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file on disk."""
    path = tmp_path_factory.mktemp("capture") / "frames.pcapng"
    path.write_bytes(capture)
    return path


def tshark(file: Path, *arguments: str) -> list[list[str]]:
    """Return what tshark says of a file, by its lines and their fields."""
    if TSHARK is None:
        pytest.skip("tshark, Wireshark's reader, is not installed")
    command = [TSHARK, "-X", f"lua_script:{DISSECTOR}", "-r", str(file), "-T", "fields"]
    options = [each for name in arguments for each in ("-e", name)]
    ended = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "Lua: " not in ended.stderr
    return [line.split("\t") for line in ended.stdout.splitlines()]


def test_wireshark_reads_every_field_of_every_header(run: Run, file: Path) -> None:
    """The dissector shows the header of each frame as the program's own codec decodes it."""
    names = ("pumplink.kind", "pumplink.source", "pumplink.destination", "pumplink.counter")
    found = tshark(file, *names)
    for row, (_, frame) in zip(found, run.trace.of(FrameSent), strict=True):
        kind, source, destination, counter = decode_header(frame.data)
        assert row == [str(kind), source.hex(), destination.hex(), str(counter)]


def test_wireshark_shows_the_simulated_truth_and_the_clock(run: Run, file: Path) -> None:
    """Comments say who sent a frame and who overheard it; the time is that of the day."""
    found = tshark(file, "frame.time_epoch", "frame.comment", "_ws.malformed")
    heard = {event.cause for _, event in run.trace.of(FrameOverheard)}
    for row, (position, frame) in zip(found, run.trace.of(FrameSent), strict=True):
        clock = (frame.t + run.scenario.time.start) / US_PER_S
        assert float(row[0]) == pytest.approx(clock, abs=1e-6)
        assert f"sent by the {frame.node}" in row[1]
        assert ("overhears" in row[1]) is (position in heard)
        assert row[2:] in ([""], [])


def test_dissector_knows_every_method() -> None:
    """The methods in the dissector are those of the program, code by code."""
    text = DISSECTOR.read_text("utf-8")
    table = text[text.index("METHODS = {") : text.index("local KINDS")]
    named = {int(code): name for code, name in re.findall(r'\[(\d+)\] = "([\w-]+)"', table)}
    assert named == {method.code: name for name, method in PAIRINGS.items()}


def test_comment_of_any_length_fits(run: Run) -> None:
    """A comment that is too long for its field is cut, and the file stays whole."""
    assert len(blocks(pcapng(run.trace, "x", "é" * 100_000))) > 2
