"""Candidate themes are found once, set beside the codebook, and kept in the study."""

import pytest

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Decision, Verdict
from lbc_themes.reading import read_transcripts
from lbc_themes.study import FoundTheme, Study, StudyThemes
from lbc_themes.study.themes import find_themes


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


def test_the_newest_themes_count(study, fake_encoder):
    find_themes(study, fake_encoder)
    assert study.add_themes(StudyThemes(encoder="x", seed=1, passages=0, themes=())).time
    assert study.themes().encoder == "x"


def test_themes_of_unknown_passages_are_refused(study):
    theme = FoundTheme(id=0, name="x", keywords=(), passages=("nobody:1",), typical=(), participants=0)
    with pytest.raises(InputError, match="no passage 'nobody:1'"):
        study.add_themes(StudyThemes(encoder="x", seed=0, passages=1, themes=(theme,)))


def test_more_passages_than_the_model_is_made_for_are_refused(study, fake_encoder, monkeypatch):
    from lbc_themes.study import themes

    monkeypatch.setattr(themes, "MOST", 2)
    with pytest.raises(InputError, match="themes need 1 to 2 passages, and there are"):
        find_themes(study, fake_encoder)
    assert study.themes() is None
