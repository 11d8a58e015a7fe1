"""What a report says, before it is a page or tables."""

from __future__ import annotations

from dataclasses import dataclass

from testbed.report.page.evidence import Evidence
from testbed.report.page.numbers import findings
from testbed.report.page.sections import NOBODY, Section, parts_of
from testbed.report.page.sheet import Sheet
from testbed.version import VERSION


@dataclass(frozen=True, slots=True)
class Document:
    """A report.

    Attributes:
        title: Its title.
        about: What it is about, in a sentence or more; may be empty.
        findings: What was found, a sentence each.
        sources: What the story stands for.
        stands_on: Under which assumptions it holds, in words.
        parts: Its parts, each with its sections.
        foot: What it was made of.
    """

    title: str
    about: str
    findings: list[str]
    sources: tuple[str, ...]
    stands_on: str
    parts: list[tuple[str, list[Section]]]
    foot: str

    @property
    def sheets(self) -> list[Sheet]:
        """Every table, in order."""
        return [each for _, sections in self.parts for one in sections for each in one.sheets]


def document_of(evidence: Evidence, *, drawn: bool = True) -> Document:
    """Return the report of a study; the same study gives the same report.

    Args:
        evidence: What it is made of.
        drawn: Whether with pictures, which take a while.
    """
    study, scenario = evidence.study, evidence.scenario
    return Document(
        title=study.title,
        about="" if scenario is None else scenario.about,
        findings=[*([NOBODY] if evidence.is_calm else []), *findings(study)],
        sources=() if scenario is None else tuple(scenario.sources),
        stands_on="the assumptions listed below",
        parts=parts_of(evidence, drawn=drawn),
        foot=f"Study {evidence.key[:12]} of {study.scenario}, {study.replicates} replicates an "
        f"arm, seed {study.seed}; testbed {VERSION}. No date stands here: the same study gives "
        "the same page.",
    )
