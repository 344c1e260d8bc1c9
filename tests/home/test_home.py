"""The home page: studies listed, made of files, and looked after, without a command line."""

import io
import os
import re
import stat
import sys
import zipfile
from html import unescape
from pathlib import Path

import pytest
from home_pages import home
from review_pages import ORIGIN, refused, remark, tags
from study_samples import decision, made, suggested_study, twice_coded_study

from lbc_themes.core.messages import message
from lbc_themes.core.records import Role
from lbc_themes.home import care
from lbc_themes.home.intake import Intake
from lbc_themes.home.studies import StudyFolder, key_of
from lbc_themes.study import Study
from lbc_themes.study.import_export import EXPORTS

CHILD = "访谈者：放假了干些啥？\n小麦：跟外婆去菜园拔草，有时候想我妈，想得睡不着。\n".encode()
OTHER = "甲：你跟谁住？\n乙：跟爷爷住，在河沟村，我叫王小禾。\n甲：还有呢？\n乙：还有妹妹。\n".encode()


@pytest.fixture
def keeper(tmp_path):
    with home(tmp_path) as keeper:
        yield keeper


def intake_of(answer):
    return re.search(r'name="i" value="([^"]+)"', answer.text)[1]


def begun(keeper, *files, name="田埂", **fields):
    """Begin a study with files and return the key of the intake."""
    sent = [("files", *file) for file in files or (("K01.txt", CHILD),)]
    return intake_of(keeper.upload("/new", sent, **{"name": name, "codebook": "left-behind-children", **fields}))


def words(answer):
    return unescape(re.sub(r"<[^>]+>", " ", answer.text))


# --- From files to a study.


def test_a_study_is_made_of_files_only_after_a_look(keeper, tmp_path):
    i = begun(keeper)
    assert "K01.txt" in keeper.page.text
    assert "读作“手工标签”" in words(keeper.page)
    assert list(tmp_path.glob("*.lbc")) == []
    keeper.send("/take-in", i=i)
    with Study.open(tmp_path / "田埂.lbc") as study:
        assert [t.id for t in study.transcripts] == ["K01"]
        assert study.transcripts[0].source == "K01.txt"
        assert len(study.codebook) == 51
    assert "放进了 1 份访谈" in remark(keeper.page)
    assert "田埂" in keeper.get("/").text


@pytest.mark.slow
def test_roles_are_set_by_a_click_in_one_file_or_in_all(keeper, tmp_path):
    i = begun(keeper, ("A.txt", OTHER), ("B.txt", OTHER))
    keeper.send("/role", i=i, file="A", speaker="乙", role="child", number="0")
    keeper.send("/role", i=i, file="A", speaker="甲", role="interviewer", number="0", everywhere="1")
    keeper.send("/take-in", i=i)
    with Study.open(tmp_path / "田埂.lbc") as study:
        roles = {t.id: {turn.speaker: turn.role for turn in t.turns} for t in study.transcripts}
    assert roles["A"] == {"甲": Role.INTERVIEWER, "乙": Role.CHILD}
    assert roles["B"]["甲"] is Role.INTERVIEWER
    assert roles["B"]["乙"] is not Role.CHILD


@pytest.mark.parametrize("speaker", ['张"三', "李\\四", "a = 1", "[x]"])
def test_a_label_with_any_sign_gets_its_role(tmp_path, speaker):
    text = f"{speaker}：你好吗？\n小麦：我很好，就是有点想家。\n" * 3
    held = Intake(name="x", study=tmp_path / "x.lbc", new=True, codebook=None)
    held.add([("A.txt", io.BytesIO(text.encode()))])
    speakers = {turn.speaker for turn in held.transcripts[0].turns}
    for each in speakers:
        held.set_role("A", each, Role.CAREGIVER)
    assert {turn.role for turn in held.transcripts[0].turns} == {Role.CAREGIVER}
    held.close()
    assert not held.folder.exists()


