"""WebVTT: cues with ``<v 奶奶>`` voice tags or labels before a colon; other tags are markup, not text."""

import html
import re
from collections.abc import Iterator

from lbc_themes.reading.cue_labels import labelled_voices
from lbc_themes.reading.cues import Cue, Voice, cues_of, joined_voices
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

    Where no cue of the file has a voice tag, labels before a colon name the speakers, as meeting tools write them.

    The text is what is said, one turn a line in the order of the file (a cue of several lines keeps its lines).
    """
    cues = list(cues_of(document.text))
    tagged = any(_VOICE.search(cue.text) for cue in cues)
    voices = _voices(cues) if tagged else labelled_voices([cue._replace(text=_plain(cue.text)) for cue in cues])
    text, turns = joined_voices(list(voices))
    return Parsed(text=text, turns=turns)


def _voices(cues: list[Cue]) -> Iterator[Voice]:
    speaker = ""
    for cue in cues:
        first, *parts = _VOICE.split(cue.text)
        for name, words in zip(["", *parts[::2]], [first, *parts[1::2]], strict=True):
            speaker = bare(html.unescape(name)) or speaker
            if plain := _plain(words):
                yield Voice(speaker, plain, cue.time)


def _plain(words: str) -> str:
    return bare(html.unescape(_TAG.sub("", words)))


FORM = Form(name="vtt", recognise=recognise, parse=parse)
