"""ELAN: annotations in tiers; a tier is a speaker."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from lbc_themes.core.errors import InputError
from lbc_themes.reading.document import Document, Form, Parsed, bare
from lbc_themes.reading.formats.subtitles import Voice, joined_voices
from lbc_themes.reading.formats.tables import meaning
from lbc_themes.text.safe_xml import parse_xml

if TYPE_CHECKING:
    from lxml.etree import _Element


_DECLARATION = re.compile(r"\s{0,100}<\?xml[^>]{0,200}\?>")


class _Annotation(NamedTuple):
    time: float
    speaker: str
    words: str


def recognise(document: Document) -> float:
    """Say how sure it is that ``document`` is an ELAN file."""
    return 1.0 if "<ANNOTATION_DOCUMENT" in document.text[:5000] else 0.0


def parse(document: Document) -> Parsed:
    """Read one turn an annotation, in the order of time. The text is the annotations, one a line.

    Only tiers that stand on their own are read: tiers that hang on another (translations, glosses) say the same again,
    and tiers called 备注, 注释 or notes are not speech.
    The speaker is the tier's participant or, without one, its id.
    """
    # The text is decoded by now, so what it says of its encoding no longer holds.
    root = parse_xml(_DECLARATION.sub("", document.text, count=1).encode("utf-8"), "the ELAN file")
    slots = {slot.get("TIME_SLOT_ID", ""): _seconds(slot.get("TIME_VALUE", "")) for slot in root.iter("TIME_SLOT")}
    tiers = list(root.iter("TIER"))
    alone = [tier for tier in tiers if tier.get("PARENT_REF") is None and not _is_aside(tier)]
    said = sorted((item for tier in alone for item in _annotations(tier, slots)), key=lambda item: item.time)
    voices = [Voice(item.speaker, item.words, item.time if item.time >= 0 else None) for item in said]
    text, turns = joined_voices(voices)
    hanging = [tier.get("TIER_ID", "") for tier in tiers if tier.get("PARENT_REF") is not None]
    notes = [f"tiers that hang on another tier were not read: {', '.join(hanging[:20])}"] if hanging else []
    if asides := [tier.get("TIER_ID", "") for tier in tiers if _is_aside(tier) and tier.get("TIER_ID") not in hanging]:
        notes.append(f"tiers of notes were not read: {', '.join(asides[:20])}")
    return Parsed(text=text, turns=turns, notes=tuple(notes))


def _is_aside(tier: "_Element") -> bool:
    return not tier.get("PARTICIPANT") and meaning(tier.get("TIER_ID", "")) == "aside"


def _seconds(milliseconds: str) -> float:
    return int(milliseconds) / 1000 if re.fullmatch(r"\d{1,12}", milliseconds, re.ASCII) else -1.0


def _annotations(tier: "_Element", slots: Mapping[str, float]) -> Iterator[_Annotation]:
    speaker = tier.get("PARTICIPANT") or tier.get("TIER_ID") or ""
    last = -1.0
    for annotation in tier.iter("ALIGNABLE_ANNOTATION"):
        slot = annotation.get("TIME_SLOT_REF1", "")
        if slot not in slots:
            raise InputError(f"tier {speaker}: time slot {slot!r} is not listed; save the file again from ELAN")
        # A slot without a time stands between two that have one.
        last = max(last, slots[slot])
        words = bare("".join(annotation.itertext()))
        if words:
            yield _Annotation(last, speaker, words)


FORM = Form(name="elan", recognise=recognise, parse=parse)
