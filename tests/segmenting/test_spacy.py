"""spaCy: the components give what the functions give."""

import pickle

import pytest
import spacy
from spacy import displacy

import lbc_themes.segmenting.spacy_parts as parts
from lbc_themes.core.records import Role, Transcript, Turn
from lbc_themes.segmenting import cues, segment

SAID = (
    "俺妈在厂里做鞋，一天站十二个钟头，站得腿都肿了。她说等攒够了钱就回来盖房子，叫我好好念书。"
    "可是我等了三年，她还是过年才回来，待五天又走。俺奶不准我问，一问她就哭。"
)


@pytest.fixture(scope="module")
def nlp():
    pipeline = parts.chinese()
    pipeline.add_pipe("lbc_passages")
    pipeline.add_pipe("lbc_cues")
    return pipeline


def _transcript(*said: str) -> Transcript:
    text, turns = "", []
    for number, speech in enumerate(said):
        role = Role.CHILD if number % 2 else Role.INTERVIEWER
        turns.append(Turn(speaker=role.value, role=role, start=len(text), end=len(text) + len(speech)))
        text += speech + "\n"
    return Transcript(id="t7", text=text, turns=tuple(turns))


@pytest.mark.parametrize(
    "said", [("聊聊家里？", SAID), ("聊聊", SAID[:30], "嗯", SAID[30:], "几年？", "三年", "嗯", "多了")]
)
def test_the_component_marks_the_same_passages(nlp, said) -> None:
    transcript = _transcript(*said)
    doc = nlp(parts.transcript_doc(nlp, transcript))
    expected = [(p.id, p.role.value, *span) for p in segment(transcript) for span in p.spans]
    assert [(s.id_, s.label_, s.start_char, s.end_char) for s in doc.spans["lbc_passages"]] == expected


def test_plain_text_is_one_turn(nlp) -> None:
    doc = nlp(SAID)
    marked = doc.spans["lbc_passages"]
    assert len(marked) > 1
    assert "".join(span.text for span in marked) == SAID


def test_the_component_marks_the_same_cues(nlp) -> None:
    doc = nlp(SAID)
    marked = doc.spans["lbc_cues"]
    assert [(s.label_, s.text) for s in marked] == [(cue.kind, cue.text) for cue in cues(SAID)]


@pytest.mark.slow
def test_a_pipeline_of_our_words_keeps_them_and_those_of_an_own_file(tmp_path) -> None:
    own = tmp_path / "own.txt"
    own.write_text("竹寨小学\n", encoding="utf-8")
    said = "留守儿童在竹寨小学"
    assert [token.text for token in parts.chinese()(said)][:2] == ["留守儿童", "在"]
    assert [token.text for token in parts.chinese(str(own))(said)] == ["留守儿童", "在", "竹寨小学"]
    copy = pickle.loads(pickle.dumps(parts.chinese(str(own)).tokenizer))
    assert [token.text for token in copy(said)] == ["留守儿童", "在", "竹寨小学"]


def test_a_transcript_comes_back_from_its_document(nlp) -> None:
    turns = (
        Turn(speaker="李", role=Role.CHILD, start=0, end=2, question="想家吗？"),
        Turn(speaker="王", role=Role.TEACHER, start=2, end=4),
    )
    transcript = Transcript(id="t9", text="想家不想", turns=turns)
    assert parts.transcript_of(parts.transcript_doc(nlp, transcript)) == transcript
    alone = Turn(speaker="", role=Role.OTHER, start=0, end=4)
    assert parts.transcript_of(nlp.make_doc("想家不想")) == Transcript(id="doc", text="想家不想", turns=(alone,))


def test_displacy_draws_the_groups(nlp) -> None:
    doc = nlp(SAID)
    for key in ("lbc_passages", "lbc_cues"):
        assert "<span" in displacy.render(doc, style="span", options={"spans_key": key}, jupyter=False)


def test_the_components_work_in_a_plain_blank_pipeline() -> None:
    plain = spacy.blank("zh")
    plain.add_pipe("lbc_passages", config={"shortest": 10, "longest": 30})
    doc = plain(SAID)
    marked = doc.spans["lbc_passages"]
    assert [span.text for span in marked] == [p.text for p in segment(_transcript("", SAID), shortest=10, longest=30)]


def test_a_pipeline_is_saved_and_loaded_with_its_words(nlp, tmp_path) -> None:
    nlp.to_disk(tmp_path / "pipeline")
    loaded = spacy.load(tmp_path / "pipeline")
    text = "留守儿童跟着隔代抚养的老人"
    assert [token.text for token in loaded(text)] == [token.text for token in nlp(text)]
    assert loaded(text)[0].text == "留守儿童"


def test_documents_and_tokenizers_survive_pickling(nlp) -> None:
    doc = parts.transcript_doc(nlp, _transcript("家里？", SAID))
    assert pickle.loads(pickle.dumps(doc)).user_data == doc.user_data
    assert [t.text for t in pickle.loads(pickle.dumps(nlp.tokenizer))("留守儿童")] == ["留守儿童"]


def test_the_tokenizer_keeps_blanks_and_traditional_characters(nlp) -> None:
    text = "爺爺  說：別怕 ok\n我 不怕"
    assert nlp.make_doc(text).text == text
