"""Names of coders, and the name under which a settled code is kept."""

from lbc_themes.core.study_log import MACHINE, SETTLED, is_settled
from lbc_themes.review.refusal import PageError

_LONGEST = 60


def checked_coder(name: str) -> str:
    """Return a coder's name without blanks around it; refuse none, the machine's and those of settled codes.

    >>> checked_coder(" 李 ")
    '李'
    """
    said = name.strip()
    if not said or len(said) > _LONGEST or not said.isprintable():
        raise PageError(
            zh=f"编码者：名字要有 1 到 {_LONGEST} 个看得见的字，例如 李 或 coder-2",
            en=f"coder: a name has 1 to {_LONGEST} letters that can be seen; give one like 李 or coder-2",
        )
    if said == MACHINE or is_settled(said):
        raise PageError(
            zh=f"编码者：{said!r} 留给机器或裁定结果；请写一个人的名字",
            en=f"coder: {said!r} is kept for the machine or for settled codes; give the name of a person",
        )
    return said


def settled_by(coder: str) -> str:
    """Return the name under which codes that ``coder`` settles are recorded.

    >>> settled_by("李")
    'settled:李'
    """
    return f"{SETTLED}{coder}"


def person_of(coder: str) -> str:
    """Return the person behind a name, be it theirs or that of codes they settled.

    >>> person_of("settled:李"), person_of("李")
    ('李', '李')
    """
    return coder.removeprefix(SETTLED)
