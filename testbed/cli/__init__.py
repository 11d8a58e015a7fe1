"""The command line: thin wrappers over what the other rooms do.

Every command imports what it needs when it runs, so that ``testbed --help`` is quick.
"""

from __future__ import annotations


def main() -> None:
    """Run the command line: the entry point of the ``testbed`` script."""
    from testbed.cli.app import app

    app(prog_name="testbed")
