"""Suggestions follow the decisions, in the background, and the log says which suggestion was seen."""

import pytest
from review_pages import WAIT, opened, patiently, values

from lbc_themes.core.records import Decision, RankedCode, Suggestion, Verdict
from lbc_themes.reading import read_transcripts
from lbc_themes.review.learning import Learning
from lbc_themes.study import Study
from lbc_themes.suggest import CodeSuggester


@pytest.fixture
def study(tmp_path, interviews, four_codes):
    with Study.create(tmp_path / "s.lbc", read_transcripts(interviews), four_codes) as study:
        yield study


@pytest.fixture
def learning(study, four_codes, fake_encoder):
    made = Learning(
        study, suggester=CodeSuggester(four_codes, encoder=fake_encoder), encoder="", cache=None, trial=0, pause=0
    )
    made.start()
    yield made
    made.stop()


@pytest.fixture
def quick(learning):
    """Four passages count for much: how soon the suggester trusts them is tested elsewhere."""
    learning._suggester.blend = 1


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


@pytest.mark.usefixtures("quick")
def test_decisions_change_what_is_suggested(study, learning):
    asked(learning, study, 0, 1)
    before, _ = learning.suggestion(study.passages[1].id)
    for number in (0, 2, 3, 4):
        decide(study, number, "money")
    asked(learning, study, 1)
    after, _ = learning.suggestion(study.passages[1].id)
    assert learning.taught == 4
    assert before.codes[0].code_id != "money"
    assert after.codes[0].code_id == "money"


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


def proving(study, four_codes, fake_encoder, trial):
    made = Learning(
        study, suggester=CodeSuggester(four_codes, encoder=fake_encoder), encoder="", cache=None, trial=trial, pause=0
    )  # fmt: skip
    made.start()
    return made


def test_what_was_learned_is_shown_only_once_it_has_proved_no_worse(study, four_codes, fake_encoder):
    learning = proving(study, four_codes, fake_encoder, 2)
    learning._suggester.blend = 1
    for number in range(4):
        asked(learning, study, number, 5)
        decide(study, number, "money")
        shown = learning.suggestion(study.passages[5].id)[0]
        if number < 3:
            assert shown.codes == () or shown.codes[0].code_id != "money"
    asked(learning, study, 5)
    assert learning.trial.compared >= 2
    assert learning.trial.passed
    assert learning.suggestion(study.passages[5].id)[0].codes[0].code_id == "money"
    learning.stop()


def test_until_then_the_stored_suggestions_stay(study, four_codes, fake_encoder):
    study.add_suggestions(CodeSuggester(four_codes, encoder=fake_encoder).suggest(study.passages), run="first")
    learning = proving(study, four_codes, fake_encoder, 99)
    for number in range(4):
        asked(learning, study, number, 5)
        decide(study, number, "money")
    asked(learning, study, 5)
    assert learning.trial.compared >= 2
    assert learning.suggestion(study.passages[5].id) is None
    learning.stop()


@pytest.mark.parametrize(
    ("guesses", "answers", "passed"),
    [
        ([("a", "b")], [("b",)], True), ([("a", "b")], [("a",)], False), ([("a", "b")], [("c",)], True),
        ([("", "b")], [()], False), ([("a", "")], [()], True), ([("a", "b"), ("a", "b")], [("a",), ("b",)], True),
    ],
)  # fmt: skip
def test_a_trial_is_passed_by_guesses_that_are_as_good(guesses, answers, passed):
    from lbc_themes.review.trial import Trial

    trial = Trial(len(guesses))
    assert not trial.passed
    for number, (before, learned) in enumerate(guesses):
        trial.guess(str(number), guess(before), guess(learned))
    trial.decide({str(number): answer for number, answer in enumerate(answers)})
    assert (trial.compared, trial.passed) == (len(guesses), passed)


def guess(code_id):
    codes = (RankedCode(code_id=code_id, score=1.0, probability=1.0),) if code_id else ()
    return Suggestion(passage_id="p", codes=codes)


def test_a_changed_decision_is_learned_anew(study, learning):
    decide(study, 0, "money")
    asked(learning, study, 1)
    decide(study, 0, "study")
    asked(learning, study, 1)
    assert learning._suggester.targets_.sum(axis=0).tolist() == [0, 1, 0, 0]


def test_a_suggestion_that_was_used_is_kept_as_a_run_once(study, learning):
    asked(learning, study, 0, 1)
    _, name = learning.suggestion(study.passages[0].id)
    assert learning.keep(name)
    assert learning.keep(name)
    assert not learning.keep("another")
    (run,) = study.runs
    assert (run.name, run.options["taught"], len(run.suggestions)) == (name, "0", 2)


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
