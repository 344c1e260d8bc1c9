import io
import json
import pickle
import re
import socket
import tracemalloc
import zipfile

import numpy as np
import pytest
from themes_study import passages_of, study, vectors_of

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Transcript
from lbc_themes.themes import ThemeModel
from lbc_themes.themes.summaries import wilson

TEXTS, GROUPS, SUBJECTS = study()
VECTORS = vectors_of(TEXTS)


@pytest.fixture
def model():
    return ThemeModel(n_themes=6).fit(TEXTS, vectors=VECTORS, groups=GROUPS)


def test_merged_themes_keep_the_smallest_id(model):
    before = model.labels_.copy()
    model.merge(4, 1)
    assert (model.labels_ == np.where(before == 4, 1, before)).all()
    assert [theme.id for theme in model.themes_] == [0, 1, 2, 3, 5]


def test_the_largest_part_of_a_split_theme_keeps_the_id(model):
    before = model.labels_.copy()
    model.split(0)
    assert {int(label) for label in model.labels_[before == 0]} == {0, 6}
    assert (model.labels_[before != 0] == before[before != 0]).all()
    assert (model.labels_ == 0).sum() >= (model.labels_ == 6).sum()


def test_an_id_is_never_given_twice(model):
    model.split(0).merge(0, 6).split(1)
    assert max(theme.id for theme in model.themes_) == 7


def test_a_name_given_by_a_person_stays(model):
    model.rename(2, "  夜里想家 ").split(0).merge(1, 3)
    assert model.theme(2).name == "夜里想家"
    assert model.choices_ == (("rename", 2, "夜里想家"), ("split", 0, 2), ("merge", 1, 3))


@pytest.mark.slow
@pytest.mark.parametrize("number", [1, 3, 6, 9, 20])
def test_moving_along_the_tree_gives_the_number_asked_for(model, number):
    before = model.labels_.copy()
    model.move_to(number)
    assert len(model.themes_) == number
    pairs = {(int(old), int(new)) for old, new in zip(before, model.labels_, strict=True)}
    assert len(pairs) == max(number, 6), "up the tree joins whole themes, down it cuts inside them"


def test_moving_up_joins_what_the_tree_joins(model):
    first = model.tree_[0].themes
    model.move_to(5)
    assert min(first) in {theme.id for theme in model.themes_}
    assert max(first) not in {theme.id for theme in model.themes_}


NEW = ["数学作业又没写完", "奶奶今天腿疼", "打电话给妈妈", "嗯嗯"]


def test_new_passages_join_old_themes_that_keep_ids_and_names(model):
    model.rename(0, "第一个")
    before, names = model.labels_.copy(), [theme.name for theme in model.themes_ if theme.id == 0]
    model.update(NEW, vectors=vectors_of(NEW), groups=["P20"] * 4)
    assert (model.labels_[: len(before)] == before).all()
    assert len(model.labels_) == len(before) + 4
    assert model.labels_[-1] == -1
    assert names == [model.theme(0).name]


def test_a_subject_that_is_new_makes_a_theme_that_is_marked(model):
    said = [f"{who}在网吧打游戏{how}" for who in ("表哥", "邻居", "他们") for how in ("到半夜", "输了钱", "不回家")]
    fresh = np.zeros((len(said), VECTORS.shape[1]), np.float32)
    fresh[:, 0] = 1
    fresh[:, 1] = np.linspace(0, 0.1, len(said))
    model.update(said, vectors=fresh, groups=["P21"] * len(said))
    assert model.new_themes_ and min(model.new_themes_) == 6
    assert set(model.labels_[-len(said) :].tolist()) & set(model.new_themes_)
    assert not set(model.labels_[: len(TEXTS)].tolist()) & set(model.new_themes_)


