"""Rows as tables for other programs: pandas, CSV and Parquet, a few thousand rows at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from testbed.study.row import Row
from testbed.study.stored import TWIN

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped,unused-ignore]

    from testbed.study.results import Study

_AT_ONCE: Final = 2000
"""Rows in memory, and in a row group of a Parquet file."""


class MissingExtraError(ImportError):
    """A library is not there, and an extra of this package brings it.

    Args:
        wanted: What it is for.
        library: The library.
        extra: The extra.
    """

    def __init__(self, wanted: str, library: str, extra: str) -> None:
        super().__init__(
            f"{wanted} needs {library}, which is not installed\n"
            f"(pip install 'pump-link-testbed[{extra}]' brings it)"
        )


def frame_of(rows: Sequence[Row], metrics: Sequence[str]) -> pd.DataFrame:
    """Return rows as a tidy table: one row a replicate and arm, one column a metric.

    Columns are as :meth:`testbed.study.results.Study.frame` says.

    Args:
        rows: The rows.
        metrics: The metrics, in order.
    """
    import pandas as pd  # noqa: PLC0415 - slow to load, and only wanted here

    columns: dict[str, Any] = {
        "arm": pd.Series([row.arm for row in rows], dtype="str"),
        "replicate": pd.Series([row.replicate for row in rows], dtype="int64"),
        "patient": pd.Series([row.patient for row in rows], dtype="str"),
    }
    for name in metrics:
        columns[name] = pd.Series([row.attacked.get(name) for row in rows], dtype=float)
    for name in metrics:
        columns[TWIN + name] = pd.Series([row.twin.get(name) for row in rows], dtype=float)
    return pd.DataFrame(columns)


def frames(study: Study, arms: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
    """Yield a study's table in pieces that memory holds easily; at least one, if only of names.

    Args:
        study: The study.
        arms: The arms whose rows are wanted; all if left out.
    """
    every = iter(study.rows) if arms is None else (row for arm in arms for row in study.of(arm))
    rows, metrics = every, list(study.metrics)
    piece = list(islice(rows, _AT_ONCE))
    yield frame_of(piece, metrics)
    while piece := list(islice(rows, _AT_ONCE)):
        yield frame_of(piece, metrics)


def write_csv(study: Study, path: Path, arms: Sequence[str] | None = None) -> None:
    """Write one line a run, as a whole or not at all.

    Args:
        study: The study.
        path: The file.
        arms: The arms whose runs are wanted; all if left out.

    Raises:
        OSError: If it cannot be written.
    """
    part = _part(path)
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            for number, frame in enumerate(frames(study, arms)):
                frame.to_csv(file, index=False, header=number == 0, lineterminator="\n")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def write_parquet(study: Study, path: Path) -> None:
    """Write one row a run as Parquet, as a whole or not at all.

    Text columns are strings, replicates 64-bit whole numbers, metrics doubles that are null
    where they are not defined.

    Raises:
        MissingExtraError: If pyarrow is not installed.
        OSError: If it cannot be written.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError("Parquet", "pyarrow", "parquet") from None
    metrics = list(study.metrics)
    schema = pa.schema(
        [
            ("arm", pa.string()),
            ("replicate", pa.int64()),
            ("patient", pa.string()),
            *((name, pa.float64()) for name in (*metrics, *map(TWIN.__add__, metrics))),
        ]
    )
    part = _part(path)
    try:
        with pq.ParquetWriter(part, schema) as writer:
            for frame in frames(study):
                writer.write_table(pa.Table.from_pandas(frame, schema, preserve_index=False))
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")
