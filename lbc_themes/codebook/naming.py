"""Ids from names, and names looked up as ids."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

from lbc_themes.core.records import Bilingual

_NO_ID = re.compile(r"[^\w.\-]+")
Names = Mapping[str, str]


def id_of(name: str) -> str:
    """Return a name made into an id: lower case, letters of any script, digits, points, hyphens and underscores.

    >>> id_of("Lack of security"), id_of("缺乏安全感（新）")
    ('lack_of_security', '缺乏安全感_新')
    """
    return _NO_ID.sub("_", unicodedata.normalize("NFKC", name).casefold()).strip("_.-")


def is_id(text: str) -> bool:
    """Say whether ``text`` can stand as an id as it is."""
    return bool(text) and _NO_ID.search(text) is None


def ids_of(paths: Iterable[tuple[str, ...]]) -> list[str]:
    """Return one id for each path of names from the root down: the last name, or the whole path where others share it.

    >>> ids_of([("a",), ("a", "other"), ("b",), ("b", "other"), ("b", "c")])
    ['a', 'a.other', 'b', 'b.other', 'c']
    """
    listed = list(paths)
    often = Counter(id_of(path[-1]) for path in listed)
    ids: list[str] = []
    for path in listed:
        wanted = id_of(path[-1])
        wanted = wanted if often[wanted] == 1 else ".".join(map(id_of, path))
        ids.append(_free(wanted or "code", ids))
    return ids


def _free(wanted: str, taken: list[str]) -> str:
    number, tried = 1, wanted
    while tried in taken:
        number += 1
        tried = f"{wanted}_{number}"
    return tried


def names_of(codes: Iterable[tuple[str, Bilingual]]) -> Names:
    """Return every id and every name that only one code bears, in lower case, with the id it stands for."""
    listed = list(codes)
    keys = [(key, code_id) for code_id, name in listed for key in {name.zh.casefold(), name.en.casefold()}]
    bearers = Counter(key for key, _ in keys)
    names = {key: code_id for key, code_id in keys if bearers[key] == 1}
    return names | {code_id.casefold(): code_id for code_id, _ in listed}


def found(word: str, names: Names) -> str:
    """Return the id that ``word`` stands for, or ``word`` itself where it stands for none."""
    return names.get(word.strip().casefold(), word.strip())
