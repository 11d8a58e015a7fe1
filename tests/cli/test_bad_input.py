"""What a scenario file that is wrong gets to hear, through the command line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.cafe import SMALL

from .conftest import Command

BAD = {
    "unknown key": (
        "max_bolus_U  = 10",
        "max_bolus  = 10",
        "cafe.toml:18: pump.max_bolus: unknown key, did you mean max_bolus_U?",
    ),
    "wrong type": (
        "max_bolus_U  = 10",
        'max_bolus_U  = "ten"',
        'cafe.toml:18: pump.max_bolus_U: expected a number from 0.1 to 25, found "ten"',
    ),
    "not a truth value": (
        "remote_bolus = true",
        'remote_bolus = "yes"',
        'cafe.toml:17: pump.remote_bolus: expected true or false, found "yes"',
    ),
    "out of range": (
        "max_bolus_U  = 10",
        "max_bolus_U  = 99",
        "cafe.toml:18: pump.max_bolus_U: expected a number from 0.1 to 25, found 99",
    ),
    "missing key": (
        "units = 10\n",
        "",
        "cafe.toml:34: attacker.step[2].units: expected a number above 0 and at most 100, "
        "found nothing",
    ),
    "missing place of a stay": (
        'until = "13:45"\nplace = "cafe"',
        'until = "13:45"\nplace = "caffe"',
        'cafe.toml:14: stay[1].place: expected a place, found "caffe", did you mean cafe?',
    ),
    "missing place of the attacker": (
        'place      = "cafe"',
        'place      = "moon"',
        'cafe.toml:28: attacker.place: expected a place, found "moon", one of home, clinic,',
    ),
    "missing device": (
        'device = "meter"',
        'device = "metre"',
        'cafe.toml:24: pairing[1].device: expected a device, found "metre"',
    ),
    "bad clock time": (
        'at     = "12:10"',
        'at     = "25:10"',
        'cafe.toml:25: pairing[1].at: expected a clock time such as "12:10", found "25:10"',
    ),
    "bad duration": (
        'duration = "2h"',
        'duration = "two hours"',
        'cafe.toml:5: time.duration: expected a duration such as "24h", "90s" or "1h 30min", '
        'found "two hours"',
    ),
    "times out of order": (
        "[[stay]]\n",
        '[[meal]]\nat = "12:10"\ncarbs_g = 3\n\n[[stay]]\n',
        "cafe.toml:12: meal[2].at: expected a time after 12:30, that of the meal before it, "
        'found "12:10"',
    ),
    "overlapping stays": (
        "[pump]\n",
        '[[stay]]\nfrom = "13:00"\nplace = "work"\n\n[pump]\n',
        "cafe.toml:17: stay[2].from: expected a time from 13:45 on, when the stay before it ends, "
        'found "13:00", the two stays overlap',
    ),
    "unknown pairing method": (
        'pairing = "serial-derived"',
        'pairing = "serial-derive"',
        'cafe.toml:21: link.pairing: expected a pairing method, found "serial-derive"',
    ),
    "unknown step": (
        'do = "overhear-pairing"',
        'do = "overhear"',
        "cafe.toml:32: attacker.step[1].do: expected one of",
    ),
    "arm of an unknown mitigation": (
        '["remote-bolus-off"]',
        '["remote-bolus-of"]',
        "cafe.toml:46: study.arms.remote-bolus-off[1]: expected a mitigation, "
        'found "remote-bolus-of", did you mean remote-bolus-off?',
    ),
    "unknown baseline": (
        'baseline   = "as-shipped"',
        'baseline   = "as-shiped"',
        'cafe.toml:42: study.baseline: expected one of the arms, found "as-shiped", '
        "did you mean as-shipped?",
    ),
    "expectation of an unknown metric": (
        'metric  = "unauthorised_U"',
        'metric  = "unauthorized_U"',
        'cafe.toml:50: expect[1].metric: expected a metric, found "unauthorized_U", '
        "did you mean unauthorised_U?",
    ),
    "not TOML": (
        'title = "An hour in a cafe"',
        'title = "An hour',
        "cafe.toml:1: expected a closing quote, found the end of the line at column 17",
    ),
}
"""What stands in the small scenario, what stands there instead, and what is said about it."""

TEN = (
    "unknown key",
    "not a truth value",
    "bad duration",
    "missing place of a stay",
    "missing place of the attacker",
    "missing device",
    "bad clock time",
    "unknown pairing method",
    "arm of an unknown mitigation",
    "expectation of an unknown metric",
)
"""Ten that do not change the lines that others stand on."""


def _spoilt(*names: str) -> str:
    text = SMALL
    for name in names:
        right, wrong, _ = BAD[name]
        assert text.count(right) == 1
        text = text.replace(right, wrong)
    return text


@pytest.mark.parametrize("name", BAD)
def test_each_error_is_told_with_line_key_expectation_and_finding(
    testbed: Command, small: Path, name: str
) -> None:
    """One error gives one line on stderr that says where, what was expected and what was found."""
    small.write_text(_spoilt(name), encoding="utf-8")
    ended = testbed("check", "cafe.toml")
    assert (ended.code, ended.out) == (2, "")
    (line,) = ended.err.splitlines()
    assert line.startswith(BAD[name][2])


def test_all_errors_of_a_file_are_told_at_once(testbed: Command, small: Path) -> None:
    """A file with ten different errors gets ten lines, in the order of the file."""
    small.write_text(_spoilt(*TEN), encoding="utf-8")
    ended = testbed("check", "cafe.toml")
    assert ended.code == 2
    lines = ended.err.splitlines()
    assert len(lines) == len(TEN) == 10
    for name in TEN:
        assert any(line.startswith(BAD[name][2]) for line in lines), name
    places = [int(line.split(":")[1]) for line in lines]
    assert places == sorted(places)


@pytest.mark.parametrize("command", ["run", "check", "trace"])
def test_every_command_refuses_a_wrong_file_alike(
    testbed: Command, small: Path, command: str
) -> None:
    """Whichever command reads the file, a wrong one ends in the same line and exit code 2."""
    small.write_text(_spoilt("wrong type"), encoding="utf-8")
    ended = testbed(command, "cafe.toml")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines() == [BAD["wrong type"][2]]
    assert not Path("results").exists()


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)


FILES = {
    "empty": (lambda path: path.write_bytes(b""), "{}:1: expected a scenario, found an empty file"),
    "binary": (
        lambda path: path.write_bytes(bytes(range(256))),
        "{}:2: expected UTF-8 text, found the byte 0x80",
    ),
    "NUL bytes": (lambda path: path.write_bytes(b"a = 1\n\0"), "{}:2: expected text, found a NUL"),
    "of 100 MB": (_huge, "{}: expected a file of at most 1 MiB, found 100.0 MiB"),
    "missing": (lambda path: None, "{}: expected a scenario file, found no file of that name"),
    "a directory": (Path.mkdir, "{}: expected a scenario file, found a directory"),
    "a pipe": (os.mkfifo, "{}: expected a scenario file, found something that is not a regular"),
}
"""How to make a file that is no scenario, and what is said about it."""


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("command", ["run", "check", "trace"])
def test_file_that_is_no_scenario_is_refused(
    testbed: Command, tmp_path: Path, command: str, name: str
) -> None:
    """Whatever the file is, the answer is one line that names it, and exit code 2."""
    path = tmp_path / "x.toml"
    make, says = FILES[name]
    make(path)
    ended = testbed(command, str(path))
    assert (ended.code, ended.out) == (2, "")
    (line,) = ended.err.splitlines()
    assert line.startswith(says.format(path))


def test_names_in_errors_are_printed_as_they_are(testbed: Command, small: Path) -> None:
    """Brackets in a file's name are no markup, and its control characters reach no terminal."""
    for name, shown in (("[red]a[/red] [b].toml", None), ("\x1b[31m.toml", "\\u001b[31m.toml")):
        ended = testbed("check", name)
        assert ended.code == 2
        assert ended.err.startswith(f"{shown or name}: expected a scenario file")


def test_long_error_is_one_line(testbed: Command, small: Path) -> None:
    """An error line is not wrapped, however long it is and whatever the terminal's width."""
    name = "x" * 200 + ".toml"
    assert len(testbed("check", name).err.splitlines()) == 1
