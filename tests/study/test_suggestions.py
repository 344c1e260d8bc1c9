"""Suggestions for a whole study, stored as a run."""

import pytest
from study_samples import decision

from lbc_themes.core.errors import InputError
from lbc_themes.pipeline import Stages
from lbc_themes.reading import read_transcripts
from lbc_themes.study import Study
from lbc_themes.study.suggestions import add_run


@pytest.fixture
def interviewed(tmp_path, interviews, four_codes):
    with Study.create(tmp_path / "s.lbc", read_transcripts(interviews), four_codes) as study:
        yield study


def test_a_run_says_what_it_was_made_with_and_what_it_learned_from(interviewed, fake_encoder):
    stages = Stages()
    cold = add_run(interviewed, fake_encoder, top=2, learn=True, name="cold", stages=stages)
    assert (cold.name, cold.taught, cold.coded, cold.fit) == ("cold", 0, 0, None)
    assert list(stages.seconds) == ["encode", "suggest"]
    assert len(fake_encoder.encoded) >= len(interviewed.passages)
    interviewed.record(decision(interviewed, 0, "changed", "money"))
    interviewed.record(decision(interviewed, 1, "rejected", no_code=True))
    interviewed.record(decision(interviewed, 2, "rejected"))
    taught = add_run(interviewed, fake_encoder, top=3, learn=True, name="", stages=Stages())
    assert (taught.taught, taught.coded) == (2, 1)
    assert fake_encoder.encoded.count(interviewed.passages[0].text) == 2, "once for each run, and not to learn from"
    untaught = add_run(interviewed, fake_encoder, top=1, learn=False, name="plain", stages=Stages())
    assert (untaught.taught, untaught.coded) == (0, 0)
    assert [dict(run.options) for run in interviewed.runs] == [
        {"encoder": "fake.v1", "top": "2", "taught": "0"},
        {"encoder": "fake.v1", "top": "3", "taught": "2"},
        {"encoder": "fake.v1", "top": "1", "taught": "0"},
    ]
    assert interviewed.runs[1].name == taught.name
    assert max(len(each.codes) for each in interviewed.suggestions("plain")) == 1
    assert max(len(each.codes) for each in interviewed.suggestions("cold")) == 2
    assert interviewed.suggestions("plain") != interviewed.suggestions(taught.name)


def test_a_run_needs_passages_and_a_name_of_its_own(interviewed, fake_encoder, tmp_path, four_codes):
    add_run(interviewed, fake_encoder, top=1, learn=True, name="a", stages=Stages())
    with pytest.raises(InputError, match=r"'?a'?.*already"):
        add_run(interviewed, fake_encoder, top=1, learn=True, name="a", stages=Stages())
    with (
        Study.create(tmp_path / "empty.lbc", [], four_codes) as empty,
        pytest.raises(InputError, match=r"empty\.lbc"),
    ):
        add_run(empty, fake_encoder, top=1, learn=True, name="", stages=Stages())
    assert len(interviewed.runs) == 1
