"""ELAN: annotations in tiers; a tier is a speaker."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import message
from lbc_themes.reading.document import Document, Doubt, Form, Parsed, Part, PartKind, bare
from lbc_themes.reading.formats.annotations import is_speech_tier
from lbc_themes.reading.formats.subtitles import Voice, joined_voices
from lbc_themes.text.safe_xml import parse_xml

if TYPE_CHECKING:
    from lxml.etree import _Element

_DECLARATION = re.compile(r"\s{0,100}<\?xml[^>]{0,200}\?>")
_HAN = re.compile(r"[\u3400-\u9fff]")


class _Annotation(NamedTuple):
    time: float
    speaker: str
    words: str


class _Tier(NamedTuple):
    """A tier: its id, whose it is, the tier it hangs on, and its annotations."""

    name: str
    participant: str
    parent: str | None
    said: list[_Annotation]

    @property
    def words(self) -> list[str]:
        return [annotation.words for annotation in self.said]

    @property
    def han(self) -> int:
        return sum(len(_HAN.findall(words)) for words in self.words)


def recognise(document: Document) -> float:
    """Say how sure it is that ``document`` is an ELAN file."""
    return 1.0 if document.suffix == ".eaf" or "<ANNOTATION_DOCUMENT" in document.text[:5000] else 0.0


def parse(document: Document) -> Parsed:
    """Read one turn an annotation, in the order of time. The text is the annotations, one a line.

    Of a tier and those that hang on it one is read: the top one where it holds words, else (where it holds references
    such as kids.001) the one below with the most Chinese characters. The others say the same again (translations,
    glosses). Tiers of notes, gestures and the like are no speech. The speaker is the tier's participant or,
    without one,
    its id.
    """
    # The text is decoded by now, so what it says of its encoding no longer holds.
    root = parse_xml(_DECLARATION.sub("", document.text, count=1).encode("utf-8"), "the ELAN file")
    slots = {slot.get("TIME_SLOT_ID", ""): _seconds(slot.get("TIME_VALUE", "")) for slot in root.iter("TIME_SLOT")}
    times: dict[str, float] = {}
    tiers = [_tier(tier, slots, times) for tier in root.iter("TIER")]
    for tier, element in zip(tiers, root.iter("TIER"), strict=True):
        tier.said.extend(_references(element, tier, times))
    chosen = [found for top in tiers if top.parent is None and (found := _spoken(top, tiers)) is not None]
    said = sorted((item for tier in chosen for item in tier.said), key=lambda item: item.time)
    if not said and tiers:
        names = ", ".join(tier.name for tier in tiers[:20])
        raise InputError(message("reading.no_tier_holds_speech", names=names))
    text, turns = joined_voices([Voice(i.speaker, i.words, i.time if i.time >= 0 else None) for i in said])
    read = {tier.name for tier in chosen}
    left = [tier for tier in tiers if tier.name not in read]
    return Parsed(
        text=text, turns=turns, notes=_notes(left), doubts=_doubts(left),
        parts=(Part(0, len(document.text), PartKind.SPEECH),),
    )  # fmt: skip


def _notes(left: Sequence[_Tier]) -> tuple[str, ...]:
    hanging = [tier.name for tier in left if tier.parent is not None]
    asides = [tier.name for tier in left if tier.parent is None]
    notes = [f"tiers that hang on another tier were not read: {', '.join(hanging[:20])}"] if hanging else []
    if asides:
        notes.append(f"tiers of notes were not read: {', '.join(asides[:20])}")
    return tuple(notes)


def _doubts(left: Sequence[_Tier]) -> tuple[Doubt, ...]:
    wordy = [tier.name for tier in left if tier.parent is None and tier.han > 20]
    return (Doubt("tiers-left-out", "、".join(wordy[:20])),) if wordy else ()


def _spoken(top: _Tier, tiers: Sequence[_Tier]) -> _Tier | None:
    """Return the tier of the family of ``top`` that holds what was said, if any does."""
    family = [top]
    for tier in family:
        family.extend(child for child in tiers if child.parent == tier.name and child not in family)
    if is_speech_tier(top.name, top.words, named=bool(top.participant) and not _is_note(top.name)):
        return top
    if is_speech_tier("", top.words, named=True):
        # Words, but of a tier of notes or gestures: what hangs on it says no more.
        return None
    below = [tier for tier in family[1:] if tier.words and is_speech_tier("", tier.words, named=True)]
    best = max(below, key=lambda tier: tier.han, default=None)
    if best is None:
        return None
    return best._replace(
        said=[item._replace(speaker=top.participant or best.participant or best.name) for item in best.said]
    )


def _is_note(name: str) -> bool:
    return not is_speech_tier(name, ["words"])


def _seconds(milliseconds: str) -> float:
    return int(milliseconds) / 1000 if re.fullmatch(r"\d{1,12}", milliseconds, re.ASCII) else -1.0


def _tier(tier: "_Element", slots: Mapping[str, float], times: dict[str, float]) -> _Tier:
    name, participant = tier.get("TIER_ID") or "", tier.get("PARTICIPANT") or ""
    said = list(_annotations(tier, participant or name, slots, times))
    return _Tier(name, participant, tier.get("PARENT_REF"), said)


def _annotations(
    tier: "_Element", speaker: str, slots: Mapping[str, float], times: dict[str, float]
) -> Iterator[_Annotation]:
    last = -1.0
    for annotation in tier.iter("ALIGNABLE_ANNOTATION"):
        slot = annotation.get("TIME_SLOT_REF1", "")
        if slot not in slots:
            raise InputError(message("reading.tier_time_slot_listed", speaker=speaker, slot=slot))
        # A slot without a time stands between two that have one.
        last = max(last, slots[slot])
        times[annotation.get("ANNOTATION_ID", "")] = last
        words = bare("".join(annotation.itertext()))
        if words:
            yield _Annotation(last, speaker, words)


def _references(element: "_Element", tier: _Tier, times: dict[str, float]) -> Iterator[_Annotation]:
    """Yield the annotations that have the time of the one that they refer to."""
    for annotation in element.iter("REF_ANNOTATION"):
        time = times.get(annotation.get("ANNOTATION_REF", ""), -1.0)
        times[annotation.get("ANNOTATION_ID", "")] = time
        words = bare("".join(annotation.itertext()))
        if words:
            yield _Annotation(time, tier.participant or tier.name, words)


FORM = Form(name="elan", recognise=recognise, parse=parse)
