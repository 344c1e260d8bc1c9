"""Candidate themes of small studies, and topic models beside them, against what is known of the texts.

Truths: the question that an interview answer answers (interviews-game); the help-seeker's question that a passage of a
post or an answer belongs to (psyqa-sample). Larger sets: benchmark themes_large.

All methods run in this call on the same vectors, the default encoder's; making them is not in the seconds. "Number
given" and the methods that need a number (k-means, LDA, KeyNMF) are told how many truths there are; "number found" is
how the library comes. BERTopic "as it comes" has ``language="multilingual"`` and a seed and is otherwise untouched;
"tuned for small data" has 10 neighbours, clusters from 5 and Chinese words. turftopic's clustering is t-SNE and
HDBSCAN; "tuned" lets clusters begin at 5. turftopic runs in an environment of its own.

NMI and ARI compare with the truth, a text without a theme being in a theme of such texts. NMI rises with the number of
themes, so read it beside ARI and the number. "NPMI" (Bouma 2009) is the coherence over passages of ten words a theme,
"diversity" (Dieng et al. 2020) the share of different words among them; the words of every method are picked by one
rule, so that partitions are compared and not word lists. "Same over seeds" is the mean ARI between three seeds, "same
when shuffled" that between two orders of the texts. Figures are means over seeds 0, 1, 2; seconds are the fastest of
the three.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.theme_methods import methods
from benchmarks.theme_scores import measured
from benchmarks.theme_studies import READERS

NAME = "themes"
QUESTION = "Do candidate themes of small studies agree with what is known, and stay the same?"
DATA = ("interviews-game", "psyqa-sample")
SEED = 0
PACKAGES = ("bertopic", "hdbscan", "umap-learn")
NOTE = """
The features of the library were chosen mostly on interviews-game; the rule for the number of themes with psyqa-sample,
hlcta-appreviews and the demonstration interviews in view as well. These are development figures; only new data can
confirm them.

On these two sets BERTopic as it comes finds two topics, far from what is known. Tuned for small data, and with the
same vectors, it is nearly as near the truth as the library in NMI (0.60 and 0.57 beside 0.61 and 0.60) and behind in
ARI; on psyqa-sample the library has twice its ARI with half its number of themes, and leaves out one text in seventy
where it leaves out a sixth. The library stays the same when the texts are shuffled and nearly so over seeds (0.82 to
0.93; ward.v1 wholly); no peer that finds more than two topics does on psyqa-sample. The consensus over resampled
participants costs 0.02 of NMI on interviews-game and gains 0.03 on psyqa-sample beside the result before it. The
library's own bertopic.v1 has the highest NMI on both, with more themes and on psyqa-sample a lower ARI. Seconds were
taken on a busy machine.
"""


def main(data: Path) -> dict[str, Any]:
    """Return, for each set, one row a method."""
    return compared(data, DATA)


def compared(data: Path, names: Sequence[str]) -> dict[str, Any]:
    """Return, for each of the sets ``names``, one row a method."""
    results: dict[str, Any] = {}
    for name in names:
        study = READERS[name](data)
        truths = len(set(study.truth))
        title = f"{name}: {len(study.texts)} texts, {truths} truths"
        results[title] = {label: measured(study, method) for label, method in methods(truths).items()}
    return results
