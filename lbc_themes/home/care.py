"""The page of one study: open it for coding, add to it, suggest, export, take in, back up, check, withdraw."""

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from urllib.parse import quote, urlencode, urlsplit

from starlette.background import BackgroundTask
from starlette.responses import RedirectResponse, Response

from lbc_themes import exchange
from lbc_themes.core.errors import InputError
from lbc_themes.core.files import file_name, private_temporary_folder
from lbc_themes.core.messages import Bilingual, message, word_table
from lbc_themes.encoding import load_encoder
from lbc_themes.home.intake import save_upload
from lbc_themes.home.pages import Home, HomeRequest
from lbc_themes.home.studies import key_of
from lbc_themes.home.tasks import Task, TaskStages
from lbc_themes.review.page import checked_coder, plain
from lbc_themes.study import Study, check_study, rescue_study, restore_study
from lbc_themes.study.compare import compare
from lbc_themes.study.import_export import EXPORTS, Export, Import, export, import_into, pull_into
from lbc_themes.study.suggestions import add_run
from lbc_themes.study.themes import find_themes

_TOP = 3


def study(home: Home, request: HomeRequest) -> Response:
    """Show how far a study is and all that can be done with it."""
    path = home.folder.study(request.one("s"))
    with Study.open(path) as held:
        status, people = held.status(), held.participants
    backups = [each for each in home.folder.studies() if each.path != path]
    return home.page(
        request, "study.html", path=path, key=key_of(path), status=status, people=people, task=home.tasks.of(path),
        kinds=word_table("home.exports"), exports=list(EXPORTS), backups=backups, is_open=home.opened.is_open(path),
    )  # fmt: skip


def _back(path: Path) -> str:
    return f"study?{urlencode({'s': key_of(path)})}"


def open_study(home: Home, request: HomeRequest) -> Response:
    """Open the page on which people code, and go there."""
    path = home.folder.study(request.one("s"))
    return RedirectResponse(home.opened.address(path, blind=request.one("blind") == "1"), status_code=303)


def close_study(home: Home, request: HomeRequest) -> Response:
    """End the page on which people code a study."""
    path = home.folder.study(request.one("s"))
    home.opened.close(path)
    return request.to(_back(path))


# --- Work that takes minutes.


def suggest(home: Home, request: HomeRequest) -> Response:
    """Suggest codes for every passage, behind the page."""
    path = home.folder.study(request.one("s"))
    learn = request.one("learn", "1") == "1"

    def work(task: Task) -> Bilingual:
        with Study.open(path) as held:
            run = add_run(
                held,
                load_encoder(home.encoder, home.cache),
                top=_TOP,
                learn=learn,
                name="",
                stages=TaskStages(task=task),
            )
            found = held.suggestions(run.name)
        return message("home.suggested", count=len(found), some=sum(bool(s.codes) for s in found), taught=run.taught)

    home.tasks.start(path, message("home.work_suggest"), work)
    return request.to(_back(path))


def themes(home: Home, request: HomeRequest) -> Response:
    """Find candidate themes, behind the page."""
    path = home.folder.study(request.one("s"))

    def work(task: Task) -> Bilingual:
        task.stage = word_table("words.stages")["themes"]
        with Study.open(path) as held:
            found = find_themes(held, load_encoder(home.encoder, home.cache))
        return message("home.themes_found", count=len(found.themes))

    home.tasks.start(path, message("home.work_themes"), work)
    return request.to(_back(path))


def task_part(home: Home, request: HomeRequest) -> Response:
    """Say how far the work on a study is."""
    path = home.folder.study(request.one("s"))
    return home.part(request, "task.html", task=home.tasks.of(path), key=key_of(path))


# --- What goes out and what comes back.


def export_file(home: Home, request: HomeRequest) -> Response:
    """Return the study as a file of another program, or for people."""
    path, kind = home.folder.study(request.one("s")), request.one("kind")
    if kind not in EXPORTS:
        raise InputError(message("study.allowed", kind=kind, exports=[*EXPORTS]))
    coders = tuple(name for name in request.many("coder") if name)
    ending = (EXPORTS[kind].endings or ("",))[0]  # without one, a folder
    with private_temporary_folder() as place, Study.open(path) as held:
        out = place / f"{path.stem}-{kind.replace('.', '-')}{ending}"
        asked = Export(
            kind=kind, out=out, coders=coders, language=request.session.language, blind=request.one("blind") == "1",
            force=False,
        )  # fmt: skip
        export(held.contents(), asked)
        return _download(sorted(p for p in place.rglob("*") if p.is_file()), place, out.stem)


def agreement_file(home: Home, request: HomeRequest) -> Response:
    """Return the table of agreement as a Word document."""
    path = home.folder.study(request.one("s"))
    with private_temporary_folder() as place, Study.open(path) as held:
        out = place / f"{path.stem}-agreement.docx"
        compare(held, machine=False).write_docx(out, request.session.language, held.codebook)
        return _download([out], place, out.stem)


def _download(files: list[Path], place: Path, name: str) -> Response:
    """Return one file as it is, and several in a .zip."""
    if len(files) == 1:
        data, name = files[0].read_bytes(), files[0].name
    else:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as package:
            for file in files:
                package.write(file, file.relative_to(place).as_posix())
        data, name = held.getvalue(), f"{name}.zip"
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(data, media_type="application/octet-stream", headers=headers)


