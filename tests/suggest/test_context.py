"""A passage is read as an answer: its question and its speaker count, as views with weights of their own."""

from pathlib import Path

import numpy as np
import pytest
from learning_texts import BigramEncoder, coded

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Codebook, Passage, Role
from lbc_themes.suggest import CodeSuggester, load_suggester
from lbc_themes.suggest.features import ContextViews

CODES = ["family", "study", "money", "illness"]
QUESTIONS = {
    "family": "你想不想爸爸妈妈？",
    "study": "在学校上课怎么样？",
    "money": "家里钱够用吗？",
    "illness": "生病了谁管你？",
}
SHORT = ("嗯，有的时候会这样的吧。", "就是这样，我也说不清楚。", "差不多就是那样子的吧。", "有一点，但是也还好吧。")


def answer(text: str, question: str = "", role: Role = Role.CHILD, number: int = 0) -> Passage:
    return Passage(
        id=f"p{number}", transcript_id=f"t{number % 5}", spans=((0, len(text)),), text=text, speaker="甲", role=role,
        question=question,
    )  # fmt: skip


def interviews() -> tuple[list[Passage], list[list[str]], list[str]]:
    """Answers that say the same of each question: what they are about stands in the question alone."""
    passages, sets = [], []
    for number in range(80):
        code = CODES[number % 4]
        passages.append(answer(SHORT[number // 4 % 4], QUESTIONS[code], number=number))
        sets.append([code])
    return passages, sets, [passage.transcript_id for passage in passages]


def suggester(**choices: object) -> CodeSuggester:
    return CodeSuggester(codes=CODES, encoder=BigramEncoder(), **choices)  # type: ignore[arg-type]


def first_codes(learned: CodeSuggester, passages: list[Passage]) -> list[str]:
    return [CODES[best] for best in learned.rank(passages).argmax(axis=1)]


@pytest.mark.parametrize("way", ["fit", "partial_fit"])
def test_an_answer_that_says_nothing_by_itself_is_coded_by_its_question(way: str) -> None:
    passages, sets, groups = interviews()
    learned = suggester()
    if way == "fit":
        learned.fit(passages, sets, groups)
    else:
        learned.fit(passages[:76], sets[:76], groups[:76]).partial_fit(passages[76:], sets[76:], groups[76:])
    asked = [answer("是的，我觉得就是这么回事。", question, number=90) for question in QUESTIONS.values()]
    assert first_codes(learned, asked) == list(QUESTIONS)
    assert [s.codes[0].code_id for s in learned.suggest(asked, top=1)] == list(QUESTIONS)
    bare = suggester().fit([p.text for p in passages], sets, groups)
    assert bare.score([p.text for p in passages], sets) < 0.5 < learned.score(passages, sets)


def test_before_anything_is_coded_the_question_counts_by_what_the_codes_are_called() -> None:
    names = ["学校上课", "家里的钱"]
    text = "嗯，有的时候会这样的吧。"
    asked = [answer(text, "在学校上课怎么样？"), answer(text, "家里的钱够用吗？", number=1)]
    ranked = CodeSuggester(codes=names, encoder=BigramEncoder()).rank(asked)
    lead = ranked[:, 0] - ranked[:, 1]
    assert lead[0] > lead[1] + 0.1
    without = CodeSuggester(codes=names, encoder=BigramEncoder(), question_weight=0.0).rank(asked)
    np.testing.assert_allclose(without[0], without[1])


def test_the_reason_names_what_the_question_says(four_codes: Codebook) -> None:
    asked = answer("我每天晚上都想得睡不着，就抱着旧衣服哭。", "你晚上会不会想妈妈？", number=1)
    said = CodeSuggester(four_codes, encoder=BigramEncoder()).suggest([asked], top=4)[0]
    family = next(code.evidence for code in said.codes if code.code_id == "family")
    assert "问题提到“" in family.why_zh
    assert "the question says “" in family.why_en
    assert not any(word in asked.question for word in family.words)
    bare = CodeSuggester(four_codes, encoder=BigramEncoder()).suggest([answer(asked.text)], top=4)[0]
    assert not any("问题" in code.evidence.why_zh for code in bare.codes)


def test_passages_without_context_are_their_texts(four_codes: Codebook) -> None:
    texts, sets, groups = coded()
    passages = [answer(text, number=number) for number, text in enumerate(texts)]
    for learned in (CodeSuggester(four_codes, encoder=BigramEncoder()), suggester().fit(passages, sets, groups)):
        np.testing.assert_array_equal(learned.rank(passages), learned.rank(texts))
    np.testing.assert_array_equal(
        suggester().fit(passages, sets, groups).rank(texts), suggester().fit(texts, sets, groups).rank(texts)
    )


def test_texts_without_a_question_are_taken_where_others_have_one() -> None:
    passages, sets, groups = interviews()
    learned = suggester().fit(passages, sets, groups)
    assert np.isfinite(learned.rank(["随便说说而已，没有什么。"])).all()
    learned.partial_fit(["随便说说而已，没有什么。"], [[]], ["t9"])
    assert learned.coded_ == 81


def test_who_speaks_is_a_view_where_there_are_several() -> None:
    texts, sets, groups = coded()
    roles = [Role.TEACHER if "study" in codes else Role.CHILD for codes in sets]
    passages = [answer(text, role=role, number=n) for n, (text, role) in enumerate(zip(texts, roles, strict=True))]
    found = suggester()
    views = ContextViews().fit(found.corpus(passages))
    assert "speaker" in views.rows_
    assert "question meaning" not in views.rows_
    learned = found.fit(passages, sets, groups)
    unclear = "嗯，有的时候会这样的吧。"
    said = learned.predict_proba([answer(unclear, role=role, number=99) for role in (Role.TEACHER, Role.CHILD)])[:, 1]
    assert said[0] > said[1]


def test_a_saved_suggester_knows_the_questions_and_speakers(tmp_path: Path) -> None:
    passages, sets, groups = interviews()
    learned = CodeSuggester(codes=CODES, ridge=0.7).fit(passages[:40], sets[:40], groups[:40])
    learned.save(tmp_path / "one.lbc")
    again = load_suggester(tmp_path / "one.lbc")
    assert again.context_ == learned.context_
    assert again.ridge == 0.7
    np.testing.assert_array_equal(again.rank(passages), learned.rank(passages))


def test_similar_passages_come_first_and_the_passage_itself_does_not() -> None:
    passages = [
        answer("我每天都想妈妈，想得睡不着。", "想家吗？"), answer("晚上想妈妈想得睡不着觉。", "想家吗？", number=1),
        answer("作业太多了写不完。", "学习呢？", number=2), answer("老师讲得太快听不懂。", "学习呢？", number=3),
    ]  # fmt: skip
    found = suggester().similar(passages[0], passages, n=2)
    assert found[0][0].id == "p1"
    assert passages[0] not in [passage for passage, _ in found]
    assert 1 >= found[0][1] > found[1][1]
    assert suggester().search("作业写不完", passages, n=1)[0][0].id == "p2"
    assert suggester().similar(passages[0], passages[:1]) == []
    with pytest.raises(InputError, match=r"^search takes some words to look for$"):
        suggester().search("  ", passages)
    with pytest.raises(InputError, match=r"^n must be 1 or more, not 0$"):
        suggester().similar(passages[0], passages, n=0)


def test_what_is_coded_with_nothing_teaches_what_carries_no_code() -> None:
    texts, sets, groups = coded()
    talk = [f"好的好的，那我们今天先聊到这里吧，第{n}次见面再说。" for n in range(30)]
    learned = suggester().fit([*texts, *talk], [*sets, *[[]] * 30], [*groups, *[f"t{n % 5}" for n in range(30)]])
    likely = learned.predict_codable(["好的好的，那我们今天先聊到这里吧，下次再说。", texts[0]])
    assert likely[0] < 0.3 < 0.7 < likely[1]
    assert not learned.predict(["好的好的，那我们今天先聊到这里吧，下次再说。"]).any()
    before = suggester().predict_codable(["嗯。", "我每天都想妈妈，想得睡不着，老师讲的也听不懂。"])
    assert before[0] < 0.5 < before[1]


def test_another_encoder_set_by_hand_is_not_ignored() -> None:
    texts, sets, _ = coded()
    learned = suggester().fit(texts, sets)
    learned.encoder = BigramEncoder(32)
    with pytest.raises(InputError, match=r"^the codes or the encoder are not those"):
        learned.rank(texts[:2])
    unlearned = suggester()
    assert unlearned.rank(texts[:2]).shape == (2, 4)
    unlearned.encoder = BigramEncoder(32)
    np.testing.assert_array_equal(
        unlearned.rank(texts[:2]), CodeSuggester(codes=CODES, encoder=BigramEncoder(32)).rank(texts[:2])
    )


def test_a_part_of_a_large_corpus_is_read_with_its_questions() -> None:
    pd = pytest.importorskip("pandas")
    from lbc_themes.scale.plan import passages_of

    part = pd.DataFrame(
        {"text": ["嗯，有一点。", "没有。"], "role": ["child", "judge"], "question": ["想妈妈吗？", None]}
    )
    found = passages_of(part)
    assert [(p.text, p.question, p.role) for p in found] == [
        ("嗯，有一点。", "想妈妈吗？", Role.CHILD), ("没有。", "", Role.OTHER)
    ]  # fmt: skip
    assert [p.question for p in passages_of(part[["text"]])] == ["", ""]
