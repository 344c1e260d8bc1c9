"""What is checked in a codebook: errors stop the loading, warnings are for the person who writes it."""

import math
from collections.abc import Callable, Iterable

from lbc_themes.codebook.checks.examples import check_contradictions, check_nearness, check_repeats
from lbc_themes.codebook.checks.marks import check_colours, check_facets, check_indicators, check_speakers
from lbc_themes.codebook.checks.neighbours import check_named, check_unnamed
from lbc_themes.codebook.checks.structure import check_circles, check_ids, check_parents
from lbc_themes.codebook.checks.wording import check_definitions, check_languages, check_lengths
from lbc_themes.codebook.draft import Draft
from lbc_themes.codebook.problem import Problem, Severity

Check = Callable[[Draft], Iterable[Problem]]
_ERRORS: tuple[Check, ...] = (
    check_ids, check_parents, check_circles, check_definitions, check_named, check_contradictions, check_colours,
)  # fmt: skip
_WARNINGS: tuple[Check, ...] = (
    check_definitions, check_languages, check_lengths, check_unnamed, check_repeats, check_nearness, check_speakers,
    check_facets, check_indicators,
)  # fmt: skip


def errors_of(draft: Draft) -> list[Problem]:
    """Return the errors of a draft in the order of its lines."""
    return _of(draft, _ERRORS, "error")


def warnings_of(draft: Draft) -> list[Problem]:
    """Return the warnings of a draft in the order of its lines."""
    return _of(draft, _WARNINGS, "warning")


def _of(draft: Draft, checks: Iterable[Check], severity: Severity) -> list[Problem]:
    problems = [*draft.problems, *(problem for check in checks for problem in check(draft))]
    return sorted((each for each in problems if each.severity == severity), key=lambda each: each.line or math.inf)
