"""Studies made, added to, counted, copied and suggested for, from the command line."""

import re

import pytest
from study_samples import decision, made

from lbc_themes.codebook import write_codebook
from lbc_themes.core.records import Bilingual
from lbc_themes.pipeline import Stages
from lbc_themes.reading import read_transcripts
from lbc_themes.study import Study
from lbc_themes.study.suggestions import add_run
from lbc_themes.suggest.codebook_fit import OTHER_TOPIC, CodebookFit


@pytest.mark.slow
def test_a_study_is_made_added_to_counted_and_copied(lbc, interviews, four_codes, tmp_path):
    write_codebook(four_codes, tmp_path / "four.yaml")
    (interviews / "T01.txt").rename(tmp_path / "T01.txt")
    assert "2 interviews" in lbc("study", "new", "s.lbc", interviews, "--codebook", "four.yaml")
    assert "s.lbc: already exists" in lbc("study", "new", "s.lbc", interviews, fails=2)
    assert "1 interviews added: T01" in lbc("study", "add", "s.lbc", "T01.txt")
    assert "0 interviews added: none" in lbc("study", "add", "s.lbc", "T01.txt")
    said = lbc("study", "status", "s.lbc")
    assert "interviews: 3" in said
    assert "four 1" in said
    assert "nobody has coded yet" in said
    lbc("study", "backup", "s.lbc", "copy.lbc")
    with Study.open("s.lbc") as one, Study.open("copy.lbc") as two:
        assert one.contents().passages == two.contents().passages


@pytest.mark.slow
def test_what_cannot_be_read_is_named_and_the_rest_is_done(lbc, interviews):
    (interviews / "broken.docx").write_bytes(b"no package")
    said = lbc("study", "new", "s.lbc", interviews, fails=2)
    assert "1 files not read" in said
    assert "broken.docx" in said
    with Study.open("s.lbc") as study:
        assert len(study.transcripts) == 3
    (interviews / "only").mkdir()
    (interviews / "broken.docx").rename(interviews / "only" / "broken.docx")
    assert "no transcript could be read" in lbc("study", "new", "t.lbc", interviews / "only", fails=2)


def test_a_missing_study_is_refused_in_one_line(lbc):
    for words in (["status"], ["suggest"], ["export", "out.qdpx", "--to", "qdpx"], ["backup", "b.lbc"]):
        said = lbc("study", words[0], "none.lbc", *words[1:], fails=2)
        assert "none.lbc" in said
        assert said.count("\n") == 1


@pytest.mark.slow
def test_what_cannot_be_done_is_said_in_one_line(lbc, interviews):
    lbc("study", "new", "s.lbc", interviews)
    for words, expected in (
        (("review", "s.lbc", "--encoder", "none"), "no encoder 'none'"),
        (("study", "export", "s.lbc", "o.qdc", "--to", "qdc", "--coder", "李"), "--to qdc takes no --coder"),
        (("study", "status", "none.lbc"), "lbc-themes study new"),
    ):
        said = lbc(*words, fails=2)
        assert expected in said
        assert said.count("\n") == 1


@pytest.mark.slow
def test_suggestions_are_stored_as_a_run_and_learn_from_decisions(
    lbc, interviews, four_codes, fake_encoder, monkeypatch
):
    monkeypatch.setattr("lbc_themes.encoding.load_encoder", lambda *_: fake_encoder)
    write_codebook(four_codes, interviews.parent / "four.yaml")
    lbc("study", "new", "s.lbc", interviews, "--codebook", "four.yaml")
    said = lbc("study", "suggest", "s.lbc", "--name", "cold", "--top", "1", "--no-cache")
    assert "cold: " in said
    assert "learned from 0 coded" in said
    with Study.open("s.lbc") as study:
        assert len(study.suggestions("cold")) == len(study.passages)
        assert max(len(each.codes) for each in study.suggestions("cold")) == 1
        for number in range(3):
            study.record(decision(study, number, "changed", "money"))
        study.record(decision(study, 3, "rejected"))
    assert "learned from 3 coded" in lbc("study", "suggest", "s.lbc", "--no-cache")
    assert "learned from 0 coded" in lbc("study", "suggest", "s.lbc", "--no-cache", "--no-learning")
    assert "already" in lbc("study", "suggest", "s.lbc", "--name", "cold", "--no-cache", fails=2)
    with Study.open("s.lbc") as study:
        assert [run.options["taught"] for run in study.runs] == ["0", "3", "0"]
        assert study.runs[1].options["encoder"] == "fake.v1"


