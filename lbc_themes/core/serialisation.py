"""Records as plain lists and mappings, the way JSON holds them, and back."""

import json
from typing import Any, TypeVar

from cattrs import Converter
from cattrs.errors import ForbiddenExtraKeysError, StructureHandlerNotFoundError

T = TypeVar("T")

# Parts that have their default value are left out, so that a record written today reads the same after it has gained
# a part. An unknown part is refused: it is damage, or was written by a later release.
_CONVERTER = Converter(
    omit_if_default=True, forbid_extra_keys=True, detailed_validation=False, unstruct_collection_overrides={tuple: list}
)


def to_json(value: object) -> str:
    """Return records, tuples and mappings of them as JSON; parts that have their default value are left out."""
    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"))


def from_json(kind: type[T], text: str) -> T:
    """Return the record, or tuple or mapping of records, of the type ``kind`` that ``to_json`` wrote.

    Raises ValueError, KeyError or TypeError for what ``to_json`` does not write of that type.
    """
    return from_plain(kind, json.loads(text))


def plain(value: object) -> Any:  # noqa: ANN401 (what JSON can hold)
    """Return records as mappings and tuples as lists."""
    return _CONVERTER.unstructure(value)


def from_plain(kind: type[T], value: object) -> T:
    """Return the record of the type ``kind`` that ``plain`` made; raises as ``from_json`` does."""
    try:
        return _CONVERTER.structure(value, kind)
    except (ForbiddenExtraKeysError, StructureHandlerNotFoundError) as fault:
        raise ValueError(str(fault)) from fault