@pytest.mark.slow
def test_the_same_update_in_another_order_gives_the_same_themes(model):
    other = ThemeModel(n_themes=6).fit(TEXTS, vectors=VECTORS, groups=GROUPS)
    model.update(NEW, vectors=vectors_of(NEW), groups=list("abcd"))
    other.update(NEW[::-1], vectors=vectors_of(NEW[::-1]), groups=list("dcba"))
    assert model.labels_[-4:].tolist() == other.labels_[-4:].tolist()[::-1]


def test_what_a_person_chose_outlives_new_interviews(model):
    model.merge(1, 3).split(0).rename(2, "自己起的名字")
    ids, before = [theme.id for theme in model.themes_], model.labels_.copy()
    model.update(NEW, vectors=vectors_of(NEW), groups=["P20"] * 4)
    assert [theme.id for theme in model.themes_ if theme.id not in model.new_themes_] == ids
    assert (model.labels_[: len(before)] == before).all()
    assert model.theme(2).name == "自己起的名字"
    assert [choice[0] for choice in model.choices_] == ["merge", "split", "rename", "update"]


@pytest.mark.slow
def test_two_updates_never_give_an_id_twice(model):
    for turn, subject in enumerate(("网吧", "赶集")):
        said = [f"{who}去{subject}{how}" for who in ("表哥", "邻居", "他们") for how in ("到半夜", "花了钱", "不回家")]
        fresh = np.zeros((len(said), VECTORS.shape[1]), np.float32)
        fresh[:, turn] = 1
        fresh[:, 2 + turn] = np.linspace(0, 0.1, len(said))
        held = {theme.id for theme in model.themes_}
        model.update(said, vectors=fresh, groups=[f"P2{turn}"] * len(said))
        assert model.new_themes_
        assert not held & set(model.new_themes_)


@pytest.mark.slow
def test_themes_are_found_when_the_first_texts_come_with_an_update():
    model = ThemeModel(n_themes="auto").fit(["嗯"], vectors=VECTORS[:1])
    assert model.update(TEXTS, vectors=VECTORS, groups=GROUPS).new_themes_
    assert model.labels_[0] == -1
    assert (model.labels_[1:] >= 0).all()
    assert sum(point.chosen for point in model.curve_) == 1


def test_an_update_with_nothing_new_changes_nothing(model):
    before, themes = model.labels_.copy(), model.themes_
    model.update([], vectors=np.zeros((0, VECTORS.shape[1])), groups=[])
    assert (model.labels_ == before).all()
    assert model.themes_ == themes
    assert model.new_themes_ == ()


@pytest.mark.slow
def test_numbers_of_numpy_can_be_saved(model, tmp_path):
    model.move_to(np.int64(5)).split(np.int64(0), np.int64(2)).rename(np.int64(0), "想家").save(tmp_path)
    assert ThemeModel.load(tmp_path).choices_ == (("move_to", 5), ("split", 0, 2), ("rename", 0, "想家"))


LONE = [f"教练让我{what}{how}" for what in ("跳远", "跳高", "跨栏") for how in ("三次", "很累", "到天黑", "得奖")]


def of_the_coach(people):
    """Return a model of the study with twelve passages more, and their theme."""
    texts = [*TEXTS, *LONE]
    model = ThemeModel(n_themes=7).fit(texts, vectors=vectors_of(texts), groups=[*GROUPS, *people])
    return model, next(theme for theme in model.themes_ if set(theme.passages) & set(range(len(TEXTS), len(texts))))


@pytest.mark.slow
def test_what_one_participant_says_is_unstable_and_what_all_say_is_stable():
    everyone = sorted(set(GROUPS))
    of_one, of_two, of_all = (of_the_coach((who * 12)[:12])[1] for who in (["P09"], ["P08", "P09"], everyone))
    assert of_one.passages == of_two.passages == of_all.passages
    assert of_one.stability == 0
    assert of_all.stability == 1
    assert 0 < of_two.stability < 0.9


def test_few_participants_are_not_resampled_so_that_one_voice_may_be_stable():
    few = [f"P{int(who[1:]) % 5}" for who in GROUPS]
    texts = [*TEXTS, *LONE]
    model = ThemeModel(n_themes=7).fit(texts, vectors=vectors_of(texts), groups=[*few, *["P4"] * len(LONE)])
    assert next(theme for theme in model.themes_ if len(TEXTS) in theme.passages).stability == 1


