"""The dashboard fills itself while people go on working."""

from browser_pages import go, serving
from study_samples import decision


def test_every_part_of_the_dashboard_arrives_and_is_reached_with_tab(study, browse):
    for name in ("李", "王"):
        study.record(decision(study, 0, "accepted", "longing", coder=name))
    study.record(decision(study, 1, "accepted", "school", coder="王"))
    study.record(decision(study, 1, "accepted", "homework", coder="李"))
    with serving(study.path, coder="李") as address:
        page = browse(address)
        go(page, "dashboard")
        for part in ("agreement", "codes", "themes", "saturation", "distress"):
            place = page.locator(f"[data-load='dashboard/{part}']")
            place.locator("[data-again]").wait_for(state="detached")
            assert "正在计算" not in place.inner_text(), part
        assert "0.50" in page.locator("[data-load='dashboard/agreement']").inner_text()
        page.focus("main")
        reached = []
        for _ in range(12):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.getAttribute('aria-labelledby') || ''"))
        assert "codes-head" in reached


def test_the_dashboard_of_a_blind_coder_shows_nothing_of_others(study, browse):
    study.record(decision(study, 0, "accepted", "longing", coder="王"))
    with serving(study.path, coder="李", blind=True) as address:
        page = browse(address)
        go(page, "dashboard")
        page.wait_for_load_state("networkidle")
        words = page.locator("main").inner_text()
    assert "王" not in words
    assert "想念" not in words
    assert "一致性" not in words
    assert "候选主题" not in words
