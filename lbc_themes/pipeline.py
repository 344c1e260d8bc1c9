"""The whole way: from a folder of interviews to suggestions and candidate themes."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lbc_themes.codebook import load_codebook
from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import Bilingual, message
from lbc_themes.core.records import Codebook, Passage, Suggestion, Transcript
from lbc_themes.encoding import Advance, WorkAhead, load_encoder, work_ahead
from lbc_themes.reading import read_transcripts
from lbc_themes.safeguards.distress import distress_cues, without_small_talk
from lbc_themes.segmenting import segment
from lbc_themes.suggest import CodeSuggester
from lbc_themes.suggest.codebook_fit import CodebookFit, codebook_fit, without_misfits
from lbc_themes.text.words import simplified
from lbc_themes.themes import ThemeMap, ThemeModel

if TYPE_CHECKING:
    from lbc_themes.safeguards.distress import DistressCue


# --- What a run is asked for and what it gives.


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """The choices of a run. ``cache`` is the file of the vector cache; None keeps no vectors."""

    source: Path
    codebook: str
    out: Path
    seed: int = 0
    encoder: str = "e5-small-zh.v1"
    top: int = 3
    form: str | None = None
    cache: Path | None = None
    pictures: str = "none"
    force: bool = False


@dataclass(frozen=True, kw_only=True)
class Unread:
    """A file that could not be read, and why."""

    path: Path
    reason: Bilingual


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """Everything a run found; ``distress`` is aligned with ``passages``."""

    options: RunOptions
    codebook: Codebook
    transcripts: list[Transcript]
    unread: list[Unread]
    passages: list[Passage]
    suggestions: list[Suggestion]
    distress: list[tuple["DistressCue", ...]]
    themes: ThemeModel
    theme_map: ThemeMap
    seconds: dict[str, float]
    codebook_fit: CodebookFit | None = None


# --- The stages of a run: how long each takes, and how far it is.


@dataclass(kw_only=True)
class Stages:
    """Times stages; the command line gives a subclass that also shows them."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str, total: int | None = None) -> Iterator[Advance]:
        """Time what happens inside; the value is called with the number of things done."""
        begun = time.perf_counter()
        with self.showing(name, total) as advance:
            yield advance
        self.seconds[name] = round(time.perf_counter() - begun, 3)

    @contextmanager
    def showing(self, name: str, total: int | None) -> Iterator[Advance]:  # noqa: ARG002 (for subclasses)
        """Show a stage; silent here."""
        yield lambda _done: None

    def expect(self, encoder: str, ahead: WorkAhead) -> None:
        """Say how long the encoder will take; silent here."""


def run(
    options: RunOptions,
    stages: Stages | None = None,
    *,
    before_coding: Callable[[list[Transcript]], None] | None = None,
) -> RunResult:
    """Read, segment, encode, suggest and find themes; write nothing.

    Files that can't be read are listed in the result with the reason. Refuses a source of which no file can be read or
    in which no participant says anything. ``before_coding`` is called with the transcripts once they are read; what it
    raises ends the run.
    """
    stages = stages or Stages()
    codebook = load_codebook(options.codebook)
    encoder = load_encoder(options.encoder, options.cache)
    with stages.stage("read"):
        transcripts, unread = _read(options)
    if before_coding is not None:
        before_coding(transcripts)
    with stages.stage("segment"):
        passages = segment(transcripts)
    if not passages:
        raise InputError(message("cli.nothing_to_code", source=options.source))
    texts = [passage.text for passage in passages]
    plain_texts = [simplified(text) for text in texts]
    stages.expect(encoder.name, work_ahead(encoder, plain_texts))
    with stages.stage("encode", len(texts)) as advance:
        vectors = encoder.encode(plain_texts, advance=advance)
    with stages.stage("suggest"):
        suggester = CodeSuggester(codebook, encoder=encoder)
        suggestions = suggester.suggest(passages, options.top, vectors)
        fit = codebook_fit(codebook, encoder, texts, vectors)
        suggestions = without_misfits(suggestions, fit)
    with stages.stage("distress"):
        distress = [distress_cues(text) for text in texts]
        suggestions = without_small_talk(suggestions, distress)
    with stages.stage("themes"):
        groups, marked = _participants(transcripts, passages), [bool(cues) for cues in distress]
        beside = None if fit is not None and fit.misfit else suggester
        themes = ThemeModel(encoder=options.encoder, random_state=options.seed).fit(
            passages, vectors, groups, codebook=beside, marked=marked
        )
        first = [[s.codes[0].code_id] if s.codes else [] for s in suggestions]
        theme_map = themes.map_to(codebook, codes=first)
    return RunResult(
        options=options, codebook=codebook, transcripts=transcripts, unread=unread, passages=passages,
        suggestions=suggestions, distress=distress, themes=themes, theme_map=theme_map, seconds=stages.seconds,
        codebook_fit=fit,
    )  # fmt: skip


def _read(options: RunOptions) -> tuple[list[Transcript], list[Unread]]:
    unread: list[Unread] = []

    def note(path: Path, error: InputError) -> None:
        unread.append(Unread(path=path, reason=error.words))

    transcripts = read_transcripts(options.source, form=options.form, on_error=note)
    if not transcripts:
        if not unread:
            raise InputError(message("cli.no_transcript", source=options.source))
        reasons = [file.reason for file in unread[:3]]
        raise InputError(message("cli.none_read", source=options.source, reasons=reasons))
    return transcripts, unread


def _participants(transcripts: list[Transcript], passages: list[Passage]) -> list[str]:
    known = {t.id: t.metadata.get("participant") or t.id for t in transcripts}
    return [known[passage.transcript_id] for passage in passages]
