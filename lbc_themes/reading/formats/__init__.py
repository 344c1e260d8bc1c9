"""The forms that can be read, by name. Where two are equally sure of a file, the earlier one reads it."""

from lbc_themes.core.errors import InputError
from lbc_themes.reading.document import Document, Form
from lbc_themes.reading.formats.clocks import FEISHU, IFLYTEK, TENCENT, TINGWU
from lbc_themes.reading.formats.elan import FORM as ELAN
from lbc_themes.reading.formats.headings import FORM as HEADINGS
from lbc_themes.reading.formats.labels import FORM as LABELS
from lbc_themes.reading.formats.plain import FORM as PLAIN
from lbc_themes.reading.formats.spoken_tags import FORM as SPOKEN_TAGS
from lbc_themes.reading.formats.subtitles import SRT, VTT
from lbc_themes.reading.formats.tables import ANSWER_TABLE, TURN_TABLE, WORD_TABLE

_ALL = (
    ELAN, VTT, SRT, TURN_TABLE, WORD_TABLE, ANSWER_TABLE, SPOKEN_TAGS, HEADINGS, FEISHU, TINGWU, IFLYTEK, TENCENT,
    LABELS, PLAIN,
)  # fmt: skip
FORMS: dict[str, Form] = {form.name: form for form in _ALL}


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
