"""Simulation only: nothing in the package opens a socket, a port, a USB or a radio device."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted((ROOT / "testbed").rglob("*.py"))

OUTWARD = {
    *("socket", "_socket", "socketserver", "ssl", "asyncio", "selectors", "select", "http"),
    *("urllib", "ftplib", "smtplib", "poplib", "imaplib", "telnetlib", "xmlrpc", "webbrowser"),
    *("requests", "httpx", "aiohttp", "websockets", "zmq", "paramiko", "pexpect", "pty", "tty"),
    *("serial", "termios", "usb", "libusb1", "hid", "bluetooth", "bleak", "bluepy", "pygatt"),
    *("rtlsdr", "SoapySDR", "gnuradio", "RFXCOM", "smartcard", "nfc", "scapy", "pyshark"),
    *("ctypes", "cffi", "mmap", "dask", "distributed"),
}
"""Modules by which a program reaches out of itself."""

ALLOWED = {"testbed/study/cluster.py": {"distributed"}}
"""The one exception: work may be handed to a cluster that its owner names with ``--dask``."""


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
        elif isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in ("__import__", "import_module"):
                yield from (
                    each.value
                    for each in node.args
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                )


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_imports_nothing_that_reaches_out(path: Path) -> None:
    """No module imports a library of sockets, ports, buses or radios, nor names a device file."""
    tree = ast.parse(path.read_text("utf-8"))
    found = {name.split(".")[0] for name in _imports(tree)} & OUTWARD
    assert found == ALLOWED.get(path.relative_to(ROOT).as_posix(), set())
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    assert not [text for text in texts if isinstance(text, str) and text.startswith("/dev/")]


WATCHED = r"""
import importlib, os, pkgutil, sys

DEVICES = ("tty", "bus", "hidraw", "usb", "rfcomm", "rfkill", "serial", "input", "spidev", "i2c")
seen = []

def watch(event, arguments):
    if event.startswith("socket.") and event not in ("socket.gethostname",):
        seen.append(event)
        raise RuntimeError(f"the package reaches out: {event} {arguments}")
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        path = os.path.realpath(os.fsdecode(arguments[0]))
        if path.startswith("/dev/") and path[5:].startswith(DEVICES):
            seen.append(path)
            raise RuntimeError(f"the package opens a device: {path}")

sys.addaudithook(watch)

import testbed
for module in pkgutil.walk_packages(testbed.__path__, "testbed."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)

from testbed.cli import main
sys.argv = ["testbed", "run", sys.argv[1], "--replicates", "2", "--out", sys.argv[2]]
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
assert not seen, seen
print("watched")
"""


def test_cluster_is_reached_only_when_it_is_asked_for() -> None:
    """The module of the exception imports its library in functions, so loading it loads nothing."""
    (path,) = (ROOT / name for name in ALLOWED)
    tree = ast.parse(path.read_text("utf-8"))
    inside = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for name in _imports(node)
    }
    outside = {
        name
        for node in tree.body
        if not isinstance(node, ast.FunctionDef | ast.ClassDef)
        for name in _imports(node)
    }
    assert "distributed" in inside
    assert not {name.split(".")[0] for name in outside} & OUTWARD


def test_study_opens_no_socket_and_no_device(tmp_path: Path) -> None:
    """A process that fails at any socket or device still imports everything and runs a study."""
    ended = subprocess.run(
        [sys.executable, "-c", WATCHED, "scenarios/cafe_pairing.toml", str(tmp_path / "out")],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.endswith("watched\n")


def test_watching_finds_what_it_watches_for() -> None:
    """The same watch stops a program that does open a socket or a device."""
    watch = WATCHED[: WATCHED.index("import testbed\n")]
    for reach in ("import socket; socket.socket()", "open('/dev/ttyS99')"):
        ended = subprocess.run(
            [sys.executable, "-c", watch + reach], capture_output=True, text=True, check=False
        )
        assert "RuntimeError: the package" in ended.stderr
