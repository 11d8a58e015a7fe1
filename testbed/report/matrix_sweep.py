"""What a sweep concludes, for a terminal and as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from testbed.outcomes import METRICS
from testbed.report.matrix import limits, mean
from testbed.study.estimate import number_text
from testbed.study.matrix_conclusions import Concluded, Conclusion, Flip, always_best, stands

SETTINGS = {
    "patient.behaviour.accept_unexpected_prompt": "how often a prompt of nobody's asking is "
    "confirmed",
    "patient.behaviour.remote_bolus_use": "how often a bolus is asked for on the meter",
}
"""What is swept, in words."""


def named(names: Iterable[str]) -> str:
    """Return names as code, with commas between them."""
    return ", ".join(f"`{name}`" for name in names)


def _effect(found: Conclusion) -> str:
    """Return the largest effect with its limits, and whether it is shown."""
    decimals = METRICS[found.metric].decimals
    told = number_text(found.effect, decimals, signed=True)
    if found.limits is not None and found.limits[0] != found.limits[1]:
        low, high = (number_text(each, decimals) for each in found.limits)
        told += f" ({low} to {high})"
    return told if found.surely else f"{told}, not sure"


def conclusion_words(found: Conclusion) -> str:
    """Return the best mitigations of a conclusion, and what they change, in a few words."""
    if not found.shipped and not found.best:
        return "no harm as shipped"
    if not found.best:
        return "none removes harm"
    return f"{', '.join(found.best)}: {_effect(found)}"


def flip_words(flip: Flip) -> str:
    """Return where an order changes, and whether the intervals bear it."""
    one, other = flip.better
    first, second = (
        f"{mean(each, flip.metric)} ({limits(each, flip.metric)})" for each in flip.differences
    )
    borne = "the intervals bear it" if flip.is_borne else "the intervals do not bear it"
    return (
        f"{flip.path}: {one} is best at {flip.values[0]:g}, {other} at {flip.values[1]:g}; "
        f"{flip.metric} with the first less with the second {first}, then {second}: {borne}"
    )


def sweep_report(told: Concluded) -> RenderableType:
    """Return for each path and setting the best mitigations at each value."""
    parts: list[RenderableType] = []
    found = told.conclusions
    for path in dict.fromkeys(each.path for each in found):
        of_path = [each for each in found if each.path == path]
        parts.append(Text(path, style="bold"))
        for setting in dict.fromkeys(each.setting for each in of_path):
            at = [each for each in of_path if each.setting == setting]
            if not at[0].bears:
                parts.append(Text(f"  {setting}: the harm of every run is the same at every value"))
                at = at[:1]
            else:
                verdict = "the same best at every value" if stands(at) else "the best depends on it"
                parts.append(Text(f"  {setting}: {verdict}"))
            for each in at:
                decimals = METRICS[each.metric].decimals
                shipped = f"{each.metric} {number_text(each.shipped, decimals)} as shipped"
                value = f"{each.value:g}" if each.bears else "any"
                parts.append(Text(f"    {value}: {shipped}; {conclusion_words(each)}", style="dim"))
        parts.append(Text(""))
    if told.flips:
        parts.append(Text("Where the best is another", style="bold"))
        parts += [Text(f"  {flip_words(flip)}") for flip in told.flips]
    return Group(*parts)


def in_short(told: Concluded) -> list[str]:
    """Return a sentence or two on each setting: on which paths it bears, and what becomes of it."""
    lines = []
    for setting in dict.fromkeys(each.setting for each in told.conclusions):
        own = [each for each in told.conclusions if each.setting == setting]
        values = list(dict.fromkeys(each.value for each in own))
        paths = {
            path: [each for each in own if each.path == path]
            for path in dict.fromkeys(each.path for each in own)
        }
        bears = {path: at for path, at in paths.items() if at[0].bears}
        other = [path for path, at in bears.items() if not stands(at) and not always_best(at)]
        borne = [each for each in told.flips if each.setting == setting and each.is_borne]
        line = (
            f"From {values[0]:g} to {values[-1]:g} of `{setting}` "
            f"({SETTINGS.get(setting, 'which is swept')}) the harm of {len(bears)} of "
            f"{len(paths)} paths differs at all"
        )
        if bears:
            line += f": {named(bears)}"
        line += (
            ". On none of them is another line of advice best at one value than at another"
            if not other
            else f". What is best is not the same at every value on {named(other)}"
        )
        if other:
            told_of = named(each.path for each in borne)
            line += (
                f"; the intervals bear it on {told_of}"
                if borne
                else ("; the intervals bear that on none")
            )
        lines.append(f"{line}.")
    return lines


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def sweep_lines(told: Concluded) -> list[str]:
    """Return what is best of each path at each value of what nobody has published, and prices."""
    lines = [
        "## What changes over the numbers that nobody has published",
        "",
        f"Compared are {named(told.mitigations)}, each by itself, with {told.replicates} "
        "replicates an arm at each value. What has the same effect in print is best together. "
        "Sure: what has p below 0.05 after correction over all paths at that value, the most harm "
        "removed first.",
        "",
    ]
    for setting in dict.fromkeys(each.setting for each in told.conclusions):
        own = [each for each in told.conclusions if each.setting == setting]
        same = list(dict.fromkeys(each.path for each in own if not each.bears))
        bearing = list(dict.fromkeys(each.path for each in own if each.bears))
        lines += [f"### `{setting}`", ""]
        if same:
            lines += [f"The harm of every run is the same at every value: {named(same)}.", ""]
        if bearing:
            lines += [
                _row(["path", "value", "as shipped", "best", "effect (95 % limits)", "sure"]),
                "|---|---:|---:|---|---|---|",
            ]
            for path in bearing:
                lines += [_at(each) for each in own if each.path == path]
            lines.append("")
        flips = [each for each in told.flips if each.setting == setting]
        lines += [f"* {flip_words(each)}." for each in flips]
        lines += [""] if flips else []
        lines += _prices(told, setting)
    return lines


def _at(found: Conclusion) -> str:
    decimals = METRICS[found.metric].decimals
    return _row(
        [
            f"`{found.path}`",
            f"{found.value:g}",
            f"`{found.metric}` {number_text(found.shipped, decimals)}",
            named(found.best) or conclusion_words(found),
            _effect(found) if found.best else "",
            named(found.order) or "none",
        ]
    )


def _prices(told: Concluded, setting: str) -> list[str]:
    own = [each for each in told.prices if each.setting == setting]
    if not own:
        return []
    values = list(dict.fromkeys(each.value for each in own))
    lines = [
        "Prices when nobody attacks that are not the same at every value:",
        "",
        _row(["mitigation", "price", *(f"{value:g}" for value in values)]),
        "|---|---|" + "---|" * len(values),
    ]
    rows: dict[tuple[str, str], list[str]] = {}
    for each in own:
        price = each.price
        cost = mean(price.cost, price.metric)
        if not price.cost.is_exact:
            cost += f" ({limits(price.cost, price.metric)})"
        rows.setdefault((price.mitigation, price.metric), []).append(cost)
    lines += [_row([f"`{name}`", f"`{metric}`", *costs]) for (name, metric), costs in rows.items()]
    return [*lines, ""]
