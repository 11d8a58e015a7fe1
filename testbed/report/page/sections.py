"""The sections of a report in order, after the four questions of the MITRE and MDIC playbook.

What are we working on, what can go wrong, what are we going to do about it, did we do a good
job (Playbook for Threat Modeling Medical Devices, MITRE and MDIC, 2021).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from testbed.report.page import leaning, numbers, pictures, register, risks, story, system, threats
from testbed.report.page.chart import key_lines, lines_sheet
from testbed.report.page.evidence import Evidence
from testbed.report.page.pictures import Picture
from testbed.report.page.sheet import Sheet
from testbed.study.results import KINDS

NOBODY: Final = (
    "Nobody attacks in this scenario: every run is as its twin, nothing here is an effect on an "
    "attack, and what arms change is their price."
)


@dataclass(frozen=True, slots=True)
class Section:
    """One section.

    Attributes:
        name: Its name in the page, in letters, digits and dashes.
        title: Its title.
        lines: What it says in words.
        pictures: Its pictures.
        sheets: Its tables.
        folded: Whether it is folded until asked for.
    """

    name: str
    title: str
    lines: list[str] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)
    folded: bool = False


def sheets_of(evidence: Evidence) -> list[Sheet]:
    """Return every table of a report, in order."""
    return [each for part in parts_of(evidence, drawn=False) for s in part[1] for each in s.sheets]


def parts_of(evidence: Evidence, *, drawn: bool = True) -> list[tuple[str, list[Section]]]:
    """Return the four parts of a report with their sections.

    Args:
        evidence: What the report is made of.
        drawn: Whether with pictures, which take a while.
    """
    return [
        ("What are we working on?", _working_on(evidence, drawn)),
        ("What can go wrong?", _goes_wrong(evidence, drawn)),
        ("What are we going to do about it?", _to_do(evidence, drawn)),
        ("Did we do a good job?", _good_job(evidence, drawn)),
    ]


def _working_on(evidence: Evidence, drawn: bool) -> list[Section]:
    scenario = evidence.scenario
    told = (
        ["This version of the program does not know this scenario's settings any more."]
        if scenario is None
        else story.story(scenario)
    )
    place = pictures.place_picture(evidence) if drawn else None
    return [
        Section("scenario", "The scenario", told),
        Section(
            "system",
            "The system, and who hears whom",
            pictures=[] if place is None else [place],
            sheets=system.system_sheets(evidence),
        ),
    ]


def _goes_wrong(evidence: Evidence, drawn: bool) -> list[Section]:
    if evidence.is_calm:
        return [Section("threats", "Threats", [NOBODY]), *_runs(evidence, drawn)]
    return [
        Section("threats", "Threats", sheets=[threats.threats_sheet(evidence)]),
        Section(
            "funnel",
            "How far the attacks come",
            ["Each stage is a share of all attempts; nothing here is a rate of attacks."],
            list(pictures.funnel_pictures(evidence)) if drawn else [],
            [threats.funnel_sheet(evidence)],
        ),
        *_runs(evidence, drawn),
    ]


def _runs(evidence: Evidence, drawn: bool) -> list[Section]:
    """Return what runs look like: many at once, and one by itself."""
    run = evidence.example
    if run is None:
        lines = ["No run is shown: lived again, none comes to the numbers that are stored."]
        return [Section("run", "One run", lines)]
    fan = pictures.fan_picture(evidence) if drawn and not evidence.is_calm else None
    shown = list(pictures.run_pictures(evidence)) if drawn else []
    lines = [
        f"Replicate {run.replicate} of {run.arm}, lived again for this page; all its metrics are "
        "those that the study stored. Its twin is the same day with the same dice and no attacker."
    ]
    many = Section("glucose", "Glucose of many runs", pictures=[] if fan is None else [fan])
    told, left_out = key_lines(run.trace)
    one = Section(
        "run",
        "One run and its twin",
        lines,
        shown,
        [lines_sheet(told, left_out)] if told else [],
    )
    return [*([many] if fan is not None else []), one]


def _to_do(evidence: Evidence, drawn: bool) -> list[Section]:
    study = evidence.study
    price = pictures.price_picture(evidence) if drawn and not evidence.is_calm else None
    return [
        Section("precautions", "The arms", sheets=[story.arms_sheet(evidence)]),
        Section(
            "compared",
            "Arms compared",
            pictures=list(pictures.arms_pictures(evidence)) if drawn else [],
            sheets=[
                numbers.numbers_sheet(study, "metrics"),
                numbers.numbers_sheet(study, "effects"),
            ],
        ),
        Section(
            "price",
            "Effect against price",
            ["A price is what a precaution changes when nobody attacks."],
            [] if price is None else [price],
            [numbers.numbers_sheet(study, "prices")],
        ),
        *_attributed(evidence, drawn),
        Section(
            "further",
            "Further metrics",
            sheets=[numbers.numbers_sheet(study, kind, others=True) for kind in KINDS],
            folded=True,
        ),
    ]


def _attributed(evidence: Evidence, drawn: bool) -> list[Section]:
    """Return who has which share of the effect; nothing where arms hold no factorial."""
    if not numbers.divided(evidence.study):
        return []
    shown = list(pictures.shares_pictures(evidence)) if drawn else []
    title = "To which precaution how much is owed"
    return [Section("attribution", title, [], shown, [numbers.attribution_sheet(evidence.study)])]


def _leaning(evidence: Evidence, drawn: bool) -> list[Section]:
    """Return what the conclusion leans on; nothing where no sweep lies beside the study."""
    swept = evidence.swept
    if swept is None:
        return []
    return [
        Section(
            "leaning",
            "What the conclusion leans on",
            leaning.leaning_lines(evidence, swept),
            leaning.leaning_pictures(evidence, swept) if drawn else [],
            leaning.leaning_sheets(evidence, swept),
        )
    ]


def _good_job(evidence: Evidence, drawn: bool) -> list[Section]:
    found = [
        Section("verification", "Verification", sheets=[register.checks_sheet(evidence)]),
    ]
    if not evidence.is_calm:
        traced, left = risks.hazards_sheet(evidence), risks.residual_sheet(evidence)
        found += [
            Section("hazards", "From hazard to evidence", sheets=[traced]),
            Section("residual", "Residual risk", sheets=[left]),
        ]
    found += _leaning(evidence, drawn)
    if evidence.scenario is not None:
        sheet = register.assumptions_sheet(evidence.scenario)
        found.append(Section("assumptions", "Assumptions", sheets=[sheet], folded=True))
    return [
        *found,
        Section(
            "manifest",
            "Manifest",
            register.methods_lines(evidence),
            sheets=[register.manifest_sheet(evidence)],
            folded=True,
        ),
        Section("limits", "Limits", list(register.LIMITS)),
    ]
