"""讯飞听见: ``说话人1 00:00`` on a line, the speech below it, a footer that says the text is machine-made."""

import re

from lbc_themes.reading.document import Document
from lbc_themes.reading.forms.clock_marks import parse, share
from lbc_themes.reading.forms.form import Form

_MARK = re.compile(r"^(?!.*[发發]言人)(?!.*:\d{2}[.,]\d).*:\d{2}")


def recognise(document: Document) -> float:
    """Say how sure it is that ``document`` came from 讯飞听见."""
    return share(document, _MARK)


FORM = Form(name="iflytek", recognise=recognise, parse=parse)
