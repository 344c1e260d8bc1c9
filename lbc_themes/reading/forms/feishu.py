"""飞书妙记: ``说话人1 00:00:02.350`` on a line, the speech below it; may begin with keywords."""

import re

from lbc_themes.reading.document import Document
from lbc_themes.reading.forms.clock_marks import parse, share
from lbc_themes.reading.forms.form import Form

_MARK = re.compile(r":\d{2}[.,]\d{1,3}")
_ANY = re.compile(r"")
_BLOCK = re.compile(r"(?:文字记录|文字記錄)\s*[：:]?\s*")


def recognise(document: Document) -> float:
    """Say how sure it is that ``document`` came from 飞书妙记."""
    blocks = any(_BLOCK.fullmatch(line.text) for line in document.lines[:60])
    return share(document, _ANY if blocks else _MARK)


FORM = Form(name="feishu", recognise=recognise, parse=parse)
