"""The methods behind a study's intervals and tests, by the names that its output uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MEAN: Final = "mean, 95 % skewness-corrected t interval clustered by patient"
DIFFERENCE: Final = (
    "difference paired by replicate, 95 % skewness-corrected t interval clustered by patient"
)
SHARE: Final = "share of runs, 95 % Wilson interval clustered by patient"
SHARE_DIFFERENCE: Final = (
    "difference of shares paired by replicate, 95 % MOVER interval clustered by patient"
)
SHARE_RATIO: Final = "ratio of shares paired by replicate, 95 % MOVER interval clustered by patient"
T_TEST: Final = "paired t test, skewness-corrected and clustered by patient"
MCNEMAR: Final = "McNemar's exact test"
SIGN_TEST: Final = "sign test of patients"
HOLM: Final = "Holm"
SHAPLEY: Final = (
    "Shapley shares (Contributions to the Theory of Games II, 1953;307), exact in each replicate; "
    "95 % skewness-corrected t intervals clustered by patient"
)

SOURCES: Final[Mapping[str, str]] = {
    MEAN: (
        "Cluster-robust variance with the CR2 correction and Satterthwaite's degrees of freedom "
        "(Bell and McCaffrey, Survey Methodology 2002;28:169; Pustejovsky and Tipton, J Bus Econ "
        "Stat 2018;36:672), which are patients less 1 where all have as many runs. The t statistic "
        "is transformed for the skewness among patients (Hall, J R Stat Soc B 1992;54:221, g1). "
        "Limits of a level beyond what the metric can be, such as units below 0, are cut there "
        "(truncation to the values that are possible, Mandelkern, Stat Sci 2002;17:149), which "
        "leaves the coverage as it is; those of differences are not."
    ),
    DIFFERENCE: "As for a mean, of the differences between the runs of one replicate.",
    SHARE: (
        "Wilson's score interval (J Am Stat Assoc 1927;22:209) on the effective number of runs of "
        "Korn and Graubard (Survey Methodology 1998;24:193), as Franco et al. recommend (J Surv "
        "Stat Methodol 2019;7:334). Where no run or every run has it, the design effect is taken "
        "as 1."
    ),
    SHARE_DIFFERENCE: (
        "Square-and-add of the limits of both shares with their clustered correlation (Newcombe, "
        "Stat Med 1998;17:2635, method 10; Zou and Donner, Stat Med 2008;27:1693)."
    ),
    SHARE_RATIO: (
        "From the same limits and correlation (Donner and Zou, Stat Methods Med Res 2012;21:347)."
    ),
    T_TEST: "The transformed t statistic of the interval of the difference.",
    MCNEMAR: (
        "Binomial test of the pairs that differ (McNemar, Psychometrika 1947;12:153). It tests "
        "that the arm changes nothing in any patient, and is exact for that however alike a "
        "patient's runs are."
    ),
    SIGN_TEST: "Used where every pair differs by the same, so that there is no variance.",
    HOLM: (
        "Holm's step-down correction (Scand J Stat 1979;6:65) over the arms that are compared with "
        "the baseline, for each metric and table by itself; not over metrics."
    ),
}
"""What each method is and who published it, by its name."""


def of_metric(is_share: bool) -> tuple[str, str, str, str, str]:
    """Return the methods of a metric: of its level, effect, price, ratio and test.

    Args:
        is_share: Whether every run gives 0 or 1.
    """
    if is_share:
        return SHARE, SHARE_DIFFERENCE, SHARE_DIFFERENCE, SHARE_RATIO, MCNEMAR
    return MEAN, DIFFERENCE, DIFFERENCE, "none", T_TEST
