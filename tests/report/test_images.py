"""How the plots look: each against a picture of it that somebody looked at and kept."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from matplotlib.testing.compare import compare_images
from testbed.report.plots import Interval, plot_funnel

from .gallery import GALLERY, KEPT, STAGES, draw, draw_into

MOST_RMS = 5.0
"""How far pixels may be off, root mean square of 255: less than one mark or label makes."""


@pytest.mark.parametrize("name", GALLERY)
def test_plot_looks_as_it_did(name: str, tmp_path: Path) -> None:
    """A plot of the same data is the same picture, and what is along its axes has a unit."""
    ax = draw(name, tmp_path / "now.png")
    labels = [ax.get_xlabel(), *filter(None, [ax.get_ylabel()])]
    assert all(label.endswith(")") and "(" in label for label in labels), labels
    shutil.copy(KEPT / f"{name}.png", tmp_path / "then.png")
    assert compare_images(str(tmp_path / "then.png"), str(tmp_path / "now.png"), MOST_RMS) is None


def test_every_kept_picture_is_drawn() -> None:
    """No picture is kept of a plot that there is not."""
    assert {path.stem for path in KEPT.glob("*.png")} == set(GALLERY)


def test_changed_plot_is_told_from_the_one_kept(tmp_path: Path) -> None:
    """The comparison is fine enough to see two bars that are a little longer."""
    shutil.copy(KEPT / "funnel.png", tmp_path / "then.png")
    changed = [each._replace(share=Interval(0.225)) if each.harm else each for each in STAGES]
    draw_into(
        lambda ax: plot_funnel(changed, ax, title="as-shipped"),
        GALLERY["funnel"][0],
        tmp_path / "now.png",
    )
    assert compare_images(str(tmp_path / "then.png"), str(tmp_path / "now.png"), MOST_RMS)
