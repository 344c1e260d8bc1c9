"""spaCy: a blank Chinese pipeline with our words, and components that mark passages and cues as span groups.

Importing this module registers the components ``lbc_passages`` and ``lbc_cues`` and the tokenizer
``lbc_themes.ChineseWords.v1``. The groups ``doc.spans["lbc_passages"]`` and ``doc.spans["lbc_cues"]`` are drawn by
displaCy's ``style="span"`` with ``options={"spans_key": ...}``.
"""

from collections.abc import Callable
from typing import Any

from spacy.lang.zh import Chinese, ChineseTokenizer
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import registry
from spacy.vocab import Vocab

from lbc_themes.core.records import Role, Transcript, Turn
from lbc_themes.segmenting.cues import cues
from lbc_themes.segmenting.passages import segment
from lbc_themes.text.words import word_cutter

_TURNS, _ID = "lbc_turns", "lbc_id"


class ChineseWords(ChineseTokenizer):
    """spaCy's Chinese tokenizer with its jieba segmenter, given the library's cutter instead of the shared jieba."""

    def __init__(self, vocab: Vocab, lexicon: str | None = None) -> None:
        """Keep the cutter for the project's lexicon and the file ``lexicon``."""
        super().__init__(vocab)
        self.lexicon = lexicon
        self.segmenter = "jieba"
        self.jieba_seg = word_cutter(lexicon)

    def __reduce__(self) -> tuple[type["ChineseWords"], tuple[Vocab, str | None]]:
        """Pickle the path of the lexicon, not its words."""
        return ChineseWords, (self.vocab, self.lexicon)


def chinese_words(lexicon: str | None = None) -> Callable[[Language], ChineseWords]:
    """Return what makes the tokenizer of a pipeline; ``lexicon`` is the path of a lexicon file."""
    return lambda nlp: ChineseWords(nlp.vocab, lexicon)


registry.tokenizers.register("lbc_themes.ChineseWords.v1", func=chinese_words)


def chinese(lexicon: str | None = None) -> Language:
    """Return a blank Chinese pipeline that cuts words as the rest of the library does.

    >>> [token.text for token in chinese()("留守儿童想妈妈")]
    ['留守儿童', '想', '妈妈']
    """
    tokenizer = {"@tokenizers": "lbc_themes.ChineseWords.v1", "lexicon": lexicon}
    return Chinese.from_config({"nlp": {"lang": "zh", "tokenizer": tokenizer}})


def transcript_doc(nlp: Language, transcript: Transcript) -> Doc:
    """Return ``transcript`` as a document for the components of ``nlp``: the tokens of its text, and its turns."""
    doc = nlp.make_doc(transcript.text)
    doc.user_data[_ID] = transcript.id
    doc.user_data[_TURNS] = [[t.speaker, t.role.value, t.start, t.end, t.question] for t in transcript.turns]
    return doc


@Language.factory("lbc_passages", default_config={"shortest": 20, "longest": 120, "lexicon": None})
def lbc_passages(nlp: Language, name: str, shortest: int, longest: int, lexicon: str | None) -> Callable[[Doc], Doc]:  # noqa: ARG001 (spaCy's signature)
    """Make the component that marks passages, the same as `segment` gives.

    A document made by `transcript_doc` is cut by its turns; any other is one turn of one participant. The group holds
    a span for each slice of each passage: its label is the speaker's role, its id the passage's id.
    """

    def mark(doc: Doc) -> Doc:
        passages = segment(transcript_of(doc), shortest=shortest, longest=longest, lexicon=lexicon)
        doc.spans["lbc_passages"] = [
            span_of(doc, start, end, label=passage.role.value, span_id=passage.id)
            for passage in passages
            for start, end in passage.spans
        ]
        return doc

    return mark


@Language.factory("lbc_cues")
def lbc_cues(nlp: Language, name: str) -> Callable[[Doc], Doc]:  # noqa: ARG001 (spaCy's signature)
    """Make the component that marks the `cues` of a text; a span's label is the kind of its cue, its id the group."""

    def mark(doc: Doc) -> Doc:
        doc.spans["lbc_cues"] = [
            span_of(doc, cue.start, cue.end, label=cue.kind, span_id=cue.group) for cue in cues(doc.text)
        ]
        return doc

    return mark


def transcript_of(doc: Doc) -> Transcript:
    """Return the transcript that ``doc`` was made of, or its text as one turn of one participant."""
    rows: list[Any] = doc.user_data.get(_TURNS) or [["", Role.OTHER.value, 0, len(doc.text), None]]
    turns = (
        Turn(speaker=speaker, role=Role(role), start=start, end=end, question=question)
        for speaker, role, start, end, question in rows
    )
    return Transcript(id=doc.user_data.get(_ID, "doc"), text=doc.text, turns=tuple(turns))


def span_of(doc: Doc, start: int, end: int, *, label: str, span_id: str) -> Span:
    """Return the span over the tokens that the characters from ``start`` to ``end`` touch."""
    span = doc.char_span(start, end, label=label, span_id=span_id, alignment_mode="expand")
    assert span is not None
    return span
