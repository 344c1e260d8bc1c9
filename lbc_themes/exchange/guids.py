"""GUIDs that stay the same: made from what a thing is, or kept from the program it came from."""

import re
import uuid

_OURS = uuid.UUID("6f0d3b52-8f0e-5c0e-9d6f-5b6d0f4f3c11")
_KEPT = re.compile(r"(?:; )?refi-qda:([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})")


def guid_of(*parts: object) -> str:
    """Return the GUID of a thing that is fully named by ``parts``."""
    return str(uuid.uuid5(_OURS, "\x1f".join(map(str, parts))))


def kept_guid(source: str) -> str:
    """Return the GUID that another program gave, which our readers keep in ``source`` as ``refi-qda:GUID``, or "".

    >>> kept_guid("a study; refi-qda:0D62985D-B147-5D01-A9B5-CAE5DCD98342")
    '0d62985d-b147-5d01-a9b5-cae5dcd98342'
    """
    found = _KEPT.search(source)
    return found[1].lower() if found else ""


def without_guid(source: str) -> str:
    """Return ``source`` without the GUID in it."""
    return _KEPT.sub("", source)


def read_guid(text: str | None) -> str:
    """Return a GUID as written by any program (braces, capitals) in one form."""
    return (text or "").strip("{} \n\t").lower()
