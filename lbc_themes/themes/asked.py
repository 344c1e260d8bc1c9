"""Whether everyone was asked the same questions."""

from collections import defaultdict

from lbc_themes.themes.material import Material

_FEWEST_PEOPLE = 5
_SHARE = 0.5


def everyone_was_asked_the_same(material: Material) -> bool:
    """Say whether most passages answer a question, word for word, that half of at least five participants answered."""
    people = set(material.groups)
    if len(people) < _FEWEST_PEOPLE or not material.passages:
        return False
    answered: defaultdict[str, set[str]] = defaultdict(set)
    for passage, group in zip(material.passages, material.groups, strict=True):
        answered[passage.question].add(group)
    common = {question for question, who in answered.items() if question and len(who) >= _SHARE * len(people)}
    return sum(passage.question in common for passage in material.passages) >= _SHARE * len(material)
