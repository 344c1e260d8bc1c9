"""Candidate themes are found once, set beside the codebook, and kept in the study."""

from pathlib import Path

import pytest
from study_samples import transcript

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Decision, Evidence, RankedCode, Role, Suggestion, Verdict
from lbc_themes.reading import read_transcripts
from lbc_themes.study import FoundTheme, Study, StudyThemes
from lbc_themes.study.themes import _codes, find_themes


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


def test_without_any_code_themes_are_not_set_beside_the_codebook(study, fake_encoder):
    assert {theme.status for theme in find_themes(study, fake_encoder).themes} == {""}


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