def test_a_theme_of_one_participant_is_a_small_share_with_a_wide_interval():
    texts = [*TEXTS, *LONE]
    model, own = of_the_coach(["P09"] * len(LONE))
    shares = model.shares().query("theme == @own.id and value == 'all'")
    assert own.passages == tuple(range(len(TEXTS), len(texts)))
    assert shares.participants.item() == 1
    assert shares.low.item() < 0.1 < shares.high.item() < 0.5


def test_a_saved_model_comes_back_whole(model, tmp_path):
    model.rename(1, "改过的名字").split(0)
    model.save(tmp_path / "themes")
    back = ThemeModel.load(tmp_path / "themes")
    assert back.themes_ == model.themes_
    assert back.tree_ == model.tree_
    assert back.curve_ == model.curve_
    assert back.choices_ == model.choices_
    assert back.get_params() == model.get_params()
    assert back.split(1).labels_.tolist() == model.split(1).labels_.tolist()


@pytest.mark.slow
def test_a_model_saved_before_the_curve_changed_is_read_without_its_curve(tmp_path):
    model = ThemeModel().fit(TEXTS, vectors=VECTORS, groups=GROUPS)
    model.save(tmp_path)
    file = tmp_path / "themes.json"
    held = json.loads(file.read_text("utf-8"))
    old = {"n_themes": 6, "stability": 0.5, "separation": 0.1, "score": 0.9, "chosen": True}
    file.write_text(json.dumps(held | {"schema": "lbc-themes/1", "curve": [old]}), "utf-8")
    back = ThemeModel.load(tmp_path)
    assert back.curve_ == ()
    assert back.labels_.tolist() == model.labels_.tolist()


def test_passages_come_back_as_passages(tmp_path):
    passages = passages_of(TEXTS[:20], GROUPS[:20])
    model = ThemeModel(n_themes=3).fit(passages, vectors=VECTORS[:20])
    model.save(tmp_path)
    assert ThemeModel.load(tmp_path).material_.passages == tuple(passages)


def test_a_folder_that_is_no_model_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"not a saved theme model.*needs the files themes\.json and vectors\.npz"):
        ThemeModel.load(tmp_path)


def rewritten(folder, change=lambda held: held, **arrays):
    file = folder / "themes.json"
    file.write_text(json.dumps(change(json.loads(file.read_text("utf-8")))), "utf-8")
    with np.load(folder / "vectors.npz") as old:
        every = dict(old) | arrays
    np.savez(folder / "vectors.npz", **every)


def with_parts(**parts):
    return lambda held: held | parts


N = len(TEXTS)


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        with_parts(texts="一条"), with_parts(texts=[1] * N), with_parts(groups=[]), with_parts(passages=[{}]),
        with_parts(passages=[{"id": 1}] * N), with_parts(parameters=[]), with_parts(parameters={"unknown": 1}),
        with_parts(parameters={"clusterer": "nobody.v1"}), with_parts(parameters={"random_state": -1}),
        with_parts(names={"x": "名"}), with_parts(names={"0": 7}), with_parts(curve=[{"a": 1}]),
        with_parts(choices=[3]),
        with_parts(next_theme="many"), with_parts(next_theme=10**12), with_parts(next_theme=0),
        lambda held: {name: part for name, part in held.items() if name != "curve"},
    ],
)  # fmt: skip
def test_a_model_with_parts_that_do_not_fit_is_refused_in_one_line(model, tmp_path, change):
    model.save(tmp_path)
    rewritten(tmp_path, change)
    with pytest.raises(InputError) as refused:
        ThemeModel.load(tmp_path)
    assert "\n" not in str(refused.value)