def test_what_the_audit_finds_and_what_cannot_be_read_is_said(keeper):
    begun(keeper, ("K01.txt", CHILD), ("broken.docx", b"no document"))
    page = words(keeper.page)
    assert "没有读到" in page
    assert "broken.docx" in page
    assert "lbc-themes-" not in page


def test_a_file_can_be_left_out_and_more_can_be_added(keeper):
    i = begun(keeper, ("K01.txt", CHILD), ("K02.txt", CHILD))
    keeper.send("/remove", i=i, file="K01.txt")
    assert "K01.txt" not in keeper.page.text
    keeper.upload("/files", [("files", "K03.txt", OTHER)], i=i)
    assert "K02.txt" in keeper.page.text
    assert "K03.txt" in keeper.page.text


@pytest.mark.slow
def test_the_participants_table_counts(keeper, tmp_path):
    table = "participant,file,role,gender\nP7,K01.txt,child,女\n".encode()
    i = begun(keeper, ("participants.csv", table), ("K01.txt", CHILD))
    keeper.send("/take-in", i=i)
    with Study.open(tmp_path / "田埂.lbc") as study:
        assert [(p.id, p.attributes["gender"]) for p in study.participants] == [("P7", "女")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("choice", "codes"), [("empty", 0), ("left-behind-children", 51), ("file", 1)]
)  # fmt: skip
def test_the_codebook_travels_along_is_empty_or_ones_own(keeper, tmp_path, choice, codes):
    own = "id,名称,定义\nlonging,想念,说想谁\n".encode()
    sent = [("files", "K01.txt", CHILD), ("codebook_file", "mine.csv", own)]
    i = intake_of(keeper.upload("/new", sent, name="n", codebook=choice))
    keeper.send("/take-in", i=i)
    with Study.open(tmp_path / "n.lbc") as study:
        assert len(study.codebook) == codes


def test_an_empty_codebook_can_be_coded_with(tmp_path):
    with home(tmp_path) as keeper:
        keeper.send("/take-in", i=begun(keeper, codebook="empty"))
    with Study.open(tmp_path / "田埂.lbc") as study:
        code = study.add_code("想念", coder="李")
        study.record(decision(study, 0, "changed", code.id))
        assert len(study.codings(machine_top=0)) == 1


@pytest.mark.slow
def test_names_are_replaced_in_copies_and_the_key_lies_beside_the_study(keeper, tmp_path):
    i = begun(keeper, ("A.txt", OTHER))
    keeper.send("/deidentify", i=i, method="patterns")
    assert "已换成化名" in words(keeper.page)
    keeper.send("/take-in", i=i)
    with Study.open(tmp_path / "田埂.lbc") as study:
        assert "王小禾" not in study.transcripts[0].text
    (key,) = tmp_path.glob("*.key.json")
    assert "王小禾" in key.read_text(encoding="utf-8")
    assert key.name in remark(keeper.page)
    if os.name != "nt":
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.slow
def test_de_identification_can_be_taken_back(keeper, tmp_path):
    i = begun(keeper, ("A.txt", OTHER))
    keeper.send("/deidentify", i=i, method="patterns")
    keeper.upload("/files", [("files", "B.txt", CHILD)], i=i)
    assert refused(keeper.page)
    keeper.get("/intake", i=i)
    keeper.send("/deidentify", i=i, method="originals")
    keeper.send("/take-in", i=i)
    with Study.open(tmp_path / "田埂.lbc") as study:
        assert "王小禾" in study.transcripts[0].text
    assert list(tmp_path.glob("*.key.json")) == []


def test_files_in_waiting_are_their_owners_alone_and_go_with_the_page(tmp_path):
    with home(tmp_path) as keeper:
        begun(keeper)
        (held,) = _home_of(keeper).intakes.values()
        place = held.folder
        if os.name != "nt":
            assert {stat.S_IMODE(p.stat().st_mode) & 0o077 for p in (place, *place.rglob("*"))} == {0}
    assert not place.exists()


