"""The study: arms by replicates, who does the work, and how surely it is known."""

from testbed.study.estimate import Estimate
from testbed.study.results import Row, Study
from testbed.study.run import Run, UnknownArmError
from testbed.study.study import run_study

__all__ = ["Estimate", "Row", "Run", "Study", "UnknownArmError", "run_study"]
