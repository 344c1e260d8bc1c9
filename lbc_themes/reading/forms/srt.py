"""SubRip: numbered cues; the speaker, if any, is a label before a colon."""

import re

from lbc_themes.reading.cue_labels import labelled_voices
from lbc_themes.reading.cues import cues_of, joined_voices, share_of_cues
from lbc_themes.reading.document import Document, Parsed
from lbc_themes.reading.forms.form import Form

_TAG = re.compile(r"</?(?:[ibu]|font)(?:\s[^<>]{0,80})?>|\{\\[^{}]{0,40}\}")


def recognise(document: Document) -> float:
    """Say how sure it is that ``document`` is a SubRip file."""
    return share_of_cues(document.lines) * 0.99 if "-->" in document.text else 0.0


def parse(document: Document) -> Parsed:
    """Read one turn a cue, or several where several people speak in it; without a label the speaker goes on.

    The text is what is said, one turn a line in the order of the file (a cue of several lines keeps its lines).
    """
    cues = [cue._replace(text=_TAG.sub("", cue.text)) for cue in cues_of(document.text)]
    text, turns = joined_voices(list(labelled_voices(cues)))
    return Parsed(text=text, turns=turns)


FORM = Form(name="srt", recognise=recognise, parse=parse)
