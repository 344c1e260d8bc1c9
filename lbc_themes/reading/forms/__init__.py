"""The forms that can be read, by name. Where two are equally sure of a file, the earlier one reads it."""

from lbc_themes.core.errors import InputError
from lbc_themes.reading.document import Document
from lbc_themes.reading.forms import (
    answer_table,
    elan,
    feishu,
    headings,
    iflytek,
    labels,
    plain,
    spoken_tags,
    srt,
    tencent,
    tingwu,
    turn_table,
    vtt,
    word_table,
)
from lbc_themes.reading.forms.form import Form

_MODULES = (
    elan, vtt, srt, turn_table, word_table, answer_table, spoken_tags, headings, feishu, tingwu, iflytek, tencent,
    labels, plain,
)  # fmt: skip
FORMS: dict[str, Form] = {module.FORM.name: module.FORM for module in _MODULES}


def form_of(document: Document, name: str | None) -> Form:
    """Return the form called ``name`` or, without a name, the form that is surest of ``document``."""
    if name is not None:
        return named(name)
    best = max(FORMS.values(), key=lambda form: form.recognise(document))
    if best.recognise(document) == 0:
        raise InputError("no words to read; a transcript holds at least one line of speech")
    return best


def named(name: str) -> Form:
    """Return the form called ``name``."""
    if name not in FORMS:
        raise InputError(f"form {name!r} is not known; choose one of {', '.join(FORMS)}, or leave it out")
    return FORMS[name]
