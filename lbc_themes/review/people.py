"""Names of coders, and the name under which a settled code is kept."""

from lbc_themes.errors import InputError
from lbc_themes.exchange.contents import MACHINE, SETTLED, is_settled

_LONGEST = 60


def checked_coder(name: str) -> str:
    """Return a coder's name without blanks around it; refuse none, the machine's and those of settled codes.

    >>> checked_coder(" 李 ")
    '李'
    """
    said = name.strip()
    if not said or len(said) > _LONGEST or not said.isprintable():
        raise InputError(f"coder: a name has 1 to {_LONGEST} letters that can be seen; give one like 李 or coder-2")
    if said == MACHINE or is_settled(said):
        raise InputError(f"coder: {said!r} is kept for the machine or for settled codes; give the name of a person")
    return said


def settled_by(coder: str) -> str:
    """Return the name under which codes that ``coder`` settles are recorded.

    >>> settled_by("李")
    'settled:李'
    """
    return f"{SETTLED}{coder}"
