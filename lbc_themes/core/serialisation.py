"""Records as plain lists and mappings, the way JSON holds them, and back."""

import dataclasses
import json
import types
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_json(value: object) -> str:
    """Return records, tuples and mappings of them as JSON; parts that have their default value are left out."""
    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))


def from_json(kind: type[T], text: str) -> T:
    """Return the record, or tuple or mapping of records, of the type ``kind`` that ``to_json`` wrote."""
    return _thawed(kind, json.loads(text))  # type: ignore[no-any-return]


def from_plain(kind: type[T], value: object) -> T:
    """Return the record of the type ``kind`` that ``plain`` made."""
    return _thawed(kind, value)  # type: ignore[no-any-return]


def plain(value: object) -> Any:  # noqa: ANN401 (what JSON can hold)
    """Return records as mappings and tuples as lists."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        held = ((name, getattr(value, name), default) for name, default in _parts(type(value)))
        return {name: plain(part) for name, part, default in held if default is _NONE or part != default}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str | int | float | None):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    return value


_NONE = object()


def _default(field: dataclasses.Field[Any]) -> object:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return _NONE if field.default is dataclasses.MISSING else field.default


@cache
def _parts(kind: type) -> tuple[tuple[str, object], ...]:
    return tuple((each.name, _default(each)) for each in dataclasses.fields(kind))


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _meant(kinds: tuple[Any, ...], value: object) -> Any:  # noqa: ANN401 (any type form)
    """Return which of several kinds is meant: the record that has all the parts, or the only kind besides None."""
    for kind in kinds:
        if dataclasses.is_dataclass(kind) and isinstance(value, Mapping):
            required = {each.name for each in dataclasses.fields(kind) if _default(each) is _NONE}
            if required <= value.keys() <= {each.name for each in dataclasses.fields(kind)}:
                return kind
    return next(kind for kind in kinds if kind is not type(None))


def _thawed(kind: Any, value: Any) -> Any:  # noqa: ANN401 (any type form, any JSON)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return value
    if origin in (Union, types.UnionType):
        return None if value is None else _thawed(_meant(inner, value), value)
    if origin is tuple:
        parts = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(_thawed(each, part) for each, part in zip(parts, value, strict=True))
    if origin is not None:
        return {key: _thawed(inner[1], part) for key, part in value.items()}
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _thawed(hints[name], part) for name, part in value.items()})
    return kind(value) if isinstance(kind, type) and issubclass(kind, Enum | float) else value
