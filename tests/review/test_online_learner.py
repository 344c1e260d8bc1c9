"""Suggestions follow the decisions, in the background, and the log says which suggestion was seen."""

import numpy as np
import pytest
from review_pages import WAIT, opened, patiently, values

from lbc_themes.core.records import Bilingual, Decision, Evidence, RankedCode, Suggestion, Verdict
from lbc_themes.reading import read_transcripts
from lbc_themes.review import online_learner
from lbc_themes.review.online_learner import ChampionChallenger, OnlineLearner, difference_interval, drawn
from lbc_themes.study import Study
from lbc_themes.suggest import CodeSuggester
from lbc_themes.suggest.codebook_fit import CodebookFit


@pytest.fixture
def study(tmp_path, interviews, four_codes):
    with Study.create(tmp_path / "s.lbc", read_transcripts(interviews), four_codes) as study:
        yield study


@pytest.fixture
def learning(study, four_codes, fake_encoder):
    made = learner(study, four_codes, fake_encoder)
    made.start()
    yield made
    made.stop()


def learner(study, four_codes, fake_encoder):
    suggester = CodeSuggester(four_codes, encoder=fake_encoder)
    return OnlineLearner(study, suggester=suggester, encoder="", cache=None, pause=0)


@pytest.fixture
def quick(learning):
    """Four passages count for much: how soon the suggester trusts them is tested elsewhere."""
    learning._challenger.blend = 1


def decide(study, number, *codes, verdict="changed", coder="李"):
    passage = study.passages[number]
    study.record(Decision(passage_id=passage.id, verdict=Verdict(verdict), code_ids=codes, coder=coder, time=""))


def asked(learning, study, *numbers):
    learning.ask([study.passages[number].id for number in numbers])
    assert learning.wait(WAIT)
    assert learning.fault == ""


def test_without_any_suggestion_the_codebook_makes_the_first(study, learning):
    asked(learning, study, 0, 1)
    suggestion, batch = learning.suggestion(study.passages[0].id)
    assert suggestion.codes[0].code_id == "family"
    assert batch.startswith("review ")
    assert study.runs == ()


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_decisions_change_what_is_suggested(study, learning):
    asked(learning, study, *range(6))
    before, _ = learning.suggestion(study.passages[5].id)
    for number in range(5):
        asked(learning, study, number, 5)
        decide(study, number, "money")
    asked(learning, study, 5)
    after, _ = learning.suggestion(study.passages[5].id)
    assert learning.taught == 5
    assert before.codes[0].code_id != "money"
    assert after.codes[0].code_id == "money"
    assert learning.comparison.compared == 4, "before the first decision nothing was learned"


@pytest.mark.slow
def test_what_is_taken_back_is_forgotten(study, learning):
    for number in (0, 2, 3, 4):
        decide(study, number, "money")
    asked(learning, study, 1)
    for _ in range(4):
        study.undo("李")
    asked(learning, study, 1)
    assert learning.taught == 0
    suggestion, _ = learning.suggestion(study.passages[1].id)
    assert suggestion.codes[0].code_id != "money"


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
def test_the_champion_stays_what_it_was_whatever_is_stored_later(study, learning):
    """Learned suggestions that were stored once took the place of the baseline and were compared with themselves."""
    asked(learning, study, *range(7))
    champions = {i: learning.suggestion(p.id)[0] for i, p in enumerate(study.passages[:7])}
    for number in range(7):
        asked(learning, study, number, *range(number + 1, 7))
        _, run = learning.suggestion(study.passages[number].id)
        learning.store_shown(run, study.passages[number].id)
        decide(study, number, "money")
    asked(learning, study)
    predictions = learning._trial.predictions
    assert [predictions[p.id].champion for p in study.passages[1:7]] == list(champions.values())[1:]
    assert {run.options["kind"] for run in study.runs} == {"review"}
    assert {run.options["source"] for run in study.runs} == {"champion", "challenger"}


def test_the_newest_stored_suggestions_are_the_champion_and_are_not_stored_again(study, four_codes, fake_encoder):
    study.add_suggestions(CodeSuggester(four_codes, encoder=fake_encoder).suggest(study.passages), run="first")
    learning = learner(study, four_codes, fake_encoder)
    learning.learn([study.passages[0].id])
    suggestion, run = learning.suggestion(study.passages[0].id)
    assert (suggestion, run) == (study.suggestion_for(study.passages[0].id), "first")
    assert learning.store_shown(run, study.passages[0].id) == ""
    assert len(study.runs) == 1


