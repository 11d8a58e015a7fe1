"""What a settings field wants, said in plain words and followed key by key.

A :class:`Shape` is a field's type with the constraints written beside it.  The settings
classes stay the only place where ranges and choices stand; this module reads them off.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from annotated_types import GroupedMetadata
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    WrapValidator,
)
from pydantic.fields import FieldInfo

from testbed.scenario.errors import one_of, show

_SEQUENCES: Final = (list, tuple, set, frozenset, Sequence, Iterable)
_MAPPINGS: Final = (dict, Mapping)
_OWN_WORDS: Final = (BeforeValidator, PlainValidator, WrapValidator)


@dataclass(frozen=True, slots=True)
class Shape:
    """A type with its constraints.

    Attributes:
        kind: The type, without ``Annotated`` and without ``None``.
        marks: What was written beside it: bounds, validators, the discriminator.
    """

    kind: Any
    marks: tuple[Any, ...] = ()

    @property
    def origin(self) -> Any:
        """The bare container, such as ``list`` of ``list[str]``."""
        return get_origin(self.kind) or self.kind

    @property
    def model(self) -> type[BaseModel] | None:
        """The settings class, where the shape is one."""
        is_model = isinstance(self.kind, type) and issubclass(self.kind, BaseModel)
        return self.kind if is_model else None

    @property
    def members(self) -> tuple[Shape, ...]:
        """The shapes of a union, otherwise nothing."""
        return tuple(map(shape, get_args(self.kind))) if self.origin in (Union, UnionType) else ()

    @property
    def is_list(self) -> bool:
        """Whether a list is wanted."""
        return self.origin in _SEQUENCES

    @property
    def is_text(self) -> bool:
        """Whether text is wanted."""
        return self.kind is str

    @property
    def is_table(self) -> bool:
        """Whether a table is wanted, of whatever class."""
        if self.members:
            return all(member.is_table for member in self.members)
        return self.model is not None or self.origin in _MAPPINGS

    @property
    def tag(self) -> str | None:
        """The key whose text names the class, where the shape is such a union."""
        found = [mark.discriminator for mark in self.marks if isinstance(mark, Discriminator)]
        return next((tag for tag in found if isinstance(tag, str)), None)

    @property
    def tagged(self) -> dict[str, Shape]:
        """The class of each tag."""
        return {
            choice: member
            for member in self.members
            if member.model is not None and self.tag is not None
            for key, (_, info) in fields(member.model).items()
            if key == self.tag
            for choice in field_shape(info).choices
        }

    @property
    def choices(self) -> tuple[Any, ...]:
        """The values allowed, where they are listed."""
        if self.origin is Literal:
            given = get_args(self.kind)
        elif isinstance(self.kind, type) and issubclass(self.kind, Enum):
            given = tuple(self.kind)
        else:
            given = ()
        return tuple(each.value if isinstance(each, Enum) else each for each in given)

    def item(self, position: int = 0) -> Shape:
        """Return the shape of an item of a list or of a value of a table."""
        inner = [each for each in get_args(self.kind) if each is not Ellipsis]
        if not inner:
            return Shape(Any)
        if self.origin in _MAPPINGS:
            return shape(inner[-1])
        return shape(inner[min(position, len(inner) - 1)])

    def bound(self, name: str) -> Any:
        """Return the value of a constraint such as ``ge``, or None."""
        found = [getattr(mark, name, None) for mark in self.marks]
        return next((value for value in reversed(found) if value is not None), None)

    def adapter(self) -> TypeAdapter[Any]:
        """Return the checker of values of this shape."""
        kind: Any = Annotated[(self.kind, *self.marks)] if self.marks else self.kind
        config = None if self.model else ConfigDict(allow_inf_nan=False)
        return TypeAdapter(kind, config=config)


def shape(annotation: Any, marks: Iterable[Any] = ()) -> Shape:
    """Return the shape of an annotation; TOML has no null, so ``| None`` drops out."""
    outer = list(marks)
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *inner = get_args(annotation)
            outer = inner + outer
        elif get_origin(annotation) in (Union, UnionType) and NoneType in get_args(annotation):
            rest = tuple(each for each in get_args(annotation) if each is not NoneType)
            annotation = Union[rest]  # noqa: UP007 - built while running
        elif hasattr(annotation, "__value__"):
            annotation = annotation.__value__
        else:
            return Shape(annotation, tuple(_flat(outer)))


def _flat(marks: Iterable[Any]) -> Iterable[Any]:
    for mark in marks:
        if isinstance(mark, FieldInfo):
            yield from _field_marks(mark)
        elif isinstance(mark, GroupedMetadata):
            yield from mark
        else:
            yield mark


def _field_marks(info: FieldInfo) -> list[Any]:
    named = info.discriminator
    tag = [Discriminator(named) if isinstance(named, str) else named] if named else []
    return [*info.metadata, *tag]


def field_shape(info: FieldInfo) -> Shape:
    """Return the shape of a settings field."""
    return shape(info.annotation, _field_marks(info))


def fields(model: type[BaseModel]) -> dict[str, tuple[str, FieldInfo]]:
    """Return the attribute name and the field of each key a settings class knows."""
    return {
        (info.validation_alias if isinstance(info.validation_alias, str) else name): (name, info)
        for name, info in model.model_fields.items()
    }


def describe(wanted: Shape) -> str:
    """Return what a field expects, such as ``a number from 0.1 to 25``."""
    if any(isinstance(mark, _OWN_WORDS) for mark in wanted.marks) and (says := _own(wanted)):
        return says
    if wanted.choices:
        return one_of([show(choice) for choice in wanted.choices])
    if wanted.is_table:
        return "a table"
    if wanted.members:
        return " or ".join(dict.fromkeys(map(describe, wanted.members)))
    if wanted.is_list:
        return _list(wanted)
    if wanted.kind is bool:
        return "true or false"
    if wanted.kind is int:
        return "a whole number" + _range(wanted)
    if wanted.kind is float:
        return "a number" + _range(wanted)
    if wanted.kind is str:
        return "text" + _size(wanted, "character")
    return "a value"


def _own(wanted: Shape) -> str | None:
    """Ask a field that checks in its own words what it expects, by giving it nothing."""
    try:
        wanted.adapter().validate_json(b"null", strict=True)
    except ValidationError as error:
        message = error.errors(include_url=False)[0]["msg"]
        if message.startswith("expected "):
            return message.removeprefix("expected ")
    except (TypeError, AttributeError, LookupError):
        pass  # a validator that cannot take nothing has no words to offer
    return None


def _list(wanted: Shape) -> str:
    inner = wanted.item()
    plural = {bool: "true or false", int: "whole numbers", float: "numbers", str: "text"}
    if inner.is_table:
        of = " of tables"
    else:
        of = f" of {plural[inner.kind]}" if inner.kind in plural else ""
    return f"a list{of}" + _size(wanted, "item")


def _range(wanted: Shape) -> str:
    ge, gt, le, lt = (wanted.bound(name) for name in ("ge", "gt", "le", "lt"))
    if ge is not None and le is not None:
        return f" from {_number(ge)} to {_number(le)}"
    low = f"at least {_number(ge)}" if ge is not None else ""
    low = f"above {_number(gt)}" if gt is not None else low
    high = f"at most {_number(le)}" if le is not None else ""
    high = f"below {_number(lt)}" if lt is not None else high
    limits = " and ".join(part for part in (low, high) if part)
    return f" {limits}" if limits else ""


def _size(wanted: Shape, thing: str) -> str:
    low, high = wanted.bound("min_length"), wanted.bound("max_length")
    pattern = wanted.bound("pattern")
    says = []
    if low:
        says.append(f"at least {low} {thing}{'s' if low > 1 else ''}")
    if high is not None:
        says.append(f"at most {high} {thing}{'s' if high != 1 else ''}")
    if pattern is not None:
        says.append(f"the form {getattr(pattern, 'pattern', pattern)}")
    return f" with {' and '.join(says)}" if says else ""


def _number(value: Any) -> str:
    whole = isinstance(value, float) and math.isfinite(value) and value == round(value)
    return f"{value:.0f}" if whole else str(value)