@pytest.mark.slow
def test_cancelling_removes_the_files(keeper):
    i = begun(keeper)
    (held,) = _home_of(keeper).intakes.values()
    keeper.send("/cancel", i=i)
    assert not held.folder.exists()
    assert refused(keeper.get("/intake", i=i))


def _home_of(keeper):
    route = next(r for r in keeper.client.app.routes if r.path == "/")
    return route.endpoint.__closure__[0].cell_contents


def test_interviews_are_added_to_a_study(keeper, tmp_path):
    with made(tmp_path) as study:
        key, before = key_of(study.path), len(study.transcripts)
    i = intake_of(keeper.upload("/add", [("files", "N01.txt", CHILD)], s=key))
    keeper.send("/take-in", i=i)
    with Study.open(tmp_path / "s.lbc") as study:
        assert len(study.transcripts) == before + 1


# --- Where files go.


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["../../evil.txt", "..\\..\\evil.txt", "/etc/evil.txt", "C:\\evil.txt", "a/../../evil.txt", ".evil.txt"]
)
def test_a_name_of_a_file_is_no_path(keeper, tmp_path, name):
    begun(keeper, (name, CHILD))
    (held,) = _home_of(keeper).intakes.values()
    assert len(held.files) == 1
    assert "/" not in held.files[0]
    assert "\\" not in held.files[0]
    assert [p.parent for p in held.originals.iterdir()] == [held.originals]
    assert list(tmp_path.rglob("*evil*")) == []


@pytest.mark.parametrize("name", ["../out", "a/b", "..", "con", "x\x00y", "…" * 300])
def test_a_name_of_a_study_stays_in_its_folder(tmp_path, name):
    path = StudyFolder(tmp_path, settings=tmp_path / "s.json").new_path(name)
    assert path.parent == tmp_path
    assert path.suffix == ".lbc"


def test_a_key_of_no_study_opens_nothing(keeper, tmp_path):
    elsewhere = tmp_path / "below"
    elsewhere.mkdir()
    with made(elsewhere) as study:
        for key in (key_of(study.path), str(study.path), "../below/s", ""):
            for page in ("/study", "/check", "/open", "/export", "/task"):
                assert keeper.get(page, s=key, kind="qdc").status_code == 400, page


def test_a_file_that_is_too_large_is_not_kept(keeper, monkeypatch):
    monkeypatch.setattr("lbc_themes.home.intake.LARGEST_FILE", 100)
    keeper.upload("/new", [("files", "A.txt", CHILD * 9)], name="n", codebook="empty")
    assert "没有放进来" in words(keeper.page)
    (held,) = _home_of(keeper).intakes.values()
    assert held.files == ()


def test_a_codebook_or_project_that_is_too_large_is_refused_and_not_cut(keeper, monkeypatch):
    monkeypatch.setattr("lbc_themes.home.intake.LARGEST_FILE", 20)
    book = "编号,名称\na,想念\nb,学习\nc,担心\n".encode()
    for name, answer in {
        "b.csv": keeper.upload("/new", [("codebook_file", "b.csv", book)], name="n", codebook="file"),
        "p.qdpx": keeper.upload("/project", [("project", "p.qdpx", b"PK" * 30)], name="n"),
    }.items():
        assert message("home.file_too_large", name=name, most=0).zh in answer.text


def test_a_form_that_is_too_long_is_not_read(keeper):
    headers = {"origin": ORIGIN, "content-length": "700000000", "content-type": "multipart/form-data; boundary=x"}
    assert keeper.client.post(f"{keeper.base}/new", content=b"x", headers=headers).status_code == 413


# --- Who may come in.


def test_without_the_session_nothing_is_shown_or_done(keeper, tmp_path):
    with made(tmp_path) as study:
        key = key_of(study.path)
    client = keeper.client
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    for page in ("/study", "/export", "/open", "/check", "/"):
        client.cookies.clear()
        assert client.get(keeper.base + page, params={"s": key, "kind": "docx"}).status_code == 403
        assert client.get(f"/wrong{page}", params={"s": key}, headers={"cookie": cookie}).status_code == 403