@pytest.mark.slow
def test_a_page_opened_again_knows_at_once_how_both_compare(study, four_codes, fake_encoder):
    wanted = [p.id for p in study.passages]
    assert len({p.transcript_id for p in study.passages}) > 1
    for number in range(len(wanted)):
        decide(study, number, "money")
    learning = learner(study, four_codes, fake_encoder)
    learning.learn(wanted)
    assert learning.comparison.compared == len(wanted)


def compared(*rows):
    """A trial of rows (champion's code, challenger's code, decided code), "" for none."""
    trial = ChampionChallenger()
    for number, (champion, challenger, _) in enumerate(rows):
        trial.predict(str(number), f"interview {number}", guess(champion), guess(challenger))
    trial.observe({str(number): (code,) if code else () for number, (*_, code) in enumerate(rows)})
    return trial


def test_nothing_compared_shows_the_champion():
    trial = ChampionChallenger()
    assert not trial.prefers_challenger(guess("a"), guess("b"))
    assert trial.comparison().compared == 0


@pytest.mark.parametrize(
    ("rows", "preferred"),
    [
        ([("a", "b", "b")], True), ([("a", "b", "a")], False), ([("a", "b", "c")], False), ([("", "b", "")], False),
        ([("a", "b", "b")] * 2 + [("a", "b", "a")] * 3, False), ([("a", "b", "b")] * 3 + [("a", "b", "a")] * 2, True),
    ],
)  # fmt: skip
def test_the_one_that_was_right_more_often_is_shown(rows, preferred):
    assert compared(*rows).prefers_challenger(guess("a"), guess("b")) is preferred


def test_each_passage_shows_the_one_that_is_better_on_its_kind():
    """The challenger rightly abstains; where both suggest, the champion is better."""
    trial = compared(*[("a", "", "")] * 6, *[("a", "b", "a")] * 4)
    assert trial.prefers_challenger(guess("a"), guess(""))
    assert not trial.prefers_challenger(guess("a"), guess("b"))


def test_the_comparison_says_how_sure_it_is():
    comparison = compared(*[("a", "b", "b")] * 20, *[("a", "b", "a")] * 4).comparison()
    assert (comparison.compared, comparison.champion, comparison.challenger) == (24, 4 / 24, 20 / 24)
    assert comparison.difference == pytest.approx(16 / 24)
    assert comparison.low < comparison.difference < comparison.high
    assert comparison.verdict == "better"
    assert compared(*[("a", "b", "b")] * 3, *[("a", "b", "a")] * 2).comparison().verdict == "open"
    assert compared(*[("a", "b", "a")] * 20).comparison().verdict == "worse"


