"""WebVTT: cues with ``<v 奶奶>`` voice tags; other tags are markup and not part of the text."""

import html
import re
from collections.abc import Iterator

from lbc_themes.reading.cues import Voice, cues_of, joined_voices
from lbc_themes.reading.document import Document, Parsed
from lbc_themes.reading.forms.form import Form
from lbc_themes.reading.lines import bare

_VOICE = re.compile(r"<v(?:\.[^\s<>]{1,60})?[ \t]{1,8}([^<>\n]{1,80})>")
_TAG = re.compile(r"</?(?:[cibuv]|ruby|rt|lang)(?:[.\s][^<>]{0,80})?>|<(?:\d{1,3}:)?\d{1,2}:\d{2}[.,]\d{1,3}>")


def recognise(document: Document) -> float:
    """Say how sure it is that ``document`` is a WebVTT file."""
    return 1.0 if re.match(r"\s{0,20}WEBVTT(?:\s|$)", document.text) else 0.0


def parse(document: Document) -> Parsed:
    """Read one turn a voice of a cue. A cue without a voice is said by the voice before it.

    The text is what is said, one turn a line in the order of the file (a cue of several lines keeps its lines).
    """
    text, turns = joined_voices(list(_voices(document.text)))
    return Parsed(text=text, turns=turns)


def _voices(text: str) -> Iterator[Voice]:
    speaker = ""
    for cue in cues_of(text):
        first, *parts = _VOICE.split(cue.text)
        for name, words in zip(["", *parts[::2]], [first, *parts[1::2]], strict=True):
            speaker = bare(html.unescape(name)) or speaker
            if plain := bare(html.unescape(_TAG.sub("", words))):
                yield Voice(speaker, plain, cue.time)


FORM = Form(name="vtt", recognise=recognise, parse=parse)