@pytest.mark.slow
def test_check_rescue_and_restore(lbc, tmp_path):
    with made(tmp_path) as study:
        study.record(decision(study, 0, "accepted", "longing", memo="第一"))
        study.record(decision(study, 1, "accepted", "longing", memo="第二"))
    said = lbc("study", "check", "s.lbc", "--language", "en")
    head = re.search(r"head of the chain (\d+:[0-9a-f]{64})", said)[1]
    assert "Nothing is damaged" in said
    lbc("study", "backup", "s.lbc", "backup.lbc")
    damaged = study.path.read_bytes().replace("第二".encode(), "改了".encode())
    study.path.write_bytes(damaged)
    assert "decision 2: 内容与存入时不同" in output_of_failure("study", "check", "s.lbc")
    assert "study check" in lbc("study", "status", "s.lbc", "--language", "en", fails=2)
    said = lbc("study", "rescue", "s.lbc", "saved.lbc", "--language", "en")
    assert "1 lost" in said
    assert "saved.lbc.lost.jsonl" in said
    said = lbc("study", "restore", "backup.lbc", "s.lbc", "--language", "en")
    kept = re.search(r"kept as (\S+)", said)[1]
    assert (tmp_path / kept).read_bytes() == damaged
    assert "Nothing is damaged" in lbc("study", "check", "s.lbc", "--since", head, "--language", "en")
    assert "the chain does not run through" in lbc(
        "study", "check", "saved.lbc", "--since", head, "--language", "en", fails=2
    )


def output_of_failure(*words):
    """What a command says on standard output before it ends with 1; the fixture gives standard error then."""
    from typer.testing import CliRunner

    from lbc_themes.cli.app import app
    from lbc_themes.core.messages import use_language

    with use_language("zh"):
        done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 1
    return done.stdout


def test_suggest_says_where_the_codebook_does_not_fit_and_suggests_little(
    lbc, interviews, four_codes, fake_encoder, monkeypatch
):
    monkeypatch.setattr("lbc_themes.encoding.load_encoder", lambda *_: fake_encoder)

    def misfit(_codebook, _encoder, texts, _vectors):
        topics = (Bilingual(zh="宠物", en="pets"),)
        return CodebookFit(share=0.12, fits=(True, *(False,) * (len(texts) - 1)), topics=topics)

    monkeypatch.setattr("lbc_themes.study.suggestions.codebook_fit", misfit)
    write_codebook(four_codes, interviews.parent / "four.yaml")
    lbc("study", "new", "s.lbc", interviews, "--codebook", "four.yaml")
    english = lbc("study", "suggest", "s.lbc", "--no-cache", "--language", "en")
    assert "may not fit these interviews: only 12% of the passages" in english
    assert "pets" in english
    chinese = lbc("study", "suggest", "s.lbc", "--no-cache", "--language", "zh")
    assert "可能不适合这批访谈：只有 12% 的段落" in chinese
    assert "宠物" in chinese
    with Study.open("s.lbc") as study:
        assert all(not each.codes for each in study.suggestions()[1:])
        assert OTHER_TOPIC in {each.reason for each in study.suggestions()}
        assert CodebookFit.from_options(study.runs[-1].options).share == 0.12


def test_suggest_never_calls_a_passage_of_risk_small_talk(tmp_path, four_codes, fake_encoder):
    transcripts = tmp_path / "in"
    transcripts.mkdir()
    (transcripts / "K01.txt").write_text(
        "访谈者：你好吗？\n孩子：我想死\n访谈者：还有吗？\n孩子：今天吃了面\n", encoding="utf-8"
    )
    with Study.create(tmp_path / "s.lbc", read_transcripts(transcripts), four_codes) as study:
        add_run(study, fake_encoder, top=3, learn=False, name="", stages=Stages())
        reasons = {study.passage(each.passage_id).text: each.reason for each in study.suggestions()}
    assert reasons["我想死"] == "distress"
