"""What the keyboard does: a native Enter in every form, and no shortcut while an input method composes."""

import pytest
from browser_pages import go, press, serving, verdicts
from study_samples import decision

ENTER_229 = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229, "text": "\r"}


def native(page, **key):
    """Press a key as the browser's own input would, with any key code."""
    session = page.context.new_cdp_session(page)
    session.send("Input.dispatchKeyEvent", {"type": "keyDown", **key})
    session.send("Input.dispatchKeyEvent", {"type": "keyUp", **{k: v for k, v in key.items() if k != "text"}})


@pytest.fixture
def differing(study):
    study.record(decision(study, 0, "accepted", "longing", coder="王"))
    study.record(decision(study, 0, "accepted", "school", coder="李"))
    return study


@pytest.mark.parametrize("keys", ["on", "off"])
def test_enter_on_a_tick_stores_the_ticks_and_not_the_first_suggestion(study, browse, keys):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        if keys == "off":
            page.keyboard.press("?")
            with page.expect_navigation():
                page.click("button[name=keys]")
        page.focus("#tick2")
        page.keyboard.press("Space")
        press(page, "Enter")
    assert verdicts(study) == [(study.passages[0].id, "accepted", ("school",))]


@pytest.mark.parametrize("keys", ["on", "off"])
@pytest.mark.parametrize("place", ["#decide input[name=memo]", "#added input >> nth=1"])
def test_enter_in_adjudication_takes_what_is_ticked(differing, browse, place, keys):
    with serving(differing.path, coder="周") as address:
        page = browse(address)
        if keys == "off":
            page.keyboard.press("?")
            with page.expect_navigation():
                page.click("button[name=keys]")
        go(page, "adjudicate")
        page.locator("#added input").nth(1).check()
        page.fill("#decide input[name=memo]", "理由")
        page.focus(place)
        press(page, "Enter")
    (found,) = differing.decisions(coder="周", adjudication=True)
    assert (found.code_ids, found.memo) == (("longing",), "理由")


def test_enter_in_every_field_of_every_form_stores_nothing_that_was_not_chosen(differing, browse):
    """With the page's script out of the way, so that only what the browser itself does is seen."""
    before = len(differing.history())
    with serving(differing.path, coder="周") as address:
        page = browse(address)
        for where in ("code", "adjudicate"):
            go(page, where)
            names = page.evaluate(
                """() => Array.from(document.forms).map((form) => {
                     const first = Array.from(form.elements).find((each) => each.type === "submit");
                     const typed = Array.from(form.elements).some((each) => each.matches("input:not([type=hidden])"));
                     return [form.id || form.getAttribute("action"), typed, first ? first.className : ""]; })"""
            )
            for name, typed, first in names:
                assert not typed or first == "default", (where, name)
        go(page, "code")
        page.keyboard.press("/")
        page.keyboard.press("Enter")
        page.wait_for_timeout(150)
    assert len(differing.history()) == before


@pytest.mark.parametrize("place", ["#find", "#decide input[name=memo]", "#added input >> nth=0", "body"])
def test_an_enter_of_an_input_method_stores_nothing(differing, browse, place):
    before = len(differing.history())
    with serving(differing.path, coder="周") as address:
        page = browse(address)
        if place == "#find":
            page.keyboard.press("/")
            page.keyboard.type("学校")
        else:
            go(page, "adjudicate")
            page.locator("#added input").nth(0).check()
        if place != "body":
            page.focus(place)
        native(page, **ENTER_229)
        page.wait_for_timeout(250)
    assert len(differing.history()) == before


COMPOSED = [
    {"key": "1", "code": "Digit1", "keyCode": 49, "isComposing": True},
    {"key": "Process", "code": "Digit1", "keyCode": 229},
    {"key": "1", "code": "Digit1", "keyCode": 229},
    {"key": "Enter", "code": "Enter", "keyCode": 229},
    {"key": "Enter", "code": "Enter", "keyCode": 13, "isComposing": True},
    {"key": "x", "code": "KeyX", "keyCode": 229},
    {"key": "Process", "code": "KeyX", "keyCode": 229},
]
DISPATCH = """([selector, event]) => {
  const target = selector ? document.querySelector(selector) : document.body;
  target.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...event })); }"""


@pytest.mark.parametrize("event", COMPOSED, ids=lambda event: f"{event['key']} {event['keyCode']}")
@pytest.mark.parametrize("selector", ["", "#find", "#tick1"])
def test_no_shortcut_while_an_input_method_composes(study, browse, event, selector):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        page.keyboard.press("Shift+Digit2")
        if selector == "#find":
            page.keyboard.press("/")
            page.keyboard.type("学校")
        page.evaluate(DISPATCH, [selector, event])
        page.wait_for_timeout(150)
    assert study.history() == []


@pytest.mark.parametrize("code", [13, 229])
def test_safaris_order_of_events_stores_nothing(study, browse, code):
    """Safari ends the composition first and then reports the Enter that ended it."""
    with serving(study.path, coder="李") as address:
        page = browse(address)
        page.keyboard.press("/")
        page.keyboard.type("学校")
        page.evaluate(
            """(code) => { const find = document.getElementById("find");
            const both = { bubbles: true, cancelable: true };
            const key = (kind, more) => find.dispatchEvent(new KeyboardEvent(kind, { ...both, ...more }));
            const end = (kind) => find.dispatchEvent(new CompositionEvent(kind, { bubbles: true, data: "学校" }));
            end("compositionstart"); key("keydown", { key: "x", code: "KeyX", keyCode: 229, isComposing: true });
            end("compositionend"); key("keydown", { key: "Enter", code: "Enter", keyCode: code });
            key("keyup", { key: "Enter", code: "Enter", keyCode: 13 }); }""",
            code,
        )
        page.wait_for_timeout(150)
        assert study.history() == []
        press(page, "Enter")
    assert verdicts(study) == [(study.passages[0].id, "accepted", ("school",))]


def test_the_digits_of_other_keyboards_and_of_full_width_typing_work(study, browse):
    with serving(study.path, coder="李") as address:
        page = browse(address)
        for event in ({"key": "１", "code": "Digit1"}, {"key": "&", "code": "Digit1"}):
            with page.expect_navigation():
                page.evaluate(DISPATCH, ["", {**event, "keyCode": 49}])
        page.evaluate(DISPATCH, ["", {"key": "、", "code": "Slash", "keyCode": 191}])
        assert page.locator("#codebook").is_visible()
    assert len(study.decisions()) == 2
