"""``testbed fleet``: what reports do for others, from a scenario file."""

from __future__ import annotations

from pathlib import Path

import pytest
from testbed.cli.app import app

TOLD = Path(__file__).parents[2] / "scenarios" / "told_to_the_maker.toml"


def test_reports_help_others_and_not_the_one_who_reports(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without reports a maker never knows; with them it does, and the first case gains nothing."""
    with pytest.raises(SystemExit) as ended:
        app(["fleet", str(TOLD), "--replicates", "10"], prog_name="testbed")
    out, err = capsys.readouterr()
    assert ended.value.code == 0, err
    rows = {line.split()[0]: line for line in out.splitlines() if line.split()}
    assert rows["as-shipped"].count("never") == 3
    assert "never" not in rows["half"]
    assert "never" not in rows["advice"]
    assert "Effect on the wearer who reports: 0, exactly." in out
