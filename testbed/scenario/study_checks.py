"""Checks of the plan of a study against the arms, mitigations and metrics that there are."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from testbed.scenario.alternatives import alternatives_checks
from testbed.scenario.document import Document
from testbed.scenario.errors import KeyPath, Problem, show
from testbed.scenario.factors import FactorError, planned
from testbed.scenario.judging_checks import expectation_checks, unknown_name
from testbed.scenario.model import PatientSettings
from testbed.scenario.sections import problem
from testbed.scenario.study_settings import ADVICE_GROUP, Adoption, OwnArm, StudySettings


def check_study(
    document: Document,
    good: Mapping[str, Any],
    mitigations: Collection[str],
    metrics: Collection[str],
) -> Iterator[Problem]:
    """Yield every problem between the plan of a study and what it names.

    Args:
        document: The file.
        good: The checked values of the good sections, ``study`` among them.
        mitigations: The names that arms may use.
        metrics: The names of metrics.
    """
    study: StudySettings = good["study"]
    yield from _mitigations(document, study, mitigations)
    try:
        plan = planned(study, advice_among(mitigations))
    except FactorError as error:
        yield problem(document, ("study", "factors", *error.key), error.expected, error.found)
    else:
        arms = tuple(plan)
        yield from alternatives_checks(document, study, plan, mitigations)
        yield from _baseline(document, study, arms)
        yield from expectation_checks(document, arms, good.get("expect", ()), metrics)
        yield from _precision(document, study, arms, good.get("patient"), metrics)
        yield from _conclusion(document, study, arms, metrics)


def advice_among(mitigations: Collection[str]) -> tuple[str, ...]:
    """Return the names that the advice group stands for, of mitigations by name."""
    if not isinstance(mitigations, Mapping):
        return ()
    return tuple(name for name, each in mitigations.items() if each.bearer == "wearer")


def _mitigations(
    document: Document, study: StudySettings, mitigations: Collection[str]
) -> Iterator[Problem]:
    """Whatever arms and factors name is a mitigation."""
    known = (*mitigations, ADVICE_GROUP)
    listed: list[tuple[KeyPath, str | Adoption]] = [
        ((*_takes_at(arm, written), index), each)
        for arm, written in study.arms.items()
        for index, each in enumerate(written.takes if isinstance(written, OwnArm) else written)
    ]
    if study.factors is not None:
        where = ("study", "factors")
        listed += [
            ((*where, "mitigations", index), each)
            for index, each in enumerate(study.factors.mitigations)
        ]
        listed += [((*where, "adherence", name), name) for name in study.factors.adherence]
    for path, each in listed:
        name = each.name if isinstance(each, Adoption) else each
        if name not in known:
            here = (*path, "name") if isinstance(each, Adoption) else path
            yield unknown_name(document, here, "a mitigation", name, known)


def _takes_at(arm: str, written: object) -> KeyPath:
    return ("study", "arms", arm, *(("takes",) if isinstance(written, OwnArm) else ()))


def _baseline(document: Document, study: StudySettings, arms: Collection[str]) -> Iterator[Problem]:
    if study.baseline not in arms:
        yield unknown_name(document, ("study", "baseline"), "one of the arms", study.baseline, arms)


def _conclusion(
    document: Document, study: StudySettings, arms: Collection[str], metrics: Collection[str]
) -> Iterator[Problem]:
    wanted, path = study.conclusion, ("study", "conclusion")
    if wanted is None:
        return
    for key, arm in (("less", wanted.less), ("than", wanted.than)):
        if arm not in arms:
            yield unknown_name(document, (*path, key), "one of the arms", arm, arms)
    if wanted.metric not in metrics:
        yield unknown_name(document, (*path, "metric"), "a metric", wanted.metric, metrics)


def _precision(
    document: Document,
    study: StudySettings,
    arms: Collection[str],
    patient: PatientSettings | None,
    metrics: Collection[str],
) -> Iterator[Problem]:
    """A precision is about something that there is, and looks when every patient has a run."""
    wanted, path = study.precision, ("study", "precision")
    if wanted is None:
        return
    if wanted.arm not in arms:
        yield unknown_name(document, (*path, "arm"), "one of the arms", wanted.arm, arms)
    elif wanted.of != "metric" and wanted.arm == study.baseline:
        expected = f"an arm other than the baseline, for its {wanted.of}"
        yield problem(document, (*path, "arm"), expected, show(wanted.arm))
    if wanted.metric not in metrics:
        yield unknown_name(document, (*path, "metric"), "a metric", wanted.metric, metrics)
    every, patients = wanted.look_every, 1 if patient is None else len(patient.names)
    if every < patients:
        expected = f"{patients} or more, a replicate for each patient"
        yield problem(document, (*path, "look_every"), expected, show(every))
    elif every > study.replicates:
        expected = f"at most study.replicates, {study.replicates}"
        yield problem(document, (*path, "look_every"), expected, show(every))