def import_file(home: Home, request: HomeRequest) -> Response:
    """Take in what people did elsewhere: sheets, projects, tables, member sheets."""
    path = home.folder.study(request.one("s"))
    if not request.uploads("files"):
        raise InputError(message("home.no_file"))
    with private_temporary_folder() as place, Study.open(path) as held:
        taken: list[str] = []
        for name, opened in request.uploads("files"):
            plain = PurePosixPath(name.replace("\\", "/")).name
            taken.append(file_name(Path(plain).stem, Path(plain).suffix.lower(), taken=taken))
            save_upload(plain, opened, place / taken[-1])
        done = [
            import_into(
                held, Import(file=place / each, coder=request.one("coder").strip(), language=request.session.language)
            )
            for each in taken
        ]
    decisions, codings, memos = (sum(getattr(each, n) for each in done) for n in ("decisions", "codings", "memos"))
    losses = [message("home.left_behind", count=loss.count, text=loss.text) for each in done for loss in each.losses]
    said = message("home.imported", decisions=decisions, codings=codings, memos=memos, losses=losses or "")
    request.say(said)
    return request.to(_back(path))


def _on_this_machine(request: HomeRequest) -> str:
    """Return the address of a server on this machine; another is refused before its name is looked up anywhere."""
    address = request.one("address").strip()
    if urlsplit(address).hostname not in {"127.0.0.1", "localhost", "::1"}:
        raise InputError(message("home.only_this_machine", address=address))
    return address


def push(home: Home, request: HomeRequest) -> Response:
    """Load the study into a Label Studio on this machine."""
    path = home.folder.study(request.one("s"))
    server = exchange.label_studio_server(_on_this_machine(request), allow_remote=False)
    with Study.open(path) as held:
        contents = held.contents()
    number = exchange.push_label_studio(
        contents, server, request.one("token"), title=path.stem, language=request.session.language
    )
    request.say(message("exchange.pushed", texts=len(contents.transcripts), host=server.host, number=number))
    return request.to(_back(path))


def pull(home: Home, request: HomeRequest) -> Response:
    """Fetch the codings of a project of a Label Studio on this machine."""
    path = home.folder.study(request.one("s"))
    project = request.whole("project")
    with Study.open(path) as held:
        taken = pull_into(
            held, _on_this_machine(request), request.one("token"), project, coder=request.one("coder").strip(),
            allow_remote=False,
        )  # fmt: skip
    request.say(message("exchange.pulled", codings=taken.codings))
    return request.to(_back(path))


# --- Backups, checks, and a participant who withdraws.


def _stamped(path: Path, what: str) -> Path:
    name = f"{path.stem}-{what}-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    return path.parent / file_name(name, ".lbc", taken=[p.name for p in path.parent.iterdir()])


def backup(home: Home, request: HomeRequest) -> Response:
    """Copy the study beside itself."""
    path = home.folder.study(request.one("s"))
    with Study.open(path) as held:
        copy = held.backup(_stamped(path, "backup"))
    request.say(message("home.backed_up", name=copy.name))
    return request.to(_back(path))


def check(home: Home, request: HomeRequest) -> Response:
    """Check every record of a study, and that its log was not changed."""
    path = home.folder.study(request.one("s"))
    found = check_study(path, since=request.one("since").strip())
    backups = [each for each in home.folder.studies() if each.path != path]
    return home.page(
        request,
        "check.html",
        path=path,
        key=key_of(path),
        found=found,
        faults=word_table("study.fault"),
        backups=backups,
    )


def rescue(home: Home, request: HomeRequest) -> Response:
    """Save what is whole in a damaged study to a new file."""
    path = home.folder.study(request.one("s"))
    helper = home.folder.study(request.one("backup")) if request.one("backup") else None
    out = _stamped(path, "rescued")
    done = rescue_study(path, out, backup=helper)
    request.say(
        message(
            "study.rescued", path=out.name, saved=done.saved, backup=done.from_backup, mended=done.mended,
            doubtful=len(done.doubtful), lost=len(done.lost),
        )
    )  # fmt: skip
    return request.to(_back(out))


def restore(home: Home, request: HomeRequest) -> Response:
    """Put a backup in the place of a study; what it replaces is kept."""
    path, copy = home.folder.study(request.one("s")), home.folder.study(request.one("backup"))
    home.opened.close(path)
    kept = restore_study(copy, path)
    request.say(message("home.restored", name=path.name, backup=copy.name, kept=kept.name if kept else "–"))
    return request.to(_back(path))


def withdraw(home: Home, request: HomeRequest) -> Response:
    """Erase everything of a participant who withdraws; they are named twice, for it cannot be undone."""
    path, participant = home.folder.study(request.one("s")), request.one("participant")
    if request.one("again").strip() != participant:
        raise InputError(message("home.withdraw_again", participant=participant))
    by = checked_coder(request.one("by"))
    home.opened.close(path)
    with Study.open(path) as held:
        done = held.withdraw(participant, by=by, whole_interviews=request.one("whole") == "1")
    return home.page(request, "withdrawn.html", path=path, key=key_of(path), done=done)


def quit_program(home: Home, request: HomeRequest) -> Response:
    """End the program: the pages of all studies, and this one."""
    del request
    answer = plain(200, message("home.ended"))
    answer.background = BackgroundTask(home.quit_)
    return answer
