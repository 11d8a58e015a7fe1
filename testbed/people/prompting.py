"""How a person answers prompts: what is confirmed without being read, and how fast to cancel."""

from __future__ import annotations

from testbed.settings import NO_PUBLISHED_RATE, Settings, assumption


class Prompting(Settings):
    """How habit changes the answers to prompts, and how long a hand takes."""

    habituation_per_prompt: float = assumption(
        0.0,
        ge=0.0,
        le=0.5,
        unit="1",
        source=f"{NO_PUBLISHED_RATE}; that warnings lose effect with each showing is published "
        "(Vance et al., MISQ 2018), for software on computers and phones",
        description="Share of the prompts still read that each prompt seen lately turns into "
        "ones confirmed without reading.",
    )
    prompts_remembered_h: float = assumption(
        24.0,
        ge=1.0,
        le=168.0,
        unit="h",
        source=NO_PUBLISHED_RATE,
        description="How long a prompt that was seen adds to habit.",
    )
    cancel_takes_s: float = assumption(
        0.0,
        ge=0.0,
        le=300.0,
        unit="s",
        source=NO_PUBLISHED_RATE,
        description="Time from noticing a bolus of nobody's asking to having it cancelled.",
    )
    undo_unexpected_command: float = assumption(
        0.0,
        ge=0.0,
        le=1.0,
        unit="1",
        source=NO_PUBLISHED_RATE,
        description="Share of noticed commands of nobody's asking that the person undoes: "
        "resumes what was suspended, ends a temporary basal.",
    )
    wait_for_reply_s: float = assumption(
        10.0,
        ge=2.0,
        le=60.0,
        unit="s",
        source=NO_PUBLISHED_RATE,
        description="How long the person waits for the answer to a request made on the meter, "
        "before using the pump's buttons.",
    )


def chance_to_confirm(at_first: float, per_prompt: float, seen_lately: float) -> float:
    """Return the chance that a prompt of nobody's asking is confirmed.

    ``1 - (1 - at_first) (1 - per_prompt)^seen_lately``: each prompt seen lately turns the same
    share of those that would still be read into ones that are not.  The form is this testbed's;
    no published rate exists for prompts of a pump.

    Args:
        at_first: The chance for somebody who has seen none lately.
        per_prompt: The share that each prompt turns.
        seen_lately: How many there were, own ones among them; one that looks different counts as
            a part of one.
    """
    return 1.0 - (1.0 - at_first) * (1.0 - per_prompt) ** seen_lately if seen_lately else at_first
