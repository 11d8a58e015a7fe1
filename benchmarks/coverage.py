"""How often the intervals hold the truth in studies put together from simulated days.

The population is the scenario's patients, 60 days each.  A study is ten or thirty patients drawn
from it, with a few of the days of each, drawn too; the truth is the mean of the population.  It
takes some minutes, so the tests do the same with synthetic values instead.

    python benchmarks/coverage.py [scenarios/cafe_pairing.toml] [arm]
"""

from __future__ import annotations

import sys

import numpy as np
import testbed
from testbed.outcomes import METRICS
from testbed.study.intervals import mean_limits, share_difference_limits, share_limits

DAYS = 60
STUDIES = 8000
SIZES = ((10, 3), (10, 20), (30, 20))


def main() -> None:
    """Print a line a metric: its mean, and how many studies of 100 hold level and effect."""
    file, arm = (*sys.argv[1:], "scenarios/cafe_pairing.toml", "cancel-unexpected-bolus")[:2]
    scenario = testbed.load(file)
    baseline, arms = scenario.study.baseline, dict(scenario.study.arms)
    changes = {"study.arms": {each: arms[each] for each in (baseline, arm)}}
    scenario = scenario.patched({**changes, "patient.cohort": "all"})
    patients = len(scenario.patient.names)
    study = testbed.run_study(scenario, replicates=DAYS * patients)
    rng = np.random.default_rng(1)
    for each in SIZES:
        who = rng.integers(0, patients, (STUDIES, each[0], 1))
        day = rng.integers(0, DAYS, (STUDIES, *each))
        print(f"\n{each[0]} patients of {each[1]} days   mean  held   effect  held")
        for name, metric in METRICS.items():
            values = [[row.attacked[name] for row in study.of(of)] for of in (baseline, arm)]
            if any(None in column for column in values):
                continue  # a truth that some days do not have
            # Replicates go round the patients, so days are the first axis.
            old, new = (np.reshape(column, (DAYS, patients)).T for column in values)
            one, other = old[who, day].sum(axis=-1), new[who, day].sum(axis=-1)
            sizes = np.full(each[0], each[1])
            if metric.is_share:
                level = share_limits(one, sizes)
                effect = share_difference_limits(share_limits(other, sizes), level)
            else:
                level, effect = mean_limits(one, sizes), mean_limits(other - one, sizes)
            told = [f"{name:22}"]
            for truth, found in ((old.mean(), level), (new.mean() - old.mean(), effect)):
                held = 100 * ((found.low <= truth) & (truth <= found.high)).mean()
                told.append(f"{truth:9.3f} {held:5.1f}")
            print(*told)


if __name__ == "__main__":
    main()
