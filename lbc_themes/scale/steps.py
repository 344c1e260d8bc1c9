"""What is done to one part of a corpus: pure functions of the part and the plan, the same everywhere."""

from typing import TYPE_CHECKING

import numpy as np

from lbc_themes.scale.plan import Plan, passages_of, vectors_of
from lbc_themes.suggest.calibration import sigmoid
from lbc_themes.suggest.features import Corpus, Floats

if TYPE_CHECKING:
    import pandas as pd

KEPT = ("id", "transcript_id", "speaker", "role")
DIGITS = 6
"""Products of matrices differ in their last bits with the number of rows; figures are rounded so that parts do not."""


def encoded(part: "pd.DataFrame", plan: Plan) -> Floats:
    """Return the vectors of a part: those in its column ``vector`` where it has one, else the encoder's."""
    if "vector" in part and len(part):
        return np.stack(part["vector"].to_list()).astype(np.float64)
    return vectors_of(part["text"].tolist(), plan.options.encoder)


def suggested(corpus: Corpus, plan: Plan) -> "pd.DataFrame":
    """Return the first codes with probabilities, or the reason why there is none, a row a passage."""
    import pandas as pd

    codes, top = plan.suggester.codes_, min(plan.options.top, len(plan.suggester.codes_))
    logits, reasons = plan.suggester.scored(corpus)
    best = np.argsort(-np.round(logits, DIGITS), axis=1, kind="stable")[:, :top]
    likely = np.round(sigmoid(np.take_along_axis(logits, best, axis=1)), DIGITS)
    names = np.array(codes, object)[best]
    silent = np.array(reasons, object) != ""
    names[silent], likely[silent] = "", np.nan
    columns: dict[str, object] = {}
    for place in range(top):
        columns |= {f"code_{place + 1}": names[:, place], f"probability_{place + 1}": likely[:, place]}
    return pd.DataFrame(columns | {"reason": reasons})


def assigned(corpus: Corpus, plan: Plan) -> "pd.DataFrame":
    """Return the theme of each passage, -1 for none, and its distance from the theme's centre."""
    import pandas as pd

    themes, distance = plan.placer.place(corpus)
    return pd.DataFrame({"theme": themes, "distance": np.round(distance, DIGITS)})


def worked(part: "pd.DataFrame", plan: Plan) -> "pd.DataFrame":
    """Return a part with everything done: who spoke, codes, theme. The text stays in the part that came in."""
    import pandas as pd

    part = part.reset_index(drop=True)
    vectors = encoded(part, plan)
    corpus = plan.suggester.corpus(passages_of(part), vectors)
    kept = part[[column for column in KEPT if column in part]]
    frame = pd.concat([kept, suggested(corpus, plan), assigned(corpus, plan)], axis=1)
    return frame.assign(vector=list(vectors.astype(np.float32))) if plan.options.keep_vectors else frame
