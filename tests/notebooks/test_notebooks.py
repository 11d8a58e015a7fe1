"""The notebooks run, and are kept without what they print."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def _read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def test_there_is_a_notebook() -> None:
    """The folder is where the tests look for it."""
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_kept_without_outputs(path: Path) -> None:
    """A notebook in the repository holds no outputs and no execution counts."""
    for cell in _read(path).cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell runs in a fresh kernel of this interpreter, and every figure is shown."""
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    notebook = _read(path)
    notebook.cells.insert(0, nbformat.v4.new_code_cell("import sys; sys.executable"))  # type: ignore[no-untyped-call]
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=300,
        resources={"metadata": {"path": str(path.parent)}},
    )
    client.execute(env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    first, *cells = (cell for cell in notebook.cells if cell.cell_type == "code")
    assert first.outputs[0].data["text/plain"].strip("'") == sys.executable
    for cell in cells:
        if "_figure(" in cell.source and "import" not in cell.source:
            assert any("image/png" in output.get("data", {}) for output in cell.outputs)


IN_A_CELL = """\
from testbed.report.progress import NotebookProgress
progress = NotebookProgress()
for done in range(0, 5):
    progress(done, 4)
"""


def test_progress_in_a_notebook_is_one_line_that_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a real kernel the work has one output, which ends by saying that all is done."""
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    cell = nbformat.v4.new_code_cell(IN_A_CELL)  # type: ignore[no-untyped-call]
    notebook = nbformat.v4.new_notebook(cells=[cell])  # type: ignore[no-untyped-call]
    client = NotebookClient(notebook, kernel_name="python3", timeout=300)
    client.execute(env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
    (output,) = notebook.cells[0].outputs
    assert output.data["text/plain"].startswith("4 of 4 runs")
