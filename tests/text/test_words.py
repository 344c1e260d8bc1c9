"""Words: cuts, topic words and lexicon files."""

import os
import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lbc_themes.core.errors import InputError
from lbc_themes.segmenting import LexiconWord, content_words, cut, load_lexicon
from lbc_themes.text.words import DATA, table, word_cutter, words_of


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("村里都是留守儿童", "留守儿童"),
        ("這些留守兒童很懂事", "留守兒童"),
        ("隔代抚养问题不少", "隔代抚养"),
        ("他们撤点并校以后就远了", "撤点并校"),
        ("我家吃低保户的钱", "低保户"),
        ("俺姥娘给我烙馍", "姥娘"),
        ("娃儿晓得嘞", "娃儿"),
        ("我去年外出务工", "外出务工"),
    ],
)
def test_words_of_the_field_stay_whole(text: str, word: str) -> None:
    assert word in cut(text)


def test_father_and_mother_are_two_words() -> None:
    assert cut("爸爸妈妈回来了")[:2] == ["爸爸", "妈妈"]


@given(st.text(max_size=80))
def test_words_joined_are_the_text(text: str) -> None:
    assert "".join(cut(text)) == text


@given(st.text(alphabet="我妈媽说說不没沒想eng 3.<>，。\n", max_size=40))
def test_no_word_is_empty(text: str) -> None:
    assert all(cut(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("然后就是那个我不想上学", ["不想", "上学"]),
        ("没人管我，eng 就是我奶奶管不住", ["没人管", "奶奶"]),
        ("我不敢跟老师讲", ["不敢", "老师"]),
        ("他没有钱", ["没有钱"]),
        ("沒有錢", ["沒有錢"]),
        ("有三个弟弟，2014年出生的", ["弟弟", "出生"]),
        ("er 嗯 啊 对对对 ok", []),
        ("在<city>的学校", ["学校"]),
        ("天天看YouTube 不看书", ["YouTube", "不看书"]),
        ("", []),
    ],
)
def test_topic_words(text: str, words: list[str]) -> None:
    found = content_words(text)
    assert [word for word in words if word not in found] == []
    assert not {"然后", "就是", "那个", "eng", "er", "我", "name", "city", "2014"} & set(found)


def test_only_noise_has_no_topic_words() -> None:
    assert content_words("嗯，然后就是那个，er 三百 2014 <name> 的了吗") == []


@pytest.mark.parametrize(
    "data",
    [
        "竹寨小学\n打工潮 300 n\n".encode("utf-8-sig"),
        "竹寨小学\r\n打工潮 300 n\r\n".encode(),
        "# 说明\n\n竹寨小学  # 校名\n打工潮\t300\tn\n".encode(),
        "\u3000竹寨小学\u3000\n打工潮  300  n".encode(),
    ],
)
def test_lexicon_files_are_read_whatever_wrote_them(tmp_path, data: bytes) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes(data)
    assert load_lexicon(path) == (
        LexiconWord(word="竹寨小学"),
        LexiconWord(word="打工潮", frequency=300, tag="n"),
    )


@pytest.mark.slow
def test_words_with_blanks_and_signs_stay_whole() -> None:
    own = [LexiconWord(word="家 校 通"), LexiconWord(word="五·一")]
    assert cut("装了家 校 通以后五·一放假", lexicon=own) == ["装", "了", "家 校 通", "以后", "五·一", "放假"]


@pytest.mark.slow
def test_a_lexicon_may_be_a_path_or_words(tmp_path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("喷空儿话\n", encoding="utf-8")
    assert "喷空儿话" in cut("他爱说喷空儿话", lexicon=path)
    assert "喷空儿话" in cut("他爱说喷空儿话", lexicon=[LexiconWord(word="喷空儿话")])
    assert "喷空儿话" in cut("他爱说喷空儿话", lexicon=["喷空儿话"])
    assert "喷空儿话" not in cut("他爱说喷空儿话")


@pytest.mark.slow
def test_a_frequency_of_nought_takes_a_word_apart() -> None:
    assert cut("图书馆开了", lexicon=[LexiconWord(word="图书馆", frequency=0)])[:2] == ["图书", "馆"]


@pytest.mark.slow
def test_topic_words_follow_an_own_lexicon() -> None:
    assert "喷空儿话" in content_words("他爱说喷空儿话", lexicon=[LexiconWord(word="喷空儿话")])


def test_a_missing_lexicon_is_refused(tmp_path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.txt: cannot be read .*one word a line"):
        load_lexicon(tmp_path / "nowhere.txt")


def test_a_lexicon_in_another_encoding_is_refused(tmp_path) -> None:
    path = tmp_path / "gbk.txt"
    path.write_bytes("留守儿童\n".encode("gb18030"))
    with pytest.raises(InputError, match="not UTF-8; save the file as UTF-8"):
        load_lexicon(path)


def test_a_bad_line_is_named(tmp_path) -> None:
    path = tmp_path / "bad.txt"
    path.write_text("好词\n坏词\t很多\tn\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"bad\.txt, line 2: .*whole number"):
        load_lexicon(path)


def test_a_blank_word_is_refused() -> None:
    with pytest.raises(InputError, match="leave blank words out"):
        cut("我", lexicon=["  "])


def test_the_lexicon_of_the_project_is_clean() -> None:
    words = [entry.word for entry in load_lexicon(DATA / "lexicon.txt")]
    assert len(words) == len(set(words))
    assert 250 <= sum(entry.frequency != 0 for entry in load_lexicon(DATA / "lexicon.txt")) <= 500
    assert all(" " not in word for word in words)


@pytest.mark.parametrize("name", ["stopwords.txt", "fillers.txt", "backchannels.txt", "boundaries.tsv"])
def test_tables_say_each_word_once(name: str) -> None:
    assert len(table(name)) == len(words_of(name))


_QUIET = """
import jieba
before = (dict(jieba.dt.FREQ), jieba.dt.initialized)
from lbc_themes.segmenting import cut
assert cut("留守儿童") == ["留守儿童"]
assert (dict(jieba.dt.FREQ), jieba.dt.initialized) == before
"""


@pytest.mark.slow
def test_cutting_is_quiet_writes_nothing_and_leaves_the_shared_jieba_alone(tmp_path) -> None:
    places = {"TMPDIR": str(tmp_path), "HOME": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _QUIET],
        env=os.environ | places,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


@given(st.text(alphabet="我想妈T恤OKabc 12.5%，\n-'", max_size=40))
@example("我妈")  # a word that the lexicon takes apart
def test_blocks_of_latin_letters_are_cut_as_jieba_cuts_the_whole_text(text: str) -> None:
    cutter = word_cutter()
    for _ in range(2):  # the second time from memory
        whole = [part for word in cutter._jieba.cut(text) for part in cutter._parts.get(word, (word,))]
        assert cutter.cut(text) == whole
