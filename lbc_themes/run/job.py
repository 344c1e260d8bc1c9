"""The main job: from files to suggestions and candidate themes."""

from pathlib import Path

from lbc_themes.codebook import load_codebook
from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Passage, Transcript
from lbc_themes.encoding import load_encoder
from lbc_themes.reading import read_transcripts
from lbc_themes.run.result import RunOptions, RunResult, Unread
from lbc_themes.run.stages import Stages
from lbc_themes.safeguards.distress import distress_cues
from lbc_themes.segmenting import segment
from lbc_themes.suggest import CodeSuggester
from lbc_themes.text.simplify import simplified
from lbc_themes.themes import ThemeModel


def run(options: RunOptions, stages: Stages | None = None) -> RunResult:
    """Read, segment, encode, suggest and find themes; write nothing.

    Files that can't be read are listed in the result with the reason. Refuses a source of which no file can be read or
    in which no participant says anything.
    """
    stages = stages or Stages()
    codebook = load_codebook(options.codebook)
    encoder = load_encoder(options.encoder, options.cache)
    with stages.stage("read"):
        transcripts, unread = _read(options)
    with stages.stage("segment"):
        passages = segment(transcripts)
    if not passages:
        raise InputError(
            f"{options.source}: no participant says anything long enough to code; check the speakers' roles"
        )
    texts = [passage.text for passage in passages]
    with stages.stage("encode", len(texts)) as advance:
        vectors = encoder.encode([simplified(text) for text in texts], advance=advance)
    with stages.stage("suggest"):
        suggestions = CodeSuggester(codebook, encoder=encoder).suggest(passages, options.top, vectors)
    with stages.stage("themes"):
        groups = _participants(transcripts, passages)
        themes = ThemeModel(encoder=options.encoder, random_state=options.seed).fit(passages, vectors, groups)
        first = [[s.codes[0].code_id] if s.codes else [] for s in suggestions]
        theme_map = themes.map_to(codebook, codes=first)
    with stages.stage("distress"):
        distress = [distress_cues(text) for text in texts]
    return RunResult(
        options=options, codebook=codebook, transcripts=transcripts, unread=unread, passages=passages,
        suggestions=suggestions, distress=distress, themes=themes, theme_map=theme_map, seconds=stages.seconds,
    )  # fmt: skip


def _read(options: RunOptions) -> tuple[list[Transcript], list[Unread]]:
    unread: list[Unread] = []

    def note(path: Path, error: InputError) -> None:
        unread.append(Unread(path=path, reason=str(error)))

    transcripts = read_transcripts(options.source, form=options.form, on_error=note)
    if not transcripts:
        reasons = "; ".join(file.reason for file in unread[:3])
        raise InputError(f"{options.source}: no transcript could be read{': ' if reasons else ''}{reasons}")
    return transcripts, unread


def _participants(transcripts: list[Transcript], passages: list[Passage]) -> list[str]:
    known = {t.id: t.metadata.get("participant") or t.id for t in transcripts}
    return [known[passage.transcript_id] for passage in passages]
