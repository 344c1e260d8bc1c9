"""Labels within a line: questions and answers typed one behind the other."""

import itertools
import re
from collections import Counter
from collections.abc import Sequence

from lbc_themes.core.records import Role
from lbc_themes.reading.labelset import candidates
from lbc_themes.reading.lines import Line
from lbc_themes.reading.vocabulary import is_respondent, role_of_word

_INSIDE = re.compile(r"(?<=[。．.？?！!…；;）)” \t\u3000])(?P<label>[^\s:：,，。.！!？?；;、…()（）“”]{1,8})[：:]")


def cut_at_labels(lines: Sequence[Line]) -> Sequence[Line]:
    """Return ``lines`` cut before labels within them, where only one side has labels at the head of lines.

    Where lines begin with 问： only and 答： stands within them, the answer is on the line of its question. Where both
    sides stand at the head of lines, a label within a line is speech (老师：就这样吧) and nothing is cut.
    """
    heads = {candidate.label for candidate in candidates(lines).values() if _side(candidate.label)}
    if len({_side(label) for label in heads}) != 1:
        return lines
    wanted = _inside(lines, {_side(label) for label in heads})
    return [part for line in lines for part in _parts(line, heads | wanted)] if wanted else lines


def _inside(lines: Sequence[Line], heads: set[str]) -> set[str]:
    found = Counter(match["label"] for line in lines for match in _INSIDE.finditer(line.text))
    return {label for label in found if _side(label) and _side(label) not in heads}


def _side(label: str) -> str:
    if is_respondent(label):
        return "answers"
    return "asks" if role_of_word(label) is Role.INTERVIEWER else ""


def _parts(line: Line, labels: set[str]) -> list[Line]:
    cuts = [match.start() for match in _INSIDE.finditer(line.text) if match["label"] in labels]
    edges = [0, *cuts, len(line.text)]
    return [Line(line.start + a, line.text[a:b]) for a, b in itertools.pairwise(edges)]
