"""通义听悟: ``发言人1 00:56`` on a line and the speech below it."""

import re

from lbc_themes.reading.document import Document
from lbc_themes.reading.forms.clock_marks import parse, share
from lbc_themes.reading.forms.form import Form

_MARK = re.compile(r"^(?!.*:\d{2}[.,]\d).*[发發]言人")


def recognise(document: Document) -> float:
    """Say how sure it is that ``document`` came from 通义听悟."""
    return share(document, _MARK)


FORM = Form(name="tingwu", recognise=recognise, parse=parse)