@pytest.mark.parametrize("origin", ["http://127.0.0.1:9999", "http://evil.example", "null"])
def test_a_form_from_elsewhere_does_nothing(keeper, origin):
    csrf = keeper.get("/").text.split('name="csrf" value="')[1].split('"')[0]
    answer = keeper.client.post(
        f"{keeper.base}/new", data={"csrf": csrf, "name": "n", "codebook": "empty"},
        files=[("files", ("A.txt", CHILD))], headers={"origin": origin},
    )  # fmt: skip
    assert answer.status_code == 403
    assert _home_of(keeper).intakes == {}


def test_a_form_without_the_secret_of_the_page_does_nothing(keeper):
    answer = keeper.client.post(
        f"{keeper.base}/new", data={"csrf": "x", "name": "n"}, files=[("files", ("A.txt", CHILD))],
        headers={"origin": ORIGIN},
    )  # fmt: skip
    assert answer.status_code == 403
    assert _home_of(keeper).intakes == {}


def test_another_host_is_refused(keeper):
    assert keeper.client.get(keeper.base + "/", headers={"host": "evil.example"}).status_code == 403


def test_pages_hold_no_script_of_their_own_and_load_nothing(keeper, tmp_path):
    with suggested_study(tmp_path) as study:
        key = key_of(study.path)
    for page in ("/", "/new", f"/study?s={key}", f"/check?s={key}"):
        answer = keeper.client.get(keeper.base + page)
        assert answer.status_code == 200
        assert all(a.get("src", "").startswith("static/") for a in tags(answer, "script"))
        assert not re.search(r'\son\w+="|style="|https?://(?!127\.0\.0\.1)', answer.text)
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_markup_in_names_is_only_text(keeper):
    begun(keeper, ("<img src=x onerror=alert(1)>.txt", "<b>甲</b>：你好吗？\n乙：<script>好</script>\n".encode() * 3))
    assert "<script>好" not in keeper.page.text
    assert "<img src=x" not in keeper.page.text


# --- Looking after a study.


@pytest.fixture
def coded(tmp_path):
    path = twice_coded_study(tmp_path)
    with home(tmp_path) as keeper:
        yield keeper, path, key_of(path)


def test_the_page_of_a_study_says_how_far_it_is(coded):
    keeper, _, key = coded
    page = words(keeper.get("/study", s=key))
    assert "李" in page
    assert "王" in page
    assert "3 / 3" in " ".join(page.split())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "begins"),
    [("qdpx", b"PK"), ("qdc", b"<?xml"), ("docx", b"PK"), ("triangulation", b"PK"), ("taguette", b"\xef\xbb\xbf"),
     ("codings.csv", b"\xef\xbb\xbf"), ("label-studio", b"PK"), ("doccano", b"{"), ("members", b"PK")],
)  # fmt: skip
def test_exports_are_downloaded(coded, kind, begins):
    keeper, path, key = coded
    answer = keeper.get("/export", s=key, kind=kind)
    assert answer.status_code == 200, words(answer)
    assert answer.content.startswith(begins)
    assert "attachment" in answer.headers["content-disposition"]
    assert [p.name for p in path.parent.iterdir() if p.suffix in {".docx", ".qdpx", ".zip"}] == []


def test_every_export_says_what_it_is(coded):
    keeper, _, key = coded
    said = re.findall(
        r'name="kind" value="([^"]+)"><b>[^<]+</b><span class="hint">([^<]*)<', keeper.get("/study", s=key).text
    )
    assert [kind for kind, _ in said] == [*EXPORTS]
    assert [kind for kind, words_ in said if not words_] == []


@pytest.mark.slow
def test_exports_that_are_folders_travel_as_one_file(coded):
    keeper, _, key = coded
    package = zipfile.ZipFile(io.BytesIO(keeper.get("/export", s=key, kind="members").content))
    assert len(package.namelist()) == 2