@pytest.mark.slow
@pytest.mark.parametrize(
    "arrays",
    [
        {"vectors": np.full_like(VECTORS, np.nan)}, {"vectors": np.zeros_like(VECTORS)}, {"vectors": VECTORS[:5]},
        {"vectors": np.ones(VECTORS.shape, int)}, {"vectors": VECTORS[:, 0]}, {"labels": np.zeros(3, int)},
        {"labels": np.full(N, 10**15)}, {"labels": np.full(N, -2)}, {"labels": np.full(N, 0.5)},
        {"labels": np.array([{"a": 1}] * N, object)},
    ],
)  # fmt: skip
def test_numbers_that_no_model_has_are_refused_in_one_line(model, tmp_path, arrays):
    model.save(tmp_path)
    rewritten(tmp_path, **arrays)
    with pytest.raises(InputError, match="not a saved theme model") as refused:
        ThemeModel.load(tmp_path)
    assert "\n" not in str(refused.value)


@pytest.mark.slow
@pytest.mark.parametrize("held", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000])
def test_a_description_that_is_none_is_refused(model, tmp_path, held):
    model.save(tmp_path)
    (tmp_path / "themes.json").write_bytes(held)
    with pytest.raises(InputError):
        ThemeModel.load(tmp_path)


def test_an_array_that_declares_terabytes_is_refused_before_it_is_made(model, tmp_path):
    model.save(tmp_path)
    header = str({"descr": "<f8", "fortran_order": False, "shape": (10**12, 384)}).encode() + b"\n"
    part = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(64)
    with zipfile.ZipFile(tmp_path / "vectors.npz", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("vectors.npy", part)
        file.writestr("labels.npy", part)
    with pytest.raises(InputError, match=r"declares float64 \(1000000000000, 384\) and holds 64 bytes"):
        ThemeModel.load(tmp_path)


class Planted:
    """Runs a command when it is unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return self.mark.touch, ()


def damaged_byte(folder):
    """Change one byte of the numbers of a stored array, so that its checksum is wrong."""
    file = folder / "vectors.npz"
    with np.load(file) as arrays:
        np.savez(file, **dict(arrays))
    data = bytearray(file.read_bytes())
    data[len(data) // 4] ^= 0x10
    file.write_bytes(data)


def packed(folder, parts):
    with zipfile.ZipFile(folder / "vectors.npz", "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in parts.items():
            file.writestr(name, part)


def array_bytes(array):
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def led_out(folder, name):
    """Move a file out of the folder and leave a link to it."""
    outside = folder.parent / f"outside-{name}"
    (folder / name).rename(outside)
    (folder / name).symlink_to(outside)


def zeros(count):
    header = str({"descr": "<f4", "fortran_order": False, "shape": (count, 48)}).encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(count * 48 * 4)


def file_at(folder, name):
    (folder / name).unlink()
    (folder / name).mkdir()


ATTACKS = {
    "no description": (lambda folder: (folder / "themes.json").unlink(), "themes.json is no file"),
    "no numbers": (lambda folder: (folder / "vectors.npz").unlink(), "vectors.npz is no file"),
    "a folder for a file": (lambda folder: file_at(folder, "vectors.npz"), "vectors.npz is no file"),
    "no package": (lambda folder: (folder / "vectors.npz").write_bytes(b"PK\x03\x04"), "zip"),
    "an empty package": (lambda folder: packed(folder, {}), "vectors"),
    "a wrong checksum": (damaged_byte, "CRC"),
    "a pickle for the package": (
        lambda folder: (folder / "vectors.npz").write_bytes(pickle.dumps(Planted(folder / "run"))), "zip",
    ),
    "a pickle for an array": (
        lambda folder: packed(folder, {"vectors.npy": pickle.dumps(Planted(folder / "run"))}), "vectors.npy is no",
    ),
    "a pickle in an array": (
        lambda folder: packed(folder, {"vectors.npy": array_bytes(np.array([Planted(folder / "run")], object))}),
        "vectors.npy declares object",
    ),
    "a part that leads out": (
        lambda folder: packed(folder, {"../../escaped.npy": array_bytes(VECTORS), "labels.npy": b""}), "is no array",
    ),
    "a description that leads out": (lambda folder: led_out(folder, "themes.json"), "themes.json leads out of"),
    "numbers that lead out": (lambda folder: led_out(folder, "vectors.npz"), "vectors.npz leads out of"),
    "400 MB of zeros in 400 kB": (
        lambda folder: packed(folder, {"vectors.npy": zeros(2_000_000)}), "unpack to more than 100 MB",
    ),
    "90 MB of zeros four times": (
        lambda folder: packed(folder, {f"{n}.npy": zeros(468_750) for n in range(4)}), "unpack to more than 100 MB",
    ),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_model_from_a_stranger_is_refused_in_one_line(model, tmp_path, monkeypatch, attack):
    folder = tmp_path / "model"
    model.save(folder)
    change, said = ATTACKS[attack]
    change(folder)
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("the network was asked"))
    tracemalloc.start()
    with pytest.raises(InputError, match="not a saved theme model") as refused:
        ThemeModel.load(folder)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert peak < 250_000_000, "what a file declares is measured before it is unpacked"
    assert not (folder / "run").exists(), "nothing in a file is run"
    assert not list(tmp_path.parent.rglob("escaped*"))


@pytest.mark.parametrize("encoder", ["../../outside", "/etc", "file:///etc", "\\\\host\\share", ""])
def test_an_encoder_by_a_path_is_refused_when_it_is_asked(model, tmp_path, monkeypatch, encoder):
    model.save(tmp_path)
    rewritten(tmp_path, lambda held: held | {"parameters": held["parameters"] | {"encoder": encoder}})
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("the network was asked"))
    with pytest.raises(InputError) as refused:
        ThemeModel.load(tmp_path).update(["奶奶来了。"])
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("encoder", [7, ["e5-small-zh.v1"], {"a": 1}, None])
def test_an_encoder_that_is_no_name_is_refused(model, tmp_path, encoder):
    model.save(tmp_path)
    rewritten(tmp_path, lambda held: held | {"parameters": held["parameters"] | {"encoder": encoder}})
    with pytest.raises(InputError, match="the encoder must be named by a text"):
        ThemeModel.load(tmp_path)


def test_an_encoder_from_a_network_counts_only_if_the_reader_names_it(model, tmp_path):
    name = "sentence-transformers:somebody/model"
    model.save(tmp_path)
    rewritten(tmp_path, lambda held: held | {"parameters": held["parameters"] | {"encoder": name}})
    with pytest.raises(InputError, match=f"may be fetched from a network; .* encoder='{name}'"):
        ThemeModel.load(tmp_path)
    assert ThemeModel.load(tmp_path, encoder=name).encoder == name


def test_a_model_of_another_schema_is_refused(model, tmp_path):
    model.save(tmp_path)
    file = tmp_path / "themes.json"
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | {"schema": "other/9"}), "utf-8")
    with pytest.raises(InputError, match=re.escape("its schema is not lbc-themes/2")):
        ThemeModel.load(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda model: model.merge(0), "merge got 1 different themes; give two or more"),
        (lambda model: model.merge(0, 99), "no theme 99; the themes are 0, 1, 2, 3, 4, 5"),
        (lambda model: model.split(0, 1), "parts must be a whole number from 2 to that, not 1"),
        (lambda model: model.split(0, 2.5), "parts must be a whole number from 2 to that, not 2.5"),
        (lambda model: model.split(0, "2"), "parts must be a whole number from 2 to that, not '2'"),
        (lambda model: model.move_to(96).split(0), "theme 0 has one passage; it cannot be split"),
        (lambda model: model.rename(0, " "), "theme 0: the name is ' '; give a text that is not blank"),
        (lambda model: model.rename(0, 5), "theme 0: the name is 5"),
        (lambda model: model.rename(99, "想家"), "no theme 99"),
        (lambda model: model.move_to("3"), "n_themes is '3'; these passages can be in 1 to 96 themes"),
        (lambda model: model.move_to(True), "n_themes is True"),
        (lambda model: model.move_to(2.5), "n_themes is 2.5"),
        (lambda model: model.examples(0, 2.5), "count is 2.5; give a whole number from 1"),
        (lambda model: model.move_to(0), "n_themes is 0; these passages can be in 1 to 96 themes"),
        (lambda model: model.examples(0, 0), "count is 0"),
        (lambda model: model.update(["奶奶"], vectors=[[1.0, 2.0]]), "2 dimensions, the model's 48"),
    ],
)
def test_changes_that_cannot_be_are_refused(model, change, said):
    with pytest.raises(InputError, match=re.escape(said)):
        change(model)


def test_a_passage_that_is_there_already_is_refused():
    passages = passages_of(TEXTS, GROUPS)
    model = ThemeModel(n_themes=6).fit(passages, vectors=VECTORS)
    with pytest.raises(InputError, match="1 passages are in the model already, the first is P00:0000"):
        model.update(passages[:1], vectors=VECTORS[:1])


def test_examples_show_the_middle_and_the_border(model):
    frame = model.examples(0, 2)
    assert frame[frame.kind == "typical"].position.tolist() == list(model.theme(0).typical[:2])
    border = frame[frame.kind == "borderline"]
    assert len(border) == 2
    assert set(border.nearest_other) <= {1, 2, 3, 4, 5}
    assert set(frame.position) <= set(model.theme(0).passages)


def test_contrary_passages_negate_what_the_theme_says():
    texts = ["妈妈关心我", "爸爸关心我", "他们关心我学习", "从来没人不关心她", "家里不关心这个"] * 3
    model = ThemeModel(n_themes=1).fit(texts, vectors=vectors_of(texts))
    contrary = model.examples(0, 5).query("kind == 'contrary'").text
    assert "家里不关心这个" in set(contrary)
    assert "妈妈关心我" not in set(contrary)


def test_shares_count_participants_not_passages(model):
    frame = model.shares(["gender"], {person: {"gender": "女" if person < "P05" else "男"} for person in set(GROUPS)})
    for theme in model.themes_:
        own = frame[frame.theme == theme.id].set_index("value")
        assert own.loc["all", "participants"] == len({GROUPS[i] for i in theme.passages})
        assert own.loc["女", "of"] + own.loc["男", "of"] == own.loc["all", "of"] == 10
        assert own.loc["女", "participants"] + own.loc["男", "participants"] == own.loc["all", "participants"]
    assert ((frame.low <= frame.share) & (frame.share <= frame.high)).all()


def test_attributes_come_from_transcripts_by_id_or_by_participant(model):
    def transcript(name, **metadata):
        return Transcript(id=name, text="", turns=(), metadata=metadata)

    by_id = [transcript(person, gender="女") for person in sorted(set(GROUPS))]
    by_person = [transcript(f"file-{person}", participant=person, gender="女") for person in sorted(set(GROUPS))]
    assert model.shares(["gender"], by_id).equals(model.shares(["gender"], by_person))


def test_one_attribute_may_be_named_without_a_list():
    model = ThemeModel(n_themes=6).fit(passages_of(TEXTS, GROUPS), vectors=VECTORS)
    assert model.shares("role").equals(model.shares(["role"]))


def test_an_interval_of_all_or_none_ends_at_the_share_itself():
    assert wilson(10, 10)[2] == 1
    assert wilson(0, 10)[1] == 0


def test_without_roles_everyone_is_counted(model):
    assert set(model.shares().attribute) == {"all"}


def test_roles_of_passages_are_there_by_themselves():
    model = ThemeModel(n_themes=6).fit(passages_of(TEXTS, GROUPS), vectors=VECTORS)
    assert set(model.shares().value) == {"all", "child", "teacher"}


def test_an_attribute_that_nobody_has_is_refused(model):
    with pytest.raises(InputError, match="no participant has the attribute 'village'; known: none"):
        model.shares(["village"])
