"""Candidate themes are found once, set beside the codebook, and kept in the study."""

from dataclasses import replace
from pathlib import Path

import pytest
from study_samples import transcript

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import (
    Bilingual,
    Code,
    Codebook,
    Decision,
    Evidence,
    RankedCode,
    Role,
    Suggestion,
    Utterance,
    Verdict,
)
from lbc_themes.reading import read_transcripts
from lbc_themes.study import FoundTheme, Study, StudyThemes
from lbc_themes.study.theme_board import ASIDE, move_passages, split_theme, theme_board, undo_theme_step
from lbc_themes.study.themes import _codes, find_themes, telling_codebook
from lbc_themes.suggest import CodeSuggester


@pytest.fixture
def study(tmp_path, interviews, four_codes):
    with Study.create(tmp_path / "s.lbc", read_transcripts(interviews), four_codes) as study:
        yield study


def test_found_themes_are_kept_with_their_passages_by_id(study, fake_encoder):
    found = find_themes(study, fake_encoder)
    inside = [i for theme in found.themes for i in theme.passages]
    assert sorted(inside) == sorted(passage.id for passage in study.passages)
    assert all(set(theme.typical) <= set(theme.passages) for theme in found.themes)
    assert found.passages == len(study.passages)
    assert found.time
    with Study.open(study.path) as again:
        assert again.themes() == found


def test_codes_that_people_gave_say_what_a_theme_is(study, fake_encoder):
    for passage in study.passages:
        given = Decision(passage_id=passage.id, verdict=Verdict.CHANGED, code_ids=("money",), coder="李", time="")
        study.record(given)
    (theme,) = find_themes(study, fake_encoder).themes
    assert (theme.status, theme.codes) == ("covered", ("money",))


def test_the_codes_of_a_passage_are_those_of_all_people_else_the_first_that_the_machine_suggests(study):
    first, second, third, *_ = study.passages
    ranked = [RankedCode(code_id=c, score=1, probability=0.5, evidence=Evidence()) for c in ("study", "family")]
    study.add_suggestions([Suggestion(passage_id=p.id, codes=tuple(ranked)) for p in (first, second)])
    for who, code in (("李", "money"), ("王", "illness"), ("周", "money")):
        study.record(Decision(passage_id=first.id, verdict=Verdict.CHANGED, code_ids=(code,), coder=who, time=""))
    study.record(Decision(passage_id=third.id, verdict=Verdict.REJECTED, code_ids=(), coder="李", time=""))
    assert _codes(study)[:3] == [("money", "illness"), ("study",), ()]


def test_how_many_people_speak_of_a_theme_is_counted_by_participant(tmp_path, four_codes, fake_encoder):
    said = "访谈者：家里呢？\n小麦：家里没有钱交学费，书包也是旧的，太贵了买不起新的。\n"
    texts = [transcript(f"K{n}", said, ("小麦", Role.CHILD), participant="P1" if n < 3 else "P2") for n in range(1, 5)]
    with Study.create(tmp_path / "p.lbc", texts, four_codes) as study:
        (theme,) = find_themes(study, fake_encoder, seed=7).themes
        assert (len(theme.passages), theme.participants) == (4, 2)
        found = study.themes()
        assert (found.seed, found.encoder, found.passages) == (7, "fake.v1", 4)


def test_found_in_a_process_of_its_own_they_are_kept_and_a_fault_is_one_line(study, fake_encoder, monkeypatch, capsys):
    from lbc_themes.study import themes

    asked = []
    monkeypatch.setattr(themes.os, "nice", asked.append)
    monkeypatch.setattr(themes, "load_encoder", lambda name, cache: asked.append((name, cache)) or fake_encoder)
    assert themes.main(str(study.path), "fake.v1", "/c") == 0
    assert asked == [10, ("fake.v1", Path("/c"))]
    assert study.themes().encoder == "fake.v1"
    assert themes.main(str(study.path), "fake.v1") == 0
    assert asked[-1] == ("fake.v1", None)
    assert themes.main(str(study.path.with_name("none.lbc")), "fake.v1") == 2
    said = capsys.readouterr().err
    assert "none.lbc" in said
    assert said.count("\n") == 1


def test_the_newest_themes_count(study, fake_encoder):
    find_themes(study, fake_encoder)
    assert study.add_themes(StudyThemes(encoder="x", seed=1, passages=0, themes=())).time
    assert study.themes().encoder == "x"


def test_themes_of_unknown_passages_are_refused(study):
    theme = FoundTheme(id=0, name="x", keywords=(), passages=("nobody:1",), typical=(), participants=0)
    with pytest.raises(InputError, match="no passage 'nobody:1'"):
        study.add_themes(StudyThemes(encoder="x", seed=0, passages=1, themes=(theme,)))


# Beside the codebook: small talk is set aside, and only codes that say something count.

SMALL_TALK = ("今天路上堵车吗，先喝口水再说。", "麻烦把那边的窗户关一下好吗。", "等一会儿再接着录音。")
CODED = {
    "family": ("晚上躺着就想我妈妈，想她抱抱我，想得睡不着。", "妈妈走的那天我追着车哭，天天想她回来。"),
    "study": ("作业好多题不会写，课也听不懂，老师让我站着。", "数学作业不会，奶奶看不懂，第二天挨老师说。"),
    "money": ("家里没钱交校服费，嫌太贵了，只好穿旧的。", "爷爷说没有钱，书太贵了买不起，先欠着。"),
}