def test_one_coder_is_exported_or_refused(coded):
    keeper, _, key = coded
    assert keeper.get("/export", s=key, kind="xlsx", coder="李").content.startswith(b"PK")
    assert refused(keeper.get("/export", s=key, kind="docx", coder="赵"))
    assert refused(keeper.get("/export", s=key, kind="exe"))


def test_agreement_is_downloaded(coded):
    keeper, _, key = coded
    assert keeper.get("/agreement", s=key).content.startswith(b"PK")


@pytest.mark.slow
def test_what_people_filled_in_is_taken_in_once(coded, tmp_path):
    keeper, path, key = coded
    sheet = keeper.get("/export", s=key, kind="codings.csv").content
    for _ in range(2):
        keeper.upload("/import", [("files", "codings.csv", sheet)], s=key)
        assert "读入 0 个决定、0 处编码" in remark(keeper.page)
    other = tmp_path / "elsewhere"
    other.mkdir()
    with suggested_study(other) as study:
        study.record(decision(study, 0, "accepted", "longing", coder="赵"))
        data = study.path.read_bytes()
    keeper.get("/study", s=key)
    keeper.upload("/import", [("files", "theirs.lbc", data)], s=key)
    with Study.open(path) as study:
        assert len(study.decisions(coder="赵")) == 1
    keeper.get("/study", s=key)
    assert refused(keeper.upload("/import", [], s=key))


def test_a_project_of_another_program_becomes_a_study(coded, tmp_path):
    keeper, _, key = coded
    project = keeper.get("/export", s=key, kind="qdpx").content
    keeper.upload("/project", [("project", "theirs.qdpx", project)], name="")
    with Study.open(tmp_path / "theirs.lbc") as study:
        assert len(study.decisions(coder="李")) == 3
    assert refused(keeper.upload("/project", [("project", "a.docx", b"x")], name="n"))


def test_a_backup_is_made_and_put_back(coded):
    keeper, path, key = coded
    keeper.get("/study", s=key)
    keeper.send("/backup", s=key)
    (copy,) = path.parent.glob("s-backup-*.lbc")
    with Study.open(path) as study:
        study.record(decision(study, 0, "changed", "school", coder="赵"))
    keeper.send("/restore", s=key, backup=key_of(copy))
    with Study.open(path) as study:
        assert study.decisions(coder="赵") == []
    assert "已换成备份" in remark(keeper.page)


@pytest.mark.slow
def test_a_damaged_study_is_found_out_and_what_is_whole_is_saved(coded):
    keeper, path, key = coded
    assert "全部完好" in keeper.get("/check", s=key).text
    data = bytearray(path.read_bytes())
    at = bytes(data).rindex(b"longing")
    data[at] ^= 1
    path.write_bytes(data)
    assert "先不要改动" in keeper.get("/check", s=key).text
    keeper.send("/rescue", s=key, backup="")
    (saved,) = path.parent.glob("s-rescued-*.lbc")
    with Study.open(saved) as study:
        assert len(study.transcripts) == 2


def test_a_participant_is_erased_only_where_they_are_named_twice(coded):
    keeper, path, key = coded
    keeper.get("/study", s=key)
    assert refused(keeper.send("/withdraw", s=key, participant="K01", again="K1", by="周"))
    keeper.get("/study", s=key)
    keeper.send("/withdraw", s=key, participant="K01", again="K01", by="周")
    assert "已彻底删除" in keeper.page.text
    with Study.open(path) as study:
        assert [t.id for t in study.transcripts] == ["L01"]


@pytest.mark.slow
def test_suggestions_and_themes_are_made_behind_the_page(coded, monkeypatch, fake_encoder):
    from review_pages import patiently

    monkeypatch.setattr(care, "load_encoder", lambda *_: fake_encoder)
    keeper, path, key = coded
    with Study.open(path) as study:
        runs = len(study.runs)
    keeper.get("/study", s=key)
    keeper.send("/suggest", s=key, learn="1")
    for _ in patiently():
        if "data-again" not in keeper.get("/task", s=key).text:
            break
    assert "段有建议" in keeper.page.text, keeper.page.text
    with Study.open(path) as study:
        assert len(study.runs) == runs + 1