def test_the_interval_is_that_of_the_paired_t_test_and_wider_where_interviews_agree_within():
    from scipy import stats

    differences = np.array([1.0, 0.0, -1.0, 1.0, 1.0, 0.0, 0.5, 0.0])
    expected = stats.ttest_1samp(differences, 0).confidence_interval(0.95)
    for interviews in (["a"] * 8, [str(n) for n in range(8)]):
        assert difference_interval(differences, interviews) == pytest.approx((expected.low, expected.high))
    alike = np.repeat([1.0, 0.0, 1.0, -1.0, 1.0, 0.0], 10)
    clustered = difference_interval(alike, [str(n // 10) for n in range(60)])
    assert clustered[1] - clustered[0] > 2 * np.diff(difference_interval(alike, ["a"] * 60))[0]


def guess(code_id):
    codes = (RankedCode(code_id=code_id, score=1.0, probability=1.0),) if code_id else ()
    return Suggestion(passage_id="p", codes=codes)


def test_a_changed_decision_is_learned_anew(study, learning):
    decide(study, 0, "money")
    asked(learning, study, 1)
    decide(study, 0, "study")
    asked(learning, study, 1)
    assert learning._challenger.targets_.sum(axis=0).tolist() == [0, 1, 0, 0]


def test_of_very_many_passages_so_many_are_drawn_and_every_code_is_among_them():
    answers = {str(number): ("common",) if number % 50 else ("common", "rare") for number in range(1000)}
    found = drawn(answers, 100)
    assert len(found) == 100
    assert sum("rare" in answers[i] for i in found) >= online_learner.FEWEST_OF_A_CODE
    assert set(drawn(answers, 50)) <= set(found), "what was drawn is drawn again"
    assert set(drawn(answers, 2000)) == set(answers)


@pytest.mark.slow
def test_what_is_learned_from_does_not_grow_with_the_study(study, four_codes, fake_encoder, monkeypatch):
    """10,000 decided passages were all learned from: gigabytes, and minutes for each decision."""
    monkeypatch.setattr(online_learner, "MOST_TAUGHT", 4)
    learning = learner(study, four_codes, fake_encoder)
    for number in range(len(study.passages)):
        decide(study, number, "money" if number % 2 else "study")
        learning.learn([study.passages[0].id])
        assert learning._challenger.coded_ == learning.taught <= 4
    assert {code for codes in learning._taught.values() for code in codes} == {"money", "study"}


@pytest.mark.slow
def test_an_answer_that_changed_among_many_is_learned_with_others(study, four_codes, fake_encoder, monkeypatch):
    """With two coders on the same passages nearly every decision changed an answer, and all was learned anew."""
    monkeypatch.setattr(online_learner, "REVISED_AFTER", 2)
    learning = learner(study, four_codes, fake_encoder)
    for number in range(6):
        decide(study, number, "money")
    learning.learn([])
    taught = []
    for number in range(3):
        decide(study, number, "study", coder="王")
        decide(study, number, "study", coder="张")
        learning.learn([])
        taught.append(learning._challenger.targets_.sum(axis=0).tolist())
    assert taught == [[0, 0, 6, 0], [0, 0, 6, 0], [0, 3, 3, 0]]


def test_what_several_people_ask_for_at_once_is_all_made(study, four_codes, fake_encoder):
    """The last who asked took the place of the others, who had no suggestions."""
    learning = learner(study, four_codes, fake_encoder)
    for number in range(3):
        learning.ask([study.passages[number].id])
    learning.start()
    assert learning.wait(WAIT)
    assert all(learning.suggestion(study.passages[number].id) for number in range(3))
    learning.stop()


def test_the_suggestions_of_a_stored_run_are_held_once(study, four_codes, fake_encoder):
    """Each round kept a copy of all suggestions of the study."""
    study.add_suggestions(CodeSuggester(four_codes, encoder=fake_encoder).suggest(study.passages), run="first")
    learning = learner(study, four_codes, fake_encoder)
    for passage in study.passages[:3]:
        learning.learn([passage.id])
    assert len({id(batch) for batch in learning._champion.values()}) == 1


def test_only_what_was_in_view_of_a_decision_is_stored_and_once(study, learning):
    asked(learning, study, 0, 1)
    suggestion, name = learning.suggestion(study.passages[0].id)
    stored = learning.store_shown(name, study.passages[0].id)
    assert learning.store_shown(name, study.passages[0].id) == stored
    assert learning.store_shown("another", study.passages[0].id) == ""
    assert learning.store_shown(name, study.passages[2].id) == ""
    (run,) = study.runs
    assert (run.name, run.options["taught"], run.suggestions) == (stored, "0", (suggestion,))


def test_the_queue_names_passages_that_are_still_open(study, learning):
    decide(study, 0, "money")
    asked(learning, study, 1)
    assert learning.queue()
    assert study.passages[0].id not in learning.queue()


def test_a_fault_ends_learning_and_nothing_else(study, four_codes):
    class Broken:
        name, dimensions = "broken.v1", 5

        def encode(self, *_args):
            raise RuntimeError("no weights")

    with opened(study, learn=True, suggester=CodeSuggester(four_codes, encoder=Broken())) as coder:
        coder.get("/code")
        first = study.passages[0].id
        assert coder.decide(first, code=["money"]).status_code == 200
        assert any("no weights" in coder.get("/dashboard").text for _ in patiently())
    assert study.decisions()[0].code_ids == ("money",)


@pytest.mark.slow
def test_on_the_page_a_decision_names_the_batch_that_was_shown(study, four_codes, fake_encoder):
    with opened(study, learn=True, suggester=CodeSuggester(four_codes, encoder=fake_encoder)) as coder:
        first = study.passages[0].id
        for _ in patiently():
            page = coder.get("/code", p=first)
            if values(page, "offered"):
                break
        coder.decide(first, only=values(page, "offered")[0])
    (entry,) = study.history()
    assert entry.run.startswith("review ")
    assert study.runs[0].name == entry.run
    assert entry.record.verdict is Verdict.ACCEPTED


def test_blind_coding_teaches_nothing(study, four_codes, fake_encoder):
    with opened(study, learn=True, blind=True, suggester=CodeSuggester(four_codes, encoder=fake_encoder)) as coder:
        coder.decide(study.passages[0].id, code=["money"])
    assert fake_encoder.encoded == []


def test_a_code_that_is_added_while_people_code_is_learned_with_everything_else(study, fake_encoder):
    made = learner(study, study.codebook, fake_encoder)
    made._follows_codebook = True
    made.start()
    decide(study, 0, "money")
    asked(made, study, 5)
    code = study.add_code("数羊", coder="李")
    decide(study, 1, code.id)
    asked(made, study, 5)
    assert made.taught == 2
    assert code.id in made._challenger.codebook
    made.stop()


@pytest.fixture
def short_study(tmp_path, four_codes):
    (tmp_path / "in").mkdir()
    said = "访谈者：你好吗？\n孩子：我想死\n访谈者：还有吗？\n孩子：今天吃了面\n"
    (tmp_path / "in" / "K01.txt").write_text(said, encoding="utf-8")
    with Study.create(tmp_path / "short.lbc", read_transcripts(tmp_path / "in"), four_codes) as study:
        yield study


def test_what_is_learned_never_calls_a_passage_of_risk_small_talk(short_study, four_codes, fake_encoder):
    learning = learner(short_study, four_codes, fake_encoder)
    learning.learn([p.id for p in short_study.passages])
    reasons = {p.text: learning.suggestion(p.id)[0].reason for p in short_study.passages}
    alone = CodeSuggester(four_codes, encoder=fake_encoder).suggest(short_study.passages)
    assert alone[0].reason == "too-short"
    assert reasons["我想死"] == "distress"


def test_the_page_never_calls_a_passage_of_risk_small_talk_whatever_is_stored(short_study):
    made = [Suggestion(passage_id=p.id, codes=(), reason="too-short") for p in short_study.passages]
    short_study.add_suggestions(made, run="of an older release")
    with opened(short_study) as coder:
        shown = [coder.get("/code", p=p.id).text for p in short_study.passages]
    assert "内容太短" not in shown[0]
    assert "内容太短" in shown[1]


def few_fit(_codebook, _encoder, texts, _vectors):
    return CodebookFit(share=0.12, fits=tuple(False for _ in texts), topics=(Bilingual(zh="宠物", en="pets"),))


def test_where_the_codebook_does_not_fit_the_learner_suggests_little(study, four_codes, fake_encoder, monkeypatch):
    monkeypatch.setattr("lbc_themes.review.online_learner.codebook_fit", few_fit)
    learning = learner(study, four_codes, fake_encoder)
    learning.learn([p.id for p in study.passages])
    assert learning.codebook_fit.misfit
    assert all(learning.suggestion(p.id)[0].codes == () for p in study.passages)
    monkeypatch.setattr("lbc_themes.suggest.codebook_fit.FEWEST_CODED", 2)
    for number in range(3):
        decide(study, number, "money")
    learning.learn([p.id for p in study.passages])
    assert learning.coded == 3
    assert any(learning._learned[p.id].suggestions[p.id].codes for p in study.passages)


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/dashboard", "/interviews"])
def test_the_page_says_where_the_codebook_does_not_fit(study, path):
    with opened(study) as coder:
        assert "可能不适合这批访谈" not in coder.get(path).text
    options = few_fit(None, None, (), None).to_options()
    study.add_suggestions([Suggestion(passage_id=study.passages[0].id, codes=())], run="one", options=options)
    with opened(study) as coder:
        page = coder.get(path).text
        assert "可能不适合这批访谈：只有 12% 的段落" in page
        assert "宠物" in page
    with opened(study, blind=True) as coder:
        assert "可能不适合这批访谈" not in coder.get(path).text


def test_a_further_suggestion_below_five_percent_takes_no_card_and_stays_stored(study):
    passage = study.passages[0]
    codes = tuple(
        RankedCode(code_id=code.id, score=1.0, probability=share, evidence=Evidence(why_zh="因", why_en="why"))
        for code, share in zip(study.codebook, (0.9, 0.06, 0.04), strict=False)
    )
    study.add_suggestions([Suggestion(passage_id=passage.id, codes=codes)], run="one")
    with opened(study) as coder:
        coder.get("/code", p=passage.id)
        assert list(dict.fromkeys(values(coder.page, "offered"))) == [code.code_id for code in codes[:2]]
    assert len(study.suggestion_for(passage.id).codes) == 3