def voiced(text, *code_ids):
    return Utterance(text=text, language="zh", speaker=Role.CHILD, code_ids=code_ids)


@pytest.fixture
def talk(tmp_path, four_codes):
    utterances = [voiced(text) for text in SMALL_TALK]
    utterances += [voiced(text, code) for code, said in CODED.items() for text in said * 3]
    every = [*SMALL_TALK, *(text for said in CODED.values() for text in said)]
    texts = [
        transcript(name, "".join(f"访谈者：呢？\n小麦：{said}\n" for said in every), ("小麦", Role.CHILD))
        for name in ("K1", "K2")
    ]
    with Study.create(tmp_path / "t.lbc", texts, replace(four_codes, utterances=tuple(utterances))) as study:
        yield study


def small_talk(study):
    return [passage.id for passage in study.passages if passage.text in SMALL_TALK]


def test_small_talk_is_set_aside_and_kept_with_the_themes(talk, fake_encoder):
    found = find_themes(talk, fake_encoder)
    assert sorted(found.set_aside) == sorted(small_talk(talk))
    assert not {i for theme in found.themes for i in theme.passages} & set(found.set_aside)
    assert talk.themes() == found
    board = theme_board(talk)
    assert board.set_aside == found.set_aside
    assert sorted([*board.set_aside, *board.loose, *(p for t in board.themes for p in t.passages)]) == sorted(
        passage.id for passage in talk.passages
    )


def test_themes_say_which_code_they_lie_in_before_anything_is_coded_or_suggested(talk, fake_encoder):
    found = find_themes(talk, fake_encoder)
    assert {theme.status for theme in found.themes} <= {"covered", "splits", "merges"}
    assert {code for theme in found.themes for code in theme.codes} == {"family", "study", "money"}


def test_what_somebody_coded_or_placed_in_a_theme_is_not_set_aside(talk, fake_encoder):
    coded, placed, left = small_talk(talk)[:3]
    talk.record(Decision(passage_id=coded, verdict=Verdict.CHANGED, code_ids=("money",), coder="李", time=""))
    split_theme(talk, [placed], "寒暄", by="李")
    found = find_themes(talk, fake_encoder)
    assert left in found.set_aside
    assert coded not in found.set_aside
    assert placed not in found.set_aside


def test_what_was_taken_back_from_the_small_talk_is_undone_by_one_step(talk, fake_encoder):
    first, *rest = find_themes(talk, fake_encoder).set_aside
    move_passages(talk, [first], ASIDE, by="李")
    assert theme_board(talk).set_aside == tuple(rest)
    undo_theme_step(talk, by="李")
    assert theme_board(talk).set_aside == (first, *rest)


def test_a_passage_coded_with_a_bare_code_does_not_teach_that_nothing_applies(talk, fake_encoder, monkeypatch):
    bare = talk.codebook.add("新的", by="李")
    passages = [passage.id for passage in talk.passages if passage.id not in small_talk(talk)]
    for passage_id, codes in zip(passages, ((bare,), ("money", bare), ()), strict=False):
        verdict = Verdict.CHANGED if codes else Verdict.ACCEPTED
        talk.record(
            Decision(passage_id=passage_id, verdict=verdict, code_ids=codes, coder="李", time="", no_code=not codes)
        )
    taught = []
    monkeypatch.setattr(CodeSuggester, "fit", lambda _, texts, sets, *rest: taught.extend(sets))  # noqa: ARG005
    find_themes(talk, fake_encoder)
    assert taught == [["money"], []]


def named_code(code_id, **parts):
    nothing = Bilingual(zh="", en="")
    name = Bilingual(zh=code_id, en=code_id)
    return Code(id=code_id, name=name, **{"brief": nothing, "definition": nothing, "colour": "#fff", **parts})


def book_of(codes, utterances=()):
    return Codebook(id="own", version="1", name=Bilingual(zh="自己的", en="own"), codes=codes, utterances=utterances)


def test_codes_count_that_are_described_shown_or_given_three_times():
    words = Bilingual(zh="想妈妈", en="misses mother")
    codes = (
        named_code("bare"), named_code("defined", definition=words), named_code("worded", indicators=("想",)),
        named_code("voiced"), named_code("given"), named_code("below", parent="bare", brief=words),
    )  # fmt: skip
    book = book_of(codes, (voiced("想妈妈", "voiced"),))
    given = [("given", "bare"), ("given", "bare"), ("given",)]
    told = telling_codebook(book, given)
    assert told.ids == ("defined", "worded", "voiced", "given", "below")
    assert told["below"].parent is None
    assert telling_codebook(book, given[:2]).ids == ("defined", "worded", "voiced", "below")


def test_a_codebook_that_says_nothing_works_as_none(tmp_path, interviews, fake_encoder):
    shown = []
    for number, codes in enumerate([(), (named_code("a"), named_code("b"))]):
        with Study.create(tmp_path / f"{number}.lbc", read_transcripts(interviews), book_of(codes)) as study:
            found = find_themes(study, fake_encoder)
            shown.append((found.themes, found.set_aside, {theme.status for theme in found.themes}))
    assert shown[0] == shown[1]
    assert shown[0][1:] == ((), {""})
