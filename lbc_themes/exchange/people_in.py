"""Users, participants and variables of a REFI-QDA project."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lbc_themes.core.records import Bilingual
from lbc_themes.exchange.guids import read_guid
from lbc_themes.exchange.loss import Loss
from lbc_themes.exchange.tree import child, children, tag_of

if TYPE_CHECKING:
    from lxml.etree import _Element

_CODED = Bilingual(zh="案例上的编码", en="codes on cases")
_ALIAS = {"角色": "role", "身份": "role", "性别": "gender", "sex": "gender", "年龄": "age"}


def users_of(project: "_Element") -> dict[str, str]:
    """Return the names of users by GUID; names that come twice are told apart by a number."""
    named: dict[str, str] = {}
    seen: Counter[str] = Counter()
    for user in children(child(project, "Users"), "User"):
        guid = read_guid(user.get("guid"))
        name = (user.get("name") or user.get("id") or f"user {guid[:8]}").strip()
        seen[name] += 1
        named[guid] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return named


def author(element: "_Element", users: Mapping[str, str], instead: str) -> str:
    """Return who made something, or ``instead`` where the file does not say."""
    for key in ("creatingUser", "modifyingUser"):
        guid = read_guid(element.get(key))
        if guid in users:
            return users[guid]
    return instead


@dataclass(frozen=True, kw_only=True)
class Case:
    """A participant as a project has them: attributes, and the GUIDs of what is theirs (sources or selections)."""

    guid: str
    name: str
    values: Mapping[str, str]
    parts: frozenset[str]


def variables_of(project: "_Element") -> dict[str, str]:
    """Return the names of variables by GUID, in the library's own words where they are known."""
    found = children(child(project, "Variables"), "Variable")
    names = {read_guid(v.get("guid")): (v.get("name") or "").rpartition(":")[2].strip() for v in found}
    return {guid: _ALIAS.get(name.lower(), name) for guid, name in names.items() if name}


def values_of(element: "_Element", variables: Mapping[str, str]) -> dict[str, str]:
    """Return the values of the variables of a case or source."""
    found: dict[str, str] = {}
    for held in children(element, "VariableValue"):
        reference = child(held, "VariableRef")
        guid = read_guid(reference.get("targetGUID")) if reference is not None else ""
        value = next((each.text or "" for each in held if tag_of(each).endswith("Value")), "").strip()
        if value and guid in variables:
            found[variables[guid]] = value
    return found


def cases_of(project: "_Element", variables: Mapping[str, str], losses: list[Loss]) -> list[Case]:
    """Return the cases. One without a name holds variables of its source, as MAXQDA writes them."""
    cases = []
    for element in children(child(project, "Cases"), "Case"):
        coded = sum(1 for _ in children(element, "CodeRef"))
        if coded:
            losses.append(Loss(topic="case-codes", text=_CODED, count=coded, where=element.get("name") or ""))
        parts = {read_guid(each.get("targetGUID")) for each in children(element, "SourceRef", "SelectionRef")}
        cases.append(
            Case(
                guid=read_guid(element.get("guid")), name=(element.get("name") or "").strip(),
                values=values_of(element, variables), parts=frozenset(parts),
            )
        )  # fmt: skip
    return cases