def test_a_study_opens_on_a_page_of_its_own_and_is_closed_with_this_one(tmp_path, monkeypatch):
    path = twice_coded_study(tmp_path)
    asked = []

    def serve(study_path, *, blind, announce, stop):
        announce(f"http://127.0.0.1:1/?token={'b' if blind else 'o'}")
        stop.wait()
        asked.append((Path(study_path).name, blind))

    monkeypatch.setattr(
        "lbc_themes.home.server.serve",
        lambda p, blind, announce, stop, **_: serve(p, blind=blind, announce=announce, stop=stop),
    )
    with home(tmp_path) as keeper:
        client = keeper.client
        at = {"s": key_of(path)}
        first, again, blind = (
            client.get(f"{keeper.base}/open", params={**at, **more}, follow_redirects=False).headers["location"]
            for more in ({}, {}, {"blind": "1"})
        )
        assert first == again == "http://127.0.0.1:1/?token=o"
        assert blind.endswith("=b")
        assert "正打开着" in keeper.get("/").text
    assert sorted(asked) == [("s.lbc", False), ("s.lbc", True)]


def test_a_study_that_cannot_be_opened_says_why(tmp_path):
    (tmp_path / "x.lbc").write_bytes(b"no study")
    with home(tmp_path) as keeper:
        answer = keeper.get("/open", s=key_of(tmp_path / "x.lbc"))
    assert refused(answer)
    assert "x.lbc" in answer.text


def test_label_studio_elsewhere_is_refused(coded):
    keeper, _, key = coded
    keeper.get("/study", s=key)
    assert refused(keeper.send("/push", s=key, address="https://label.example.org", token="t"))


# --- The folder.


def test_the_folder_is_remembered(tmp_path):
    settings, other = tmp_path / "home.json", tmp_path / "别处"
    other.mkdir()
    first = StudyFolder(tmp_path, settings=settings)
    first.use(str(other))
    assert StudyFolder(settings=settings).path == other
    other.rmdir()
    assert StudyFolder(settings=settings).path != other


@pytest.mark.parametrize("folder", ["", "relative", "/no/such/folder"])
def test_a_folder_that_is_none_is_refused(keeper, tmp_path, folder):
    keeper.get("/")
    assert refused(keeper.send("/folder", folder=folder))
    assert _home_of(keeper).folder.path == tmp_path


def test_both_languages(keeper):
    keeper.get("/")
    keeper.send("/choose", language="en", back="new")
    assert "New study" in keeper.page.text
    assert "新建" not in words(keeper.page)


def test_without_a_console_the_page_is_served_all_the_same(monkeypatch):
    from lbc_themes.cli.home import desktop

    asked = []
    monkeypatch.setattr("sys.stdout", None)
    monkeypatch.setattr("sys.stderr", None)
    monkeypatch.setattr(
        "lbc_themes.home.serve_home", lambda **choices: (sys.stdout.write("said"), asked.append(choices))
    )
    desktop()
    assert len(asked) == 1
    assert asked[0]["cache"] is not None


def test_the_browser_gets_the_token_from_a_file_of_its_owner_and_from_no_command_line(tmp_path, monkeypatch):
    from lbc_themes.home import server

    opened = []
    monkeypatch.setattr(server.webbrowser, "open", opened.append)
    server._open_browser("http://127.0.0.1:1/?token=secret&x=1", tmp_path)
    assert "secret" not in opened[0]
    file = tmp_path / "lbc-themes.html"
    assert "token=secret&amp;x=1" in file.read_text(encoding="utf-8")
    if os.name != "nt":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_quitting_ends_the_program(tmp_path):
    ended = []
    with home(tmp_path, quit_=lambda: ended.append(1)) as keeper:
        keeper.get("/")
        keeper.send("/quit")
    assert ended == [1]
