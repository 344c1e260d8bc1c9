"""spaCy: the component suggests what the suggester suggests."""

from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest
import spacy
from spacy import displacy
from spacy.language import Language

import lbc_themes.suggest.spacy_part
from lbc_themes.codebook import load_codebook
from lbc_themes.core.records import Role, Transcript, Turn
from lbc_themes.segmenting import segment
from lbc_themes.segmenting.spacy_parts import chinese, transcript_doc
from lbc_themes.suggest import CodeSuggester

SAID = (
    "我每天晚上都想我妈妈，想得睡不着，就抱着她的旧衣服哭。",
    "作业好多题不会写，老师讲的课也听不懂，奶奶不识字。",
    "家里没钱交校服费，爷爷说太贵了，让我穿哥哥剩下的。",
)


def pipeline(four_codes_file: Path, *before: str, top: int = 1) -> Language:
    nlp = chinese()
    for name in before:
        nlp.add_pipe(name)
    nlp.add_pipe("lbc_suggest", config={"codebook": str(four_codes_file), "top": top})
    return nlp


@pytest.fixture(scope="module")
def transcript() -> Transcript:
    text, turns = "", []
    for speech in SAID:
        for role, words in ((Role.INTERVIEWER, "那后来呢？你多说一点。"), (Role.CHILD, speech)):
            turns.append(Turn(speaker=role.value, role=role, start=len(text), end=len(text) + len(words)))
            text += words + "\n"
    return Transcript(id="C07", text=text, turns=tuple(turns))


@pytest.mark.slow
@pytest.mark.parametrize("before", [(), ("lbc_passages",)])
def test_the_component_suggests_what_the_suggester_does(
    four_codes_file: Path, transcript: Transcript, before: tuple[str, ...]
) -> None:
    nlp = pipeline(four_codes_file, *before, top=2)
    doc = nlp(transcript_doc(nlp, transcript))
    group = doc.spans["lbc_suggest"]
    passages = [p for p in segment(transcript) if p.role is not Role.INTERVIEWER]
    found = CodeSuggester(load_codebook(str(four_codes_file))).suggest(passages, top=2)
    expected = [
        (p.id, code.code_id, *span)
        for p, s in zip(passages, found, strict=True)
        for code in s.codes
        for span in p.spans
    ]
    assert [(s.id_, s.label_, s.start_char, s.end_char) for s in group] == expected
    assert [group[0].label_, group[2].label_, group[4].label_] == ["family", "study", "money"]
    assert group.attrs["scores"] == pytest.approx([code.probability for s in found for code in s.codes], abs=1e-6)


def test_passages_without_a_code_are_named_with_the_reason(four_codes_file: Path) -> None:
    nlp = pipeline(four_codes_file)
    doc = nlp("好的好的，那我们今天就先聊到这里吧。")
    group = doc.spans["lbc_suggest"]
    assert len(group) == 0
    assert list(group.attrs["silent"].values()) == ["nothing-fits"]
    assert nlp("").spans["lbc_suggest"].attrs == {"scores": [], "silent": {}}


def test_a_saved_suggester_takes_the_codebooks_place(tmp_path: Path) -> None:
    CodeSuggester(codes=["想妈妈", "学习"]).save(tmp_path / "s.lbc")
    nlp = chinese()
    nlp.add_pipe("lbc_suggest", config={"suggester": str(tmp_path / "s.lbc")})
    doc = nlp(SAID[0])
    assert [span.label_ for span in doc.spans["lbc_suggest"]] == ["想妈妈"]


def test_displacy_draws_the_codes(four_codes_file: Path) -> None:
    doc = pipeline(four_codes_file)(SAID[0])
    page = displacy.render(doc, style="span", options={"spans_key": "lbc_suggest"}, jupyter=False)
    assert "family" in page
    assert "妈妈" in page


def test_spacy_finds_the_component_by_its_entry_point() -> None:
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("lbc_suggest = "))
    point = EntryPoint("lbc_suggest", line.partition('"')[2].rstrip('"'), "spacy_factories")
    assert point.load() is lbc_themes.suggest.spacy_part.lbc_suggest
    assert spacy.blank("zh").has_factory("lbc_suggest")
    assert {found.name for found in entry_points(group="spacy_factories")} >= {"lbc_passages", "lbc_cues"}
