"""What the suggester is taught: what people decided, where they agree to one answer."""

from collections import Counter
from collections.abc import Sequence

from lbc_themes.core.records import Decision
from lbc_themes.core.study_log import is_settled, turned_down


def taught_codes(decisions: Sequence[Decision]) -> tuple[str, ...] | None:
    """Return the codes that a passage teaches, or None where it teaches nothing.

    Settled codes count alone, the newest. Otherwise a code counts that at least half of those who decided gave. That
    suggestions were turned down, and no other code given, says nothing of what applies.
    """
    settled = [d for d in decisions if is_settled(d.coder)]
    counted = [max(settled, key=lambda d: d.time)] if settled else [d for d in decisions if not turned_down(d)]
    if not counted:
        return None
    votes = Counter(code for decision in counted for code in decision.code_ids)
    return tuple(sorted(code for code, count in votes.items() if 2 * count >= len(counted)))
