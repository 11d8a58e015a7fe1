"""Checks a document against the settings classes, each section and list item on its own.

One bad value hides nothing: every section and every item is judged alone, all problems
are reported together, and what is good is handed on so that cross-checks can still run.
Values are checked as strictly as TOML writes them: text never becomes a number, and
true and false are not numbers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import time
from functools import lru_cache
from typing import Any, Final, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from testbed.scenario.document import Document, value_at
from testbed.scenario.errors import KeyPath, Problem, did_you_mean, dotted, one_of, show
from testbed.scenario.shapes import Shape, describe, field_shape, fields

MAX_PROBLEMS: Final = 200
"""How many problems are told of one document; the rest are counted."""

_STANDARD: Final = frozenset(get_args(ErrorType))
_IN_WORDS: Final = frozenset({"value_error", "assertion_error"})
_UNION_TAGS: Final = frozenset({"union_tag_invalid", "union_tag_not_found"})
_LONGEST_WORDS: Final = 200


@dataclass(frozen=True, slots=True)
class Item:
    """A good item of a list section.

    Attributes:
        index: Its position in the file's list, counted from 0, bad items included.
        value: The checked settings.
    """

    index: int
    value: Any


def problem(
    document: Document, path: KeyPath, expected: str, found: str, hint: str | None = None
) -> Problem:
    """Return a problem with the key at ``path``, for checks across sections.

    Args:
        document: The file.
        path: The key; list items counted from 0.
        expected: What should stand there, or empty when ``found`` says it all.
        found: What stands there; :func:`~testbed.scenario.errors.show` renders a value.
        hint: What to do about it.
    """
    return Problem(document.name, document.line(path), dotted(path), expected, found, hint)


@dataclass(slots=True)
class _Findings:
    """The problems of one document, up to a limit."""

    document: Document
    problems: list[Problem] = field(default_factory=list)
    settled: set[KeyPath] = field(default_factory=set)
    more: int = 0

    def add(self, path: KeyPath, expected: str, found: str, hint: str | None = None) -> None:
        self.problems.append(problem(self.document, path, expected, found, hint))

    def full(self, coming: int = 1) -> bool:
        """Count ``coming`` problems as untold when there is no room for them."""
        is_full = len(self.problems) >= MAX_PROBLEMS
        self.more += coming if is_full else 0
        return is_full

    def all(self) -> list[Problem]:
        if self.more:
            rest = Problem(self.document.name, found=f"and {self.more} more problems")
            return [*self.problems, rest]
        return self.problems


def validate(
    document: Document, model: type[BaseModel], path: KeyPath = ()
) -> tuple[dict[str, Any], list[Problem]]:
    """Check the table at ``path`` field by field.

    Args:
        document: The file.
        model: The class whose fields are the sections.  Validators on the class itself run
            last, when all fields are good; they may refuse, not change a value.
        path: The table to check; the whole document unless given.

    Returns:
        The checked value of each good section, by attribute name, and all problems.  A
        section left out has its default.  A list of tables is a tuple of its good
        :class:`Item`.
    """
    findings = _Findings(document)
    table = document.at(path) if path else document.data
    if not isinstance(table, dict):
        findings.add(path, "a table", show(table))
        return {}, findings.all()
    known = fields(model)
    for key in table:
        if key not in known:
            _unknown_key(findings, (*path, key), list(known))
    values: dict[str, Any] = {}
    for key, (name, info) in known.items():
        wanted = field_shape(info)
        listed = wanted.is_list and wanted.item().is_table
        here = (*path, key)
        if key not in table:
            if info.is_required():
                findings.add(here, describe(wanted), "nothing")
                continue
            default = info.get_default(call_default_factory=True, validated_data={})
            if listed and default is not None:
                default = tuple(Item(index, each) for index, each in enumerate(default))
            values[name] = default
        elif listed:
            checker = _checker(model, name, True)
            items = _check_items(findings, here, wanted, checker, table[key])
            if items is not None:
                values[name] = items
        else:
            checker = _checker(model, name, False)
            good, value = _check(findings, here, wanted, checker, table[key])
            if good:
                values[name] = value
    if not findings.problems:  # validators of the class itself need all of its fields
        _check(findings, path, Shape(model), Shape(model).adapter(), table)
    return values, findings.all()


def _check_items(
    findings: _Findings, path: KeyPath, wanted: Shape, checker: TypeAdapter[Any], given: Any
) -> tuple[Item, ...] | None:
    """Return the good items of a list of tables, or None when it is no list."""
    if not isinstance(given, list):
        hint = f"write [[{dotted(path)}]]" if isinstance(given, dict) else None
        findings.add(path, "a list of tables", show(given), hint)
        return None
    low, high = wanted.bound("min_length") or 0, wanted.bound("max_length")
    if len(given) < low or (high is not None and len(given) > high):
        findings.add(path, describe(wanted), f"{len(given)} items")
    inner = wanted.item()
    good = []
    for index, each in enumerate(given):
        is_good, value = _check(findings, (*path, index), inner, checker, each)
        if is_good:
            good.append(Item(index, value))
    return tuple(good)


@lru_cache(maxsize=256)
def _checker(model: type[BaseModel], name: str, item: bool) -> TypeAdapter[Any]:
    wanted = field_shape(model.model_fields[name])
    return (wanted.item() if item else wanted).adapter()


def _check(
    findings: _Findings, path: KeyPath, wanted: Shape, checker: TypeAdapter[Any], value: Any
) -> tuple[bool, Any]:
    """Return whether ``value`` is good, and what it becomes; note what is wrong with it.

    The value goes in as JSON, the form in which strict checking still lets a list become
    a tuple, text an enumeration's member and a whole number a number.
    """
    text = json.dumps(value, default=_encode)
    try:
        return True, checker.validate_json(text, strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        if not findings.full(error.error_count()):
            for details in error.errors(include_url=False, include_input=False):
                _note(findings, path, wanted, value, details)
    except ArithmeticError:  # a number in text that is beyond what a float holds
        if not findings.full():
            findings.add(path, describe(wanted), "a number out of range")
    return False, None


def _encode(value: object) -> object:
    # A time without quotes is taken as a clock time; no setting takes TOML's dates.
    return value.isoformat() if isinstance(value, time) else [None]


def _follow(wanted: Shape, location: tuple[int | str, ...]) -> tuple[KeyPath, Shape, Shape]:
    """Return the keys of a pydantic location, the shape there and the one around it.

    Pydantic's locations also hold the tags of unions, which are no keys.  The walk ends
    at a union without tags: which of its members was meant is for the caller to say.
    """
    path: KeyPath = ()
    around = wanted
    for part in location:
        if wanted.tag is not None:
            wanted = wanted.tagged.get(str(part), Shape(Any))
            continue
        if wanted.members or part == "[key]":
            break
        path = (*path, part)
        around = wanted
        if wanted.model is not None:
            info = fields(wanted.model).get(str(part))
            wanted = field_shape(info[1]) if info else Shape(Any)
        else:
            wanted = wanted.item(part if isinstance(part, int) else 0)
    return path, wanted, around


def _note(
    findings: _Findings, base: KeyPath, wanted: Shape, given: Any, details: ErrorDetails
) -> None:
    inner, wanted, around = _follow(wanted, details["loc"])
    kind = details["type"]
    # A validator of a whole class says itself which key it is about.
    at = details.get("ctx", {}).get("at", ())
    inner = (*inner, *at)
    path = base + inner
    if path in findings.settled or findings.full():
        return
    value = value_at(given, inner)
    if (
        kind == "too_short"
        and isinstance(value, list)
        and len(value) >= details["ctx"]["min_length"]
    ):
        return  # the items that it lacks are the bad ones, which are told of
    if kind == "extra_forbidden" and around.model is not None:
        _unknown_key(findings, path, list(fields(around.model)))
    elif kind == "missing":
        findings.add(path, describe(wanted), "nothing")
    elif kind in _UNION_TAGS and wanted.tag is not None:
        if isinstance(value, str):  # a name that stands for the table with that tag
            _wrong_choice(findings, path, tuple(wanted.tagged), value)
            return
        tag = value.get(wanted.tag) if isinstance(value, dict) else None
        _wrong_choice(findings, (*path, wanted.tag), tuple(wanted.tagged), tag)
    elif wanted.members and wanted.tag is None:
        _wrong_member(findings, path, wanted, value)
        findings.settled.add(path)  # each member complains; one answer is enough
    elif kind == "choice":
        _wrong_name(findings, path, details["ctx"], value)
    elif kind in _IN_WORDS or kind not in _STANDARD:
        _in_words(findings, path, details, value)
    elif wanted.choices:
        _wrong_choice(findings, path, wanted.choices, value)
    else:
        expected = describe(wanted)
        if kind == "finite_number":
            expected = expected.replace("a number", "a finite number")
        findings.add(path, expected, show(value), _quotes_hint(expected, value))


def _unknown_key(findings: _Findings, path: KeyPath, allowed: list[str]) -> None:
    if findings.full():
        return
    near = did_you_mean(str(path[-1]), allowed)
    hint = f"did you mean {near}?" if near else f"expected {one_of(allowed)}" if allowed else None
    findings.add(path, "", "unknown key", hint)


def _wrong_choice(findings: _Findings, path: KeyPath, choices: tuple[Any, ...], value: Any) -> None:
    words = [choice for choice in choices if isinstance(choice, str)]
    near = did_you_mean(value, words) if isinstance(value, str) else None
    hint = f"did you mean {show(near)}?" if near else None
    findings.add(path, one_of([show(choice) for choice in choices]), show(value), hint)


def _wrong_name(findings: _Findings, path: KeyPath, told: dict[str, Any], value: Any) -> None:
    """Report a name that is none of those that a ``OneOf`` knows."""
    near = did_you_mean(value, told["choices"]) if isinstance(value, str) else None
    hint = f"did you mean {show(near)}?" if near else one_of(told["choices"])
    findings.add(path, told["kind"], show(value), hint)


def _wrong_member(findings: _Findings, path: KeyPath, wanted: Shape, value: Any) -> None:
    """Report on the only member of a union that has the value's outline, or on them all."""
    alike = [
        member
        for member in wanted.members
        if (isinstance(value, list) and member.is_list)
        or (isinstance(value, dict) and member.is_table)
        or (isinstance(value, str) and member.is_text)
    ]
    if len(alike) == 1:
        _check(findings, path, alike[0], alike[0].adapter(), value)
    else:
        findings.add(path, describe(wanted), show(value))


def _in_words(findings: _Findings, path: KeyPath, details: ErrorDetails, value: Any) -> None:
    """Report what a validator of our own says."""
    error = details.get("ctx", {}).get("error")
    says = (str(error) if error else details["msg"])[:_LONGEST_WORDS]
    found = show(value)
    if says.startswith("expected "):
        expected, _, told = says.removeprefix("expected ").partition(", found ")
        findings.add(path, expected, told or found)
    else:
        findings.add(path, "", says, None if isinstance(value, dict | list) else f"found {found}")


def _quotes_hint(expected: str, value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        unquoted = json.loads(value[:_LONGEST_WORDS])
    except (ValueError, RecursionError):
        return None
    wants_number = "number" in expected and type(unquoted) in (int, float)
    wants_bool = expected == "true or false" and isinstance(unquoted, bool)
    return "write it without quotes" if wants_number or wants_bool else None
