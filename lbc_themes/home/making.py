"""Pages that lead to a study: the list of studies, a new one, and the files on their way into it."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlencode

from starlette.responses import Response

from lbc_themes.core.errors import InputError
from lbc_themes.core.files import private_folder, private_temporary_folder
from lbc_themes.core.messages import message, word_table
from lbc_themes.core.records import Role, Transcript
from lbc_themes.home.intake import SHIPPED, Intake, codebook_of, save_upload
from lbc_themes.home.pages import Home, HomeRequest
from lbc_themes.home.studies import key_of
from lbc_themes.reading import advice, line_in_question, wording_of
from lbc_themes.study import Study

_SAMPLE = 60


def start(home: Home, request: HomeRequest) -> Response:
    """List the studies in the folder."""
    found = home.folder.studies()
    opened = {each.key for each in found if home.opened.is_open(each.path)}
    return home.page(
        request, "start.html", studies=found, opened=opened, intakes=[*home.intakes.values()],
        below=home.folder.below(), above=home.folder.path.parent,
    )  # fmt: skip


def use_folder(home: Home, request: HomeRequest) -> Response:
    """Look into another folder."""
    home.folder.use(request.one("folder"))
    return request.to("./")


def ask_new(home: Home, request: HomeRequest) -> Response:
    """Ask for the name, the codebook and the files of a new study."""
    return home.page(request, "new.html", shipped=SHIPPED)


def make_intake(home: Home, request: HomeRequest) -> Response:
    """Take the files of a new study, without making it yet."""
    name = request.one("name").strip()
    path = home.folder.new_path(name)
    own = next(iter(request.uploads("codebook_file")), None)
    book = codebook_of(request.one("codebook", SHIPPED), own, path.stem)
    return _begin(home, request, Intake(name=path.stem, study=path, new=True, codebook=book))


def make_from_project(home: Home, request: HomeRequest) -> Response:
    """Make a study of a REFI-QDA project (.qdpx, .qde), with its codes and codings."""
    sent, opened = next(iter(request.uploads("project")), ("", None))
    ending = Path(sent).suffix.lower()
    if opened is None or ending not in {".qdpx", ".qde"}:
        raise InputError(message("home.project_file"))
    plain = PurePosixPath(sent.replace("\\", "/")).name
    path = home.folder.new_path(request.one("name") or Path(plain).stem)
    private_folder(path.parent)
    with private_temporary_folder() as place:
        project = place / f"project{ending}"
        save_upload(plain, opened, project)
        with Study.from_qdpx(project, path) as study:
            found = study.status()
            losses = [message("home.left_behind", count=loss.count, text=loss.text) for loss in study.losses]
    codings = sum(each.codings for each in found.coders)
    request.say(
        message(
            "home.from_project", interviews=found.transcripts, codes=found.codes, codings=codings, losses=losses or ""
        )
    )
    return request.to(f"study?{urlencode({'s': key_of(path)})}")


def add_to_study(home: Home, request: HomeRequest) -> Response:
    """Take files for a study that is there."""
    path = home.folder.study(request.one("s"))
    with Study.open(path) as study:
        book = study.codebook
    return _begin(home, request, Intake(name=path.stem, study=path, new=False, codebook=book))


def _begin(home: Home, request: HomeRequest, intake: Intake) -> Response:
    home.intakes[intake.id] = intake
    intake.add(request.uploads("files"))
    return request.to(_at(intake))


def _at(intake: Intake) -> str:
    return f"intake?{urlencode({'i': intake.id})}"


# --- The files: how each was read, what the audit found, who has which role.


@dataclass(frozen=True, kw_only=True, slots=True)
class Speaker:
    """A speaker of one file: role, number of turns, and the beginning of the longest of their first three turns."""

    label: str
    role: str
    turns: int
    sample: str


def _speakers(transcript: Transcript) -> list[Speaker]:
    counts = Counter(turn.speaker for turn in transcript.turns)
    roles = {turn.speaker: turn.role.value for turn in transcript.turns}
    first: dict[str, list[str]] = {}
    for turn in transcript.turns:
        held = first.setdefault(turn.speaker, [])
        if len(held) < 3:
            held.append(" ".join(transcript.said(turn).split()))
    return [
        Speaker(label=label, role=roles[label], turns=count, sample=max(first[label], key=len)[:_SAMPLE])
        for label, count in counts.most_common()
    ]


def intake(home: Home, request: HomeRequest) -> Response:
    """Show the files."""
    held = home.intake(request)
    files = [
        {
            "transcript": t, "speakers": _speakers(t),
            "findings": [(f.severity.value, wording_of(f), advice(f), line_in_question(t, f)) for f in t.findings],
        }
        for t in held.transcripts
    ]  # fmt: skip
    roles = word_table("words.roles")
    return home.page(
        request, "intake.html", intake=held, files=files, forms=word_table("words.forms"), roles=[*Role],
        role_names=roles,
        severities=word_table("reading.severities"), kinds=word_table("home.kinds"), doubts=word_table("privacy.doubt"),
        at=_at(held),
    )  # fmt: skip


def add_files(home: Home, request: HomeRequest) -> Response:
    """Add more files."""
    held = home.intake(request)
    held.add(request.uploads("files"))
    return request.to(_at(held))


def remove_file(home: Home, request: HomeRequest) -> Response:
    """Leave a file out."""
    held = home.intake(request)
    held.remove(request.one("file"))
    return request.to(_at(held))


def set_role(home: Home, request: HomeRequest) -> Response:
    """Give a speaker a role."""
    held = home.intake(request)
    value = request.one("role")
    if value not in {role.value for role in Role}:
        raise InputError(message("home.allowed", name="role", value=value, allowed=[*Role]))
    held.set_role(request.one("file"), request.one("speaker"), Role(value), everywhere=request.one("everywhere") == "1")
    return request.to(f"{_at(held)}#speakers-{request.one('number')}")


def deidentify(home: Home, request: HomeRequest) -> Response:
    """De-identify copies of the files, or go back to the files as they came."""
    held = home.intake(request)
    method = request.one("method")
    if method == "originals":
        held.undo_deidentify()
    elif method == "patterns":
        held.deidentify("patterns")
    elif method == "lac":
        held.deidentify("lac")
    else:
        raise InputError(message("home.allowed", name="method", value=method, allowed=["lac", "patterns", "originals"]))
    return request.to(f"{_at(held)}#privacy")


def take_in(home: Home, request: HomeRequest) -> Response:
    """Make the study, or add the interviews to it."""
    held = home.intake(request)
    private_folder(held.study.parent)
    key = held.key_beside if held.report is not None else None
    ids = held.take_in()
    beside = message("home.key_beside", beside=key.name) if key else ""
    request.say(message("home.taken_in", name=held.study.name, count=len(ids), beside=beside))
    _forget(home, held)
    return request.to(f"study?{urlencode({'s': key_of(held.study)})}")


def cancel(home: Home, request: HomeRequest) -> Response:
    """Remove the files without a study."""
    _forget(home, home.intake(request))
    return request.to("./")


def _forget(home: Home, intake: Intake) -> None:
    home.intakes.pop(intake.id, None)
    intake.close()
