"""What the suggester is taught: what people decided, where they agree to one answer."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from lbc_themes.core.records import Decision
from lbc_themes.core.study_log import only_rejected
from lbc_themes.study.study import Study


def taught_codes(decisions: Sequence[Decision]) -> tuple[str, ...] | None:
    """Return the codes that a passage teaches, or None where it teaches nothing.

    An adjudicated decision counts alone, the newest. Otherwise a code counts that at least half of those who decided
    gave. That suggestions were turned down, and no other code given, says nothing of what applies.
    """
    adjudicated = [d for d in decisions if d.adjudication]
    counted = [max(adjudicated, key=lambda d: d.time)] if adjudicated else decisions
    counted = [d for d in counted if not only_rejected(d)]
    if not counted:
        return None
    votes = Counter(code for decision in counted for code in decision.code_ids)
    return tuple(sorted(code for code, count in votes.items() if 2 * count >= len(counted)))


def gold_labels(study: Study) -> Mapping[str, tuple[str, ...]]:
    """Return the codes that each decided passage teaches, by passage id; see `taught_codes`.

    Codes on mere slices of passages teach nothing, and neither do codes that the codebook in use lacks.
    """
    decided: dict[str, list[Decision]] = defaultdict(list)
    for decision in study.decisions():
        decided[decision.passage_id].append(decision)
    taught = {passage_id: taught_codes(decisions) for passage_id, decisions in decided.items()}
    known = set(study.codebook.ids)
    return {i: codes for i, codes in taught.items() if codes is not None and known.issuperset(codes)}
