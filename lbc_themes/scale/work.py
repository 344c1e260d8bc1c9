"""Work through a corpus of any size, part by part, here or on a Dask cluster."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lbc_themes.scale.manifest import taken_up
from lbc_themes.scale.parts import parquet, parts_of, read_part, read_texts, swept, write_part
from lbc_themes.scale.plan import Options, Plan, plan_of
from lbc_themes.scale.sample import drawn, joined
from lbc_themes.scale.steps import worked
from lbc_themes.scale.summary import Summary, in_a_tree, summary_of, summed

if TYPE_CHECKING:
    import pandas as pd
    from distributed import Client

Advance = Callable[[int], None]
PASSAGES = "passages"
SAMPLE = "sample.parquet"


@dataclass(frozen=True, kw_only=True)
class Result:
    """Where a run wrote its parts, and what is in them; ``themes`` were found in the sample."""

    folder: Path
    plan: Plan
    summary: Summary

    @property
    def parts(self) -> list[Path]:
        """The parts written, in the order of those that came in."""
        return parts_of(self.folder / PASSAGES)

    @cached_property
    def codes(self) -> "pd.DataFrame":
        """One row a code: how often it is first and among the first, and how likely it is where it is first."""
        import pandas as pd

        found = self.summary
        ids = self.plan.suggester.codes_
        first = [found.first[code] for code in ids]
        sure = [found.sure.get(code) for code in ids]
        return pd.DataFrame({
            "code": ids, "first": first, "share": [count / max(found.passages, 1) for count in first],
            "among": [found.among[code] for code in ids],
            "probability": [one.mean if one else None for one in sure],
            "deviation": [one.deviation if one else None for one in sure],
        })  # fmt: skip

    @cached_property
    def themes(self) -> "pd.DataFrame":
        """One row a theme: name, keywords, passages of the corpus, the code that is suggested most in it."""
        import pandas as pd

        rows = []
        for theme in self.plan.themes:
            codes = {code: n for (number, code), n in self.summary.pairs.items() if number == theme.id}
            count, best = self.summary.themes[theme.id], max(sorted(codes), key=lambda c: codes[c]) if codes else ""
            share = count / max(self.summary.passages, 1)
            rows.append((theme.id, theme.name, " ".join(theme.keywords), count, share, best, codes.get(best, 0)))
        return pd.DataFrame(rows, columns=["theme", "name", "keywords", "passages", "share", "code", "with_code"])


def run(
    source: str | Path, out: str | Path, options: Options | None = None, *,
    client: "Client | str | None" = None, advance: Advance | None = None,
) -> Result:  # fmt: skip
    """Suggest codes and assign themes for every passage of the parquet parts in ``source``; write parts into ``out``.

    A sample of the passages, the same however the corpus is cut, settles the statistics of the suggester and gives the
    themes; then each passage is worked on by itself. Parts are written whole or not at all, and those that are there
    already are not made again: call it once more after a kill. The memory needed is that of the sample and one part
    (here) or of a part a thread (on a cluster), not that of the corpus.

    Args:
        source: A folder of parquet files with the columns id and text (``prepare`` writes such), or one file. Ids must
            be unique in the corpus.
        out: A new folder, or that of a run to go on with. Gets ``passages/`` with a part for each that came in,
            ``sample.parquet`` and ``manifest.json``.
        options: Codebook, encoder, sample, seed; see ``Options``.
        client: A Dask client, or the address of a scheduler. Both folders must then be reachable by every worker
            under the same path. None works here, in this process.
        advance: Called with the number of passages done.
    """
    options = options or Options()
    parquet()
    parts, folder = parts_of(source), Path(out)
    taken_up(folder, options, parts)
    swept(folder / PASSAGES)
    targets = [folder / PASSAGES / part.name for part in parts]
    if client is None:
        plan = plan_of(_sampled(folder, lambda: [draw(part, options) for part in parts], options), options)
        return Result(folder=folder, plan=plan, summary=_here(plan, parts, targets, advance))
    from lbc_themes.scale.cluster import connected, on_cluster

    with connected(client) as there:
        plan, summary = on_cluster(there, folder, parts, targets, options, advance)
    return Result(folder=folder, plan=plan, summary=summary)


def _sampled(folder: Path, make: Callable[[], Sequence["pd.DataFrame"]], options: Options) -> "pd.DataFrame":
    path = folder / SAMPLE
    if not path.exists():
        write_part(joined(make(), options.sample), path)
    return read_part(path)


def draw(part: Path, options: Options) -> "pd.DataFrame":
    """Return the part's share of the sample."""
    return drawn(read_texts(part), options.sample, options.seed)


def _here(plan: Plan, parts: Sequence[Path], targets: Sequence[Path], advance: Advance | None) -> Summary:
    summaries = []
    for part, target in zip(parts, targets, strict=True):
        summaries.append(work(part, target, plan))
        if advance:
            advance(summaries[-1].passages)
    return in_a_tree(summaries, summed)


def work(part: Path, target: Path, plan: Plan) -> Summary:
    """Work on one part and write it to ``target``, unless it is there already; return what is in it."""
    if not target.exists():
        write_part(worked(read_texts(part), plan), target)
    return summary_of(read_part(target))


def on_frame(frame: Any, plan: Plan) -> Any:  # noqa: ANN401 (a dask DataFrame; the package is optional)
    """Return a Dask DataFrame of passages (columns id and text) with codes and themes, worked on by partition."""
    empty = worked(frame._meta_nonempty.assign(id=["a"] * 2, text=["嗯"] * 2).head(1), plan).iloc[:0]
    return frame.map_partitions(worked, plan, meta=empty)
