"""Numbers and addresses that point to a person: found by their form, in Latin, full-width and spoken digits."""

import re
from collections.abc import Iterator
from functools import cache

from lbc_themes.privacy.found import Found
from lbc_themes.privacy.kinds import Kind
from lbc_themes.privacy.tables import rows_of

_RANK, _SUREST = 9, 4
_PART = re.compile(r"<([A-Z_]+)>")


@cache
def _rules() -> tuple[tuple[Kind, int, re.Pattern[str]], ...]:
    parts: dict[str, str] = {}
    rules = []
    for kind, name, rule in rows_of("numbers.tsv"):
        whole = _PART.sub(lambda match: parts[match[1]], rule)
        if kind == "part":
            parts[name] = whole
        else:
            rules.append((Kind(kind), int(name), re.compile(whole)))
    return tuple(rules)


def numbers(text: str) -> Iterator[Found]:
    """Yield phones, identity and card numbers, accounts, e-mails, plates, house numbers and dates of birth in ``text``.

    Identity numbers are taken by their form (18 places with a date inside, or any 18 digits) and not by their check
    digit: one that was misheard still points to its owner. A date counts where the words beside it speak of birth.
    """
    for order, (kind, group, rule) in enumerate(_rules()):
        for match in rule.finditer(text):
            yield Found(start=match.start(group), end=match.end(group), kind=kind, rank=_RANK + (order < _SUREST))
