"""What may be recorded in a study, and what is refused."""

from collections.abc import Iterable, Mapping

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Codebook, Coding, Decision, Passage, Transcript, Verdict
from lbc_themes.core.study_log import MACHINE, Memo


def check_decision(decision: Decision, passages: Mapping[str, Passage], codebook: Codebook) -> None:
    """Refuse a decision of the machine, on no passage, with unknown codes, or a rejection that gives codes."""
    _check_passage(decision.passage_id, passages)
    what = f"decision on {decision.passage_id}"
    check_person(decision.coder, what)
    _check_codes(decision.code_ids, codebook, what)
    if len(set(decision.code_ids)) < len(decision.code_ids):
        raise InputError(f"{what}: a code comes twice in {', '.join(decision.code_ids)}; name each once")
    if decision.verdict is Verdict.REJECTED and decision.code_ids:
        raise InputError(
            f'{what}: the verdict is "rejected" with the codes {", ".join(decision.code_ids)}; a rejection gives no '
            'codes, and other codes in place of the suggested ones are "changed"'
        )


def check_coding(coding: Coding, transcripts: Mapping[str, Transcript], codebook: Codebook) -> None:
    """Refuse a coding that is no slice of a transcript of the study, or has an unknown code."""
    transcript = transcripts.get(coding.transcript_id)
    if transcript is None:
        raise InputError(f"coding: no transcript {coding.transcript_id!r} in the study; add it first")
    what = f"coding of {coding.transcript_id}"
    if not coding.coder.strip():
        raise InputError(f"{what}: the coder has no name; give one")
    _check_codes((coding.code_id,), codebook, what)
    if not 0 <= coding.start < coding.end <= len(transcript.text):
        raise InputError(
            f"{what}: [{coding.start}, {coding.end}) is not a slice of its {len(transcript.text)} characters; "
            "end must come after start and within the text"
        )


def check_memo(memo: Memo, known: Mapping[str, Iterable[str]]) -> None:
    """Refuse a memo without words or coder, or about something that is not in the study."""
    check_person(memo.coder, "memo")
    if not memo.text.strip():
        raise InputError("memo: it has no words; write something, or leave it")
    if memo.about not in {"study", "theme", *known}:
        raise InputError(f"memo: about is {memo.about!r}; allowed are study, theme, {', '.join(known)}")
    if memo.about in known and memo.about_id not in known[memo.about]:
        raise InputError(f"memo: there is no {memo.about} {memo.about_id!r} in the study")


def check_suggestions(ids: Iterable[str], passages: Mapping[str, Passage]) -> None:
    """Refuse suggestions for passages that are not in the study."""
    for passage_id in ids:
        _check_passage(passage_id, passages)


def check_person(coder: str, what: str) -> None:
    """Refuse a coder without a name, and the machine, which never decides."""
    if not coder.strip():
        raise InputError(f"{what}: the coder has no name; give one")
    if coder == MACHINE:
        raise InputError(f"{what}: {MACHINE!r} is the machine, which only suggests; give the name of a person")


def _check_passage(passage_id: str, passages: Mapping[str, Passage]) -> None:
    if passage_id not in passages:
        raise InputError(f"no passage {passage_id!r} in the study; ids look like {next(iter(passages), '<id>:0001')!r}")


def _check_codes(code_ids: Iterable[str], codebook: Codebook, what: str) -> None:
    unknown = [code_id for code_id in code_ids if code_id not in codebook]
    if unknown:
        raise InputError(
            f"{what}: no code {', '.join(map(repr, unknown))} in the codebook {codebook.id} {codebook.version}; "
            "take one of its codes, or add a version of the codebook that has it"
        )
