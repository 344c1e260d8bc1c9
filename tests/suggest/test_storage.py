"""A suggester saved to a file and read again."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from learning_texts import CODES, BigramEncoder, coded

from lbc_themes.core.errors import InputError
from lbc_themes.core.records import Codebook
from lbc_themes.core.untrusted import read_part
from lbc_themes.encoding import load_encoder
from lbc_themes.suggest import CodeSuggester, load_suggester

TEXTS, SETS, GROUPS = coded()
SOME = slice(0, 160, 4)


@pytest.fixture(scope="module")
def vectors() -> "np.ndarray":
    return load_encoder().encode(TEXTS[:60])


@pytest.fixture(scope="module")
def saved(four_codes: Codebook, vectors: "np.ndarray", tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "suggester.lbc"
    CodeSuggester(four_codes).fit(TEXTS[:40], SETS[:40], GROUPS[:40], vectors[:40]).save(path)
    return path


def test_a_suggester_read_again_answers_and_learns_as_it_did(
    saved: Path, four_codes: Codebook, vectors: "np.ndarray"
) -> None:
    kept = CodeSuggester(four_codes).fit(TEXTS[:40], SETS[:40], GROUPS[:40], vectors[:40])
    back = load_suggester(saved)
    assert (back.codes_, back.coded_, back.groups_) == (kept.codes_, 40, GROUPS[:40])
    assert back.codebook.codes == four_codes.codes
    assert back.codebook.utterances == four_codes.utterances
    some = (TEXTS[40:60], vectors[40:60])
    np.testing.assert_allclose(back.predict_proba(*some), kept.predict_proba(*some), atol=1e-9)
    np.testing.assert_array_equal(back.predict(*some), kept.predict(*some))
    for suggester in (back, kept):
        suggester.partial_fit(TEXTS[40:41], SETS[40:41], GROUPS[40:41], vectors[40:41])
    np.testing.assert_allclose(back.rank(*some), kept.rank(*some), atol=1e-9)


def test_bare_names_and_nothing_learned_come_back_too(tmp_path: Path, vectors: "np.ndarray") -> None:
    new = CodeSuggester(codes=CODES)
    new.save(tmp_path / "new.lbc")
    back = load_suggester(tmp_path / "new.lbc")
    assert (back.codes, back.codebook, back.coded_) == (CODES, None, 0)
    np.testing.assert_allclose(back.rank(TEXTS[:9], vectors[:9]), new.rank(TEXTS[:9], vectors[:9]))


def test_the_file_holds_no_pickle(saved: Path) -> None:
    with zipfile.ZipFile(saved) as file:
        assert set(file.namelist()) == {
            "suggester.json", "arrays.npz", "codebook.yaml", "codebook.utterances.csv",
        }  # fmt: skip
        json.loads(file.read("suggester.json"))
        with np.load(io.BytesIO(file.read("arrays.npz")), allow_pickle=False) as arrays:
            assert {arrays[name].dtype.kind for name in arrays.files} <= set("fub")


def changed(saved: Path, to: Path, member: str, change: Callable[[bytes], bytes | None]) -> Path:
    with zipfile.ZipFile(saved) as old, zipfile.ZipFile(to, "w") as new:
        for name in old.namelist():
            held = change(old.read(name)) if name == member else old.read(name)
            if held is not None:
                new.writestr(name, held)
    return to


def described(**values: object) -> Callable[[bytes], bytes]:
    return lambda held: json.dumps(json.loads(held) | values).encode()


def arrays(**values: "np.ndarray") -> Callable[[bytes], bytes]:
    def change(held: bytes) -> bytes:
        with np.load(io.BytesIO(held)) as file:
            every = dict(file) | values
        new = io.BytesIO()
        np.savez(new, **every)
        return new.getvalue()

    return change


def bomb(shape: tuple[int, ...]) -> bytes:
    """An .npz file of a few bytes whose array declares a shape of terabytes."""
    header = str({"descr": "<f8", "fortran_order": False, "shape": shape}).encode() + b"\n"
    part = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(64)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("vectors.npy", part)
        file.writestr("targets.npy", part)
    return made.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("member", "change"),
    [
        ("suggester.json", lambda _: None),
        ("suggester.json", lambda _: b"{"),
        ("suggester.json", lambda _: b"[]"),
        ("suggester.json", lambda _: b"\xff\xfe"),
        ("suggester.json", described(format="lbc-suggester/99")),
        ("suggester.json", described(texts=["一条"])),
        ("suggester.json", described(texts=[1] * 40)),
        ("suggester.json", described(texts={"a": 1})),
        ("suggester.json", described(groups=["甲"])),
        ("suggester.json", described(encoder="nobody.v1")),
        ("suggester.json", described(encoder=7)),
        ("suggester.json", described(codes=["family"])),
        ("suggester.json", described(choices={"blend": float("nan")})),
        ("suggester.json", described(choices={"ridge": float("inf")})),
        ("suggester.json", described(choices={"ridge": 10**400})),
        ("suggester.json", described(choices={"blend": True})),
        ("suggester.json", described(choices={"encoder": 1.0})),
        ("suggester.json", described(learned_in_parts_of=[10**12])),
        ("suggester.json", described(questions=["一问"])),
        ("suggester.json", described(speakers=["小禾"])),
        ("suggester.json", described(questions=[1] * 40)),
        ("suggester.json", described(questions="问" * 40)),
        ("suggester.json", described(groups=[{}] * 40)),
        ("arrays.npz", arrays(targets=np.full((40, 4), np.nan))),
        ("arrays.npz", arrays(targets=np.full((40, 4), 0.5))),
        ("suggester.json", described(tuned=True)),
        ("arrays.npz", lambda _: None),
        ("arrays.npz", lambda _: b""),
        ("arrays.npz", lambda held: held[: len(held) // 2]),
        ("arrays.npz", arrays(targets=np.full((40, 4), 2.0))),
        ("arrays.npz", arrays(targets=np.zeros((40, 3)))),
        ("arrays.npz", arrays(vectors=np.zeros((40, 7)))),
        ("arrays.npz", arrays(vectors=np.full((40, 384), np.nan))),
        ("arrays.npz", arrays(targets=np.array([{"a": 1}], object))),
        ("suggester.json", described(encoder="sentence-transformers:somebody/model")),
        ("suggester.json", described(encoder="sentence-transformers:/tmp/model")),
        ("suggester.json", lambda _: b"[" * 100_000),
        ("arrays.npz", arrays(vectors=np.zeros((40, 384)))),
        ("arrays.npz", arrays(vectors=np.ones((40, 384), int))),
        ("arrays.npz", lambda _: bomb((10**12, 384))),
        ("arrays.npz", lambda _: bomb((-1, 384))),
        ("codebook.yaml", lambda _: None),
        ("codebook.yaml", lambda _: b"id: [\n"),
        ("codebook.utterances.csv", lambda _: b"\x00\x01"),
    ],
)
def test_a_file_that_was_tampered_with_is_refused_in_one_line(
    saved: Path, tmp_path: Path, member: str, change: Callable[[bytes], bytes | None]
) -> None:
    path = changed(saved, tmp_path / "changed.lbc", member, change)
    with pytest.raises(InputError) as refused:
        load_suggester(path)
    assert "\n" not in str(refused.value)
    assert "changed.lbc" in str(refused.value)


@pytest.mark.parametrize("held", [b"", b"not a zip", b"PK\x03\x04 broken"])
def test_what_is_no_saved_suggester_is_refused(tmp_path: Path, held: bytes) -> None:
    (tmp_path / "x.lbc").write_bytes(held)
    with pytest.raises(InputError, match=r"x\.lbc is not a saved suggester \(.*\); write one with CodeSuggester.save$"):
        load_suggester(tmp_path / "x.lbc")


def test_a_file_that_is_not_there_and_an_encoder_without_a_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.lbc is not a saved suggester"):
        load_suggester(tmp_path / "nowhere.lbc")
    with pytest.raises(InputError, match=r"^a suggester can be saved where its encoder is given by name"):
        CodeSuggester(codes=CODES, encoder=BigramEncoder()).save(tmp_path / "x.lbc")
    assert not (tmp_path / "x.lbc").exists()


@pytest.mark.slow
def test_a_part_that_swells_is_refused_before_it_is_unpacked(saved: Path, tmp_path: Path) -> None:
    path = changed(saved, tmp_path / "swells.lbc", "suggester.json", lambda held: held + b" " * 2_000_000)
    with zipfile.ZipFile(path) as file, pytest.raises(ValueError, match="unpacks to more than 1 MB"):
        read_part(file, "suggester.json", most=1_000_000)


def test_a_file_of_an_earlier_format_is_read_without_context(saved: Path, tmp_path: Path) -> None:
    earlier = tmp_path / "earlier.lbc"
    with zipfile.ZipFile(saved) as file, zipfile.ZipFile(earlier, "w") as old:
        for name in file.namelist():
            held = file.read(name)
            if name == "suggester.json":
                described = json.loads(held)
                for key in ("questions", "speakers", "choices", "tuned"):
                    del described[key]
                held = json.dumps(described | {"format": "lbc-suggester/1"}).encode()
            old.writestr(name, held)
    again, new = load_suggester(earlier), load_suggester(saved)
    assert again.context_ == new.context_
    assert again.get_params()["ridge"] == new.ridge
