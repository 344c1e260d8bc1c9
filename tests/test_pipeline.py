"""The whole way, from a folder of interviews to results, written nowhere yet."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Role
from lbc_themes.encoding import Advance
from lbc_themes.pipeline import RunOptions, RunResult, Stages, run
from lbc_themes.reading import read_transcripts
from lbc_themes.segmenting import segment

DEMO = Path(__file__).parent.parent / "corpora" / "zhuzhai-demo" / "interviews"


@pytest.fixture
def options(interviews: Path, four_codes_file: Path, tmp_path: Path) -> RunOptions:
    return RunOptions(source=interviews, codebook=str(four_codes_file), out=tmp_path / "out")


def assert_traced(result: RunResult) -> None:
    texts = {transcript.id: transcript.text for transcript in result.transcripts}
    for passage in result.passages:
        assert "".join(texts[passage.transcript_id][a:b] for a, b in passage.spans) == passage.text


def test_every_passage_is_made_of_slices_of_its_transcript(options: RunOptions) -> None:
    result = run(options)
    assert [transcript.id for transcript in result.transcripts] == ["C01", "C02", "T01"]
    assert len(result.passages) >= 5
    assert_traced(result)


@pytest.mark.slow
def test_every_passage_of_the_demonstration_is_made_of_slices_of_its_file() -> None:
    transcripts = read_transcripts(DEMO)
    texts = {transcript.id: transcript.text for transcript in transcripts}
    passages = segment(transcripts)
    assert len(transcripts) == 19
    assert {passage.transcript_id for passage in passages} == set(texts)
    for passage in passages:
        assert "".join(texts[passage.transcript_id][a:b] for a, b in passage.spans) == passage.text
    assert len({passage.id for passage in passages}) == len(passages)


def test_no_interviewer_is_coded_and_the_question_goes_along(options: RunOptions) -> None:
    result = run(options)
    assert {passage.role for passage in result.passages} <= {Role.CHILD, Role.TEACHER, Role.OTHER}
    assert all("访谈者" not in passage.text for passage in result.passages)
    assert result.passages[0].question == "晚上睡觉前你会想什么？"


def test_results_stand_beside_their_passages(options: RunOptions) -> None:
    result = run(options)
    count = len(result.passages)
    assert [suggestion.passage_id for suggestion in result.suggestions] == [passage.id for passage in result.passages]
    assert (len(result.distress), len(result.themes.labels_)) == (count, count)
    assert {entry.theme_id for entry in result.theme_map.themes} == {theme.id for theme in result.themes.themes_}


def test_clear_answers_get_their_code_first(options: RunOptions) -> None:
    result = run(options)
    first = {
        p.text[:6]: s.codes[0].code_id for p, s in zip(result.passages, result.suggestions, strict=True) if s.codes
    }
    assert first["我就躺着想我"] == "family"
    assert first["后来我就不想"] == "study"
    assert first["有一回发烧病"] == "illness"


def test_words_of_distress_are_found_where_they_stand(options: RunOptions, interviews: Path) -> None:
    said = "访谈者：后来呢？\n小满：后来我就觉得活着没意思，我真的不想活了，跟谁都没有说过这个话。\n"
    (interviews / "C03.txt").write_text(said, encoding="utf-8")
    result = run(options)
    pairs = list(zip(result.passages, result.distress, strict=True))
    assert all(passage.text[cue.start : cue.end] == cue.text for passage, cues in pairs for cue in cues)
    [(_, cues)] = [pair for pair in pairs if pair[0].transcript_id == "C03"]
    assert "suicide" in {cue.kind.value for cue in cues}


@pytest.mark.slow
def test_the_same_seed_gives_the_same_results(options: RunOptions) -> None:
    one, other = run(options), run(options)
    assert one.passages == other.passages
    assert one.suggestions == other.suggestions
    assert one.themes.themes_ == other.themes.themes_
    np.testing.assert_array_equal(one.themes.labels_, other.themes.labels_)


@pytest.mark.slow
def test_a_cache_changes_nothing_but_the_time(options: RunOptions, tmp_path: Path) -> None:
    kept = dataclasses.replace(options, cache=tmp_path / "cache" / "v.sqlite")
    without, first, second = run(options), run(kept), run(kept)
    assert without.suggestions == first.suggestions == second.suggestions
    assert (tmp_path / "cache" / "v.sqlite").is_file()


def test_nothing_is_written(options: RunOptions, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    run(options)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_file_that_can_not_be_read_is_named_and_the_rest_is_done(options: RunOptions, interviews: Path) -> None:
    (interviews / "broken.docx").write_bytes(b"no document at all")
    result = run(options)
    assert [(unread.path.name, "broken.docx" in unread.reason.en) for unread in result.unread] == [
        ("broken.docx", True)
    ]
    assert "\n" not in result.unread[0].reason.en
    assert len(result.transcripts) == 3


def test_where_no_file_can_be_read_the_reasons_are_given(options: RunOptions, tmp_path: Path) -> None:
    folder = tmp_path / "only"
    folder.mkdir()
    (folder / "broken.docx").write_bytes(b"no document at all")
    with pytest.raises(InputError, match=r"^\S+only: no transcript could be read: .*broken\.docx"):
        run(dataclasses.replace(options, source=folder))


def test_an_interview_in_which_no_participant_speaks_is_refused(options: RunOptions, tmp_path: Path) -> None:
    source = tmp_path / "questions.txt"
    source.write_text("访谈者：你今年多大了，平时跟谁一起住？\n访谈者：那我们开始吧，不用紧张的。\n", encoding="utf-8")
    with pytest.raises(
        InputError, match=r"no participant says anything long enough to code; check the speakers' roles$"
    ):
        run(dataclasses.replace(options, source=source))


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"source": Path("/no/such/folder")}, "no such file or folder"),
        ({"codebook": "no-such-codebook"}, "no codebook 'no-such-codebook'"),
        ({"encoder": "word2vec"}, "no encoder 'word2vec'"),
        ({"form": "morse"}, "morse"),
        ({"top": 0}, "top must be 1 or more, not 0"),
    ],
)
def test_a_bad_choice_is_refused_in_one_line(options: RunOptions, change: dict[str, object], line: str) -> None:
    with pytest.raises(InputError) as caught:
        run(dataclasses.replace(options, **change))
    assert line in str(caught.value)
    assert "\n" not in str(caught.value)


class Watched(Stages):
    """Remembers the stages and how far each came."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, tuple[int | None, list[int]]] = {}

    @contextmanager
    def showing(self, name: str, total: int | None) -> Iterator[Advance]:
        self.seen[name] = (total, [])
        yield self.seen[name][1].append


def test_stages_are_shown_and_timed_and_encoding_counts_up_to_its_total(options: RunOptions) -> None:
    stages = Watched()
    result = run(options, stages)
    assert list(result.seconds) == list(stages.seen) == ["read", "segment", "encode", "suggest", "distress", "themes"]
    assert all(seconds >= 0 for seconds in result.seconds.values())
    total, done = stages.seen["encode"]
    assert total == sum(done) == len(result.passages)
