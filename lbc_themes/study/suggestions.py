"""Suggestions for all passages of a study, stored as a run."""

from dataclasses import dataclass

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.encoding import Encoder
from lbc_themes.pipeline import Stages
from lbc_themes.safeguards.distress import distress_cues, without_small_talk
from lbc_themes.study.gold_labels import gold_labels
from lbc_themes.study.study import Study
from lbc_themes.suggest import CodeSuggester
from lbc_themes.suggest.codebook_fit import CodebookFit, codebook_fit, without_misfits
from lbc_themes.text.words import simplified


@dataclass(frozen=True, kw_only=True)
class StoredRun:
    """A run's name, how many passages it learned from, to how many of them people gave codes, and the codebook's fit.

    ``fit`` is None where it cannot be judged.
    """

    name: str
    taught: int
    coded: int
    fit: CodebookFit | None


def add_run(study: Study, encoder: Encoder, *, top: int, learn: bool, name: str, stages: Stages) -> StoredRun:
    """Suggest codes for every passage and store them as a run.

    Where the codebook does not fit the interviews, only passages that are about its codes get a suggestion, until
    people have given codes to 30 passages.
    """
    passages = study.passages
    if not passages:
        raise InputError(message("study.no_passages_study_add", path=study.path))
    if name in {run.name for run in study.runs}:
        raise InputError(message("study.run_already_give_another", name=name))
    suggester = CodeSuggester(study.codebook, encoder=encoder)
    with stages.stage("encode", len(passages)) as advance:
        vectors = encoder.encode([simplified(passage.text) for passage in passages], advance=advance)
    with stages.stage("suggest"):
        answers = gold_labels(study) if learn else {}
        rows = [row for row, passage in enumerate(passages) if passage.id in answers]
        if rows:
            suggester.fit(
                [passages[row] for row in rows], [answers[passages[row].id] for row in rows],
                [passages[row].transcript_id for row in rows], vectors[rows],
            )  # fmt: skip
        suggestions = suggester.suggest(passages, top, vectors)
        fit = codebook_fit(study.codebook, encoder, [passage.text for passage in passages], vectors)
        coded = sum(bool(answers[passages[row].id]) for row in rows)
        suggestions = without_misfits(suggestions, fit, coded=coded)
        suggestions = without_small_talk(suggestions, [distress_cues(passage.text) for passage in passages])
    options = {"encoder": encoder.name, "top": str(top), "taught": str(len(rows))}
    options |= fit.to_options() if fit else {}
    run = study.add_suggestions(suggestions, run=name, options=options)
    return StoredRun(name=run, taught=len(rows), coded=coded, fit=fit)
