"""The places where coders of a study gave different codes, as a table to talk through."""

from collections.abc import Sequence

from lbc_themes.agreement import UnitKind, confusions
from lbc_themes.exchange.codings_table import safe_cell
from lbc_themes.study.ground import common_ground, compared_people
from lbc_themes.study.study import Study

HEAD = ("codes", "times", "transcript", "start", "end", "text", "coder_1", "code_1", "coder_2", "code_2")


def mixed_up_rows(study: Study, *, unit: UnitKind = "passage", coders: Sequence[str] | None = None) -> list[list[str]]:
    """Return the head and one row for each unit on which two people gave one of two codes each, most mixed up first.

    ``times`` is on how many units (for "character": characters) the two codes are mixed up. Refuses what
    ``lbc_themes.agreement.confusions`` refuses.
    """
    people = compared_people(study, coders)
    ground = common_ground(study, people, machine=False)
    names = {code.id: code.name.zh for code in study.codebook}
    texts = {transcript.id: transcript.text for transcript in study.transcripts}
    rows = [list(HEAD)]
    for found in confusions(
        ground.codings, unit=unit, passages=ground.passages, transcripts=ground.transcripts, coders=people,
        read=ground.read,
    ):  # fmt: skip
        both = " / ".join(names.get(code_id, code_id) for code_id in found.codes)
        for mixup in found.mixups:
            text = "".join(texts[mixup.unit.transcript_id][a:b] for a, b in mixup.unit.spans)
            start, end = mixup.unit.spans[0][0], mixup.unit.spans[-1][1]
            who = (mixup.coder, mixup.code_id, mixup.other_coder, mixup.other_code_id)
            place = (mixup.unit.transcript_id, str(start), str(end))
            rows.append([*map(safe_cell, (both, str(found.count), *place, text, *who))])
    return rows
