"""A study counted, and its codings as a data frame."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from lbc_themes.core.study_log import MACHINE, Retraction, is_settled
from lbc_themes.study.status import CoderStatus, Status

if TYPE_CHECKING:
    import pandas as pd

    from lbc_themes.study.study import Study

_COLUMNS = (
    "participant", "role", "transcript", "start", "end", "quote", "code", "code_zh", "code_en", "coder", "time", "memo",
)  # fmt: skip


def status_of(study: Study) -> Status:
    """Return a study in numbers."""
    decided = Counter(decision.coder for decision in study.decisions())
    coded = Counter(coding.coder for coding in study.codings(machine_top=0))
    noted = Counter(memo.coder for memo in study.memos())
    names = sorted(name for name in {*decided, *coded, *noted} - {MACHINE} if not is_settled(name))
    settled = {decision.passage_id for decision in study.decisions() if is_settled(decision.coder)}
    book = study.codebook
    return Status(
        path=study.path, transcripts=len(study.transcripts), participants=len(study.participants),
        passages=len(study.passages), codebook=book.id, codebook_version=book.version, codes=len(book),
        coders=tuple(CoderStatus(coder=n, passages=decided[n], codings=coded[n], memos=noted[n]) for n in names),
        decisions=len(study.decisions(standing=False)), memos=sum(noted.values()),
        retractions=sum(isinstance(entry.record, Retraction) for entry in study.history()),
        runs=tuple(run.name for run in study.runs), suggested=len(study.suggestions()),
        settled=len(settled), withdrawals=len(study.withdrawals),
    )  # fmt: skip


def frame_of(study: Study) -> pd.DataFrame:
    """Return one row a coding that stands."""
    import pandas as pd

    transcripts = {transcript.id: transcript for transcript in study.transcripts}
    people = {t: person.id for person in study.participants for t in person.transcript_ids}
    names = {code.id: code.name for book in study.codebooks for code in book}
    rows = []
    for c in study.codings():
        text, turns = transcripts[c.transcript_id].text, transcripts[c.transcript_id].turns
        role = next((turn.role.value for turn in turns if turn.start <= c.start < turn.end), "")
        name = names[c.code_id]
        rows.append((
            people.get(c.transcript_id, ""), role, c.transcript_id, c.start, c.end, text[c.start : c.end], c.code_id,
            name.zh, name.en, c.coder, c.time, c.memo,
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=list(_COLUMNS))
