"""The board of themes: from what the machine found to codes, by people (axial coding)."""

from collections.abc import Callable
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from lbc_themes.core.errors import InputError
from lbc_themes.core.messages import Bilingual, message, word_table
from lbc_themes.review.page import STORED, PageRequest
from lbc_themes.review.routes.adjudication import refuse_blind
from lbc_themes.review.routes.coding import own_page, render_page
from lbc_themes.review.workspace import Workspace
from lbc_themes.safeguards.distress import status_given
from lbc_themes.study.theme_board import (
    ASIDE,
    LOOSE,
    SET_ASIDE,
    Board,
    BoardTheme,
    map_theme,
    merge_themes,
    move_passages,
    redo_theme_step,
    rename_theme,
    split_theme,
    take_as_code,
    undo_theme_step,
)

_NEW = "new"
_MOST_STEPS = 100


def page(workspace: Workspace, request: PageRequest) -> Response:
    """Show all themes."""
    refuse_blind(workspace)
    found, running, fault = workspace.themes()
    board = workspace.board()
    return render_page(
        workspace, request, "board.html", board=board, running=running, fault=fault, found=found,
        status=_status(workspace, board), text_of=_text(workspace), steps=board.steps[-_MOST_STEPS:],
        stale=found is not None and found.passages != len(workspace.state.passages),
    )  # fmt: skip


def theme(workspace: Workspace, request: PageRequest) -> Response:
    """Show the passages of one theme, or those put aside by a person or by the machine, or those in no theme."""
    refuse_blind(workspace)
    board, key = workspace.board(), request.one("k")
    shown = BoardTheme(key=key, name="", passages=board.beside[key]) if key in board.beside else board.theme(key)
    state, decided = workspace.state, workspace.state.decided(request.coder)
    return render_page(
        workspace, request, "theme.html", theme=shown, board=board, aside=ASIDE, set_aside=SET_ASIDE, loose=LOOSE,
        status=_status(workspace, board),
        passages=[state.passages[state.place(i)] for i in shown.passages],
        alike=[state.passages[state.place(i)] for i in shown.alike], decided=decided,
    )  # fmt: skip


def _text(workspace: Workspace) -> Callable[[str], str]:
    return lambda passage_id: workspace.state.passages[workspace.state.place(passage_id)].text


def _status(workspace: Workspace, board: Board) -> dict[str, Bilingual]:
    words = word_table("words.status")
    return {
        each.key: words[status_given(each.status, (workspace.cues_of(i) for i in each.passages))]
        for each in board.themes
        if each.status
    }


# --- What people do.


def edit(workspace: Workspace, request: PageRequest) -> Response:
    """Rename, move, merge, map, or take as a code, as the form says."""
    refuse_blind(workspace)
    actions = {"rename": _rename, "move": _move, "merge": _merge, "map": _map, "take": _take}
    action = request.one("action")
    if action not in actions:
        raise InputError(message("review.allowed", name="action", value=action, allowed=[*actions]))
    words, to = actions[action](workspace, request)
    workspace.state.catch_up()
    request.session.say(words.said(request.session.language), undo="theme-undo")
    return RedirectResponse(to, status_code=303)


def undo(workspace: Workspace, request: PageRequest) -> Response:
    """Take back the person's last step on the board."""
    done = undo_theme_step(workspace.study, by=request.coder)
    workspace.state.catch_up()
    words = message("review.theme_undone") if done else message("review.theme_nothing_to_undo")
    request.session.say(words.said(request.session.language), redo="theme-redo" if done else "")
    back = own_page(request.one("back"))
    # A theme that was made by the step is no longer there to go back to.
    gone = back.startswith("theme?") and done is not None and done.action == "split"
    return RedirectResponse("themes" if gone or back == "codebook" else back, status_code=303)


def redo(workspace: Workspace, request: PageRequest) -> Response:
    """Do again the person's last step on the board that they took back."""
    done = redo_theme_step(workspace.study, by=request.coder)
    workspace.state.catch_up()
    words = STORED["redone" if done else "redo-nothing"].said(request.session.language)
    request.session.say(words, undo="theme-undo" if done else "")
    there = done is not None and any(each.key == done.theme for each in workspace.board().themes)
    return RedirectResponse(_at(done.theme) if done and there else "themes", status_code=303)


def _at(key: str) -> str:
    return f"theme?{urlencode({'k': key})}"


def _why(request: PageRequest) -> str:
    return request.one("why").strip()


def _rename(workspace: Workspace, request: PageRequest) -> tuple[Bilingual, str]:
    key, name = request.one("k"), request.one("name")
    rename_theme(
        workspace.study, key, name, by=request.coder, why=_why(request), language=request.session.language
    )  # fmt: skip
    return message("review.theme_renamed", name=name.strip()), _at(key)


def _move(workspace: Workspace, request: PageRequest) -> tuple[Bilingual, str]:
    chosen, to, language = request.many("at"), request.one("to"), request.session.language
    if to == _NEW:
        key = split_theme(
            workspace.study, chosen, request.one("new_name"), by=request.coder, why=_why(request), language=language
        )
        return message("review.theme_made", name=request.one("new_name").strip(), count=len(chosen)), _at(key)
    move_passages(workspace.study, chosen, to, by=request.coder, why=_why(request), language=language)
    board, back = workspace.board(), request.one("k") or to
    name = message("study.theme_aside") if to == ASIDE else board.theme(to).name
    still = back in board.beside or any(each.key == back for each in board.themes)
    return message("review.theme_moved", name=name, count=len(chosen)), _at(back) if still else "themes"


def _merge(workspace: Workspace, request: PageRequest) -> tuple[Bilingual, str]:
    keys = request.many("theme")
    key = merge_themes(
        workspace.study, keys, by=request.coder, name=request.one("name"), why=_why(request),
        language=request.session.language,
    )  # fmt: skip
    return message("review.theme_merged", name=workspace.board().theme(key).name, count=len(keys)), _at(key)


def _map(workspace: Workspace, request: PageRequest) -> tuple[Bilingual, str]:
    key, code_id = request.one("k"), request.one("code")
    map_theme(
        workspace.study, key, code_id, by=request.coder, why=_why(request), language=request.session.language
    )  # fmt: skip
    name = workspace.study.codebook[code_id].name if code_id else message("core.none")
    return message("review.theme_mapped", name=name), _at(key)


def _take(workspace: Workspace, request: PageRequest) -> tuple[Bilingual, str]:
    key = request.one("k")
    code_id = take_as_code(
        workspace.study, key, by=request.coder, name=request.one("name"), parent=request.one("parent") or None,
        why=_why(request), language=request.session.language,
    )  # fmt: skip
    count = len(workspace.board().theme(key).passages)
    return message("review.theme_taken", name=workspace.study.codebook[code_id].name, count=count), _at(key)
