"""The study: arms by replicates, who does the work, and how surely it is known."""

from testbed.study.database import StoreError
from testbed.study.executor import ExecutorError
from testbed.study.frames import MissingExtraError
from testbed.study.results import Study
from testbed.study.row import Row
from testbed.study.run import Run, UnknownArmError
from testbed.study.statistics import Estimate
from testbed.study.store import Store
from testbed.study.study import open_study, run_study

__all__ = [
    "Estimate",
    "ExecutorError",
    "MissingExtraError",
    "Row",
    "Run",
    "Store",
    "StoreError",
    "Study",
    "UnknownArmError",
    "open_study",
    "run_study",
]
