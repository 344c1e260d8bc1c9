"""Mutation testing with mutmut: do tests notice a change of the source? ``python scripts/mutation.py [PACKAGE ...]``.

In a copy under build/mutation functions of a package are changed in one place at a time, and the tests that reach the
changed function are run. Which changes are tried is a random sample by ``--seed`` (``--sample 0``: all of them); a
change keeps its place in the order when others come and go. What survives is listed, to be read: a missing test, or a
change that makes no difference. Changes that cannot make one by a rule of ``WITHOUT_EFFECT`` are not tried.
Not changed at all: what stands outside functions, and functions with a decorator.

The exit code is 1 where less than ``--at-least`` of the changes that were tried are noticed. ``--again`` tries only the
changes that survived last time, on the source and tests as they are now. Needs a system that forks (Linux, macOS).
"""

import argparse
import difflib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "mutation"
PACKAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "segmenting": ("lbc_themes/segmenting", ("tests/segmenting",)),
    "agreement": ("lbc_themes/agreement", ("tests/agreement", "tests/study/test_compare.py")),
    "privacy": (
        "lbc_themes/safeguards/privacy",
        ("tests/safeguards/test_privacy.py", "tests/safeguards/test_privacy_folder.py"),
    ),
    "study": (
        "lbc_themes/study",
        ("tests/study", "tests/cli/test_agreement.py", "tests/cli/test_study.py", "tests/cli/test_study_merge.py"),
    ),
    "suggest": ("lbc_themes/suggest", ("tests/suggest",)),
    "exchange": ("lbc_themes/exchange", ("tests/exchange", "tests/cli/test_study_exchange.py")),
}
"""The source of a package and its tests."""

WITHOUT_EFFECT: dict[str, str] = {
    "zip(strict=), a guard where lengths are equal by construction": r",?\s*\bstrict=\w+",
    "a type for the type checker: cast()": r"(?<=\bcast\()[^,]*,\s*",
    "UTF-8 in capitals, or left to a system that has no other": r',?\s*((\bencoding=)?"(utf|UTF)-8"|\bencoding=None)',
}
"""Rules by which a change is not tried: the words differ only in what the expression matches."""

LONG, FEW = 2.0, 12
"""Tests of more than ``LONG`` seconds are not run for a function that ``FEW`` shorter ones reach."""

FORGET = """

def _forget():
    for name, module in list(sys.modules.items()):
        if name.startswith("{}"):
            for value in list(vars(module).values()):
                getattr(value, "cache_clear", lambda: None)()


def pytest_sessionstart():
    _forget()


def pytest_runtest_setup():
    if os.environ.get("MUTANT_UNDER_TEST") == "stats":
        _forget()
"""
"""What functions of the package have cached is forgotten, or a change behind it would reach no test."""

SURVIVED, NOT_REACHED = 0, {5, 33}
TIME_OVER = {-24, 24, 36, 152, 255}


def main() -> None:
    """Change each package, count what was noticed and list what was not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help=f"by default all: {', '.join(PACKAGES)}")
    parser.add_argument("--at-least", type=float, default=0.85, help="share that must be noticed (0.85)")
    parser.add_argument("--sample", type=int, default=400, help="changes tried in each package; 0 tries all (400)")
    parser.add_argument("--seed", default="1", help="which changes are drawn (1)")
    parser.add_argument("--only", default="", help="draw only from files whose path contains this")
    parser.add_argument("--again", action="store_true", help="try again only what survived last time")
    parser.add_argument("--seconds", type=float, default=3600, help="bound on the time for each package (3600)")
    parser.add_argument("--processes", type=int, default=1, help="changes tried at a time (1)")
    asked = parser.parse_args()
    too_few = [name for name in asked.packages or PACKAGES if not enough(name, asked)]
    sys.exit(1 if too_few else 0)


def enough(name: str, asked: argparse.Namespace) -> bool:
    """Try the changes of one package, print what became of them, and return whether enough were noticed."""
    kept = WORK / f"{name}.json"
    changes, without_effect = possible_changes(name)
    if asked.again:
        survived_before = [key for key, outcome in json.loads(kept.read_text()).items() if outcome != "noticed"]
        drawn = [key for key in survived_before if key in changes]
    else:
        candidates = [key for key, change in changes.items() if asked.only in change.path]
        drawn = sorted(candidates, key=lambda key: hashlib.sha256(f"{asked.seed}:{key}".encode()).digest())
        drawn = drawn[: asked.sample or None]
    outcomes = try_changes(name, drawn, asked.seconds, asked.processes)
    kept.write_text(json.dumps(outcomes, indent=1))
    counts = Counter(outcomes.values())
    tried = len(outcomes) - counts["not tried"]
    noticed = counts["noticed"] + counts["time over"]
    low, high = wilson_interval(noticed, tried)
    print(f"{name}: {noticed} of {tried} changes noticed ({noticed / max(tried, 1):.1%}, 95 % {low:.1%} to {high:.1%})")
    print(
        f"    drawn {len(drawn)} of {len(changes)}, seed {asked.seed}; noticed as they never end: {counts['time over']}"
    )
    print(f"    no test reaches: {counts['not reached']}; drawn and not tried for want of time: {counts['not tried']}")
    for reason, count in without_effect.items():
        print(f"    left out, {count}: {reason}")
    for key, outcome in sorted(outcomes.items()):
        if outcome in {"survived", "not reached"}:
            print(f"  {outcome}: {key}\n{changes[key].lines()}")
    sys.stdout.flush()
    return noticed >= asked.at_least * tried


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of one function: the file, and the function before and after."""

    path: str
    before: str
    after: str

    def lines(self) -> str:
        """Return the lines that differ."""
        compared = difflib.ndiff(self.before.splitlines(), self.after.splitlines())
        return "\n".join(f"      {line}" for line in compared if line[0] in "+-")


def possible_changes(name: str) -> tuple[dict[str, Change], Counter[str]]:
    """Return the changes of a package by their names, and how many are left out by each rule."""
    from mutmut.mutation.file_mutation import mutate_file_contents
    from mutmut.utils.format_utils import get_mutant_name

    changes: dict[str, Change] = {}
    without_effect: Counter[str] = Counter(dict.fromkeys(WITHOUT_EFFECT, 0))
    os.chdir(copied(name))  # mutmut reads its settings from where it is
    for path in sorted(Path(PACKAGES[name][0]).rglob("*.py")):
        mutated = mutate_file_contents(str(path), path.read_text(encoding="utf-8"))
        lines = mutated.code.split("\n")
        for key in mutated.mutant_names:
            original = f"{key.partition('__mutmut_')[0]}__mutmut_orig"
            spans = [mutated.line_span_by_function_name[function] for function in (original, key)]
            before, after = (re.sub(r"__mutmut_\w+", "", "\n".join(lines[span.start - 1 : span.end])) for span in spans)
            if rule := rule_without_effect(before, after):
                without_effect[rule] += 1
            else:
                changes[get_mutant_name(path, key)] = Change(path=str(path), before=before, after=after)
    return changes, without_effect


def rule_without_effect(before: str, after: str) -> str | None:
    """Return the rule by which a change makes no difference, or None."""
    for rule, pattern in WITHOUT_EFFECT.items():
        if len({re.sub(r",?\s+(?=\))", "", re.sub(pattern, "", text)) for text in (before, after)}) == 1:
            return rule
    return None


def copied(name: str) -> Path:
    """Copy the project, with the settings of mutmut for a package, and return the folder."""
    source, tests = PACKAGES[name]
    folder = WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    left_out = shutil.ignore_patterns(".git", ".venv*", "build", "dist", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, folder, ignore=left_out)
    settings = {
        "source_paths": [f"{source}/"],
        "pytest_add_cli_args": ["-p", "no:randomly", "-p", "no:cacheprovider", "--hypothesis-profile", "ci"],
        "pytest_add_cli_args_test_selection": [*tests, "--ignore", "tests/segmenting/test_scaling.py"],  # measures time
        "also_copy": sorted(path.name for path in folder.iterdir() if path.name not in {"pyproject.toml", "mutants"}),
        "use_git_change_detection": False,
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    project = folder / "pyproject.toml"
    text = project.read_text(encoding="utf-8").replace("--doctest-modules", "-p no:doctest")
    project.write_text(f"{text}\n[tool.mutmut]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    shared = folder / "tests" / "conftest.py"
    shared.write_text(shared.read_text(encoding="utf-8") + FORGET.format(source.replace("/", ".")), encoding="utf-8")
    return folder


def try_changes(name: str, drawn: list[str], seconds: float, processes: int) -> dict[str, str]:
    """Return what became of each change that was drawn."""
    if not drawn:
        return {}
    folder = WORK / name
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(processes)]
    with (WORK / f"{name}.log").open("w") as log:
        subprocess.run([*command, "nothing"], cwd=folder, check=False, stdout=log, stderr=log)  # which tests reach what
        without_long_tests(folder / "mutants" / "mutmut-stats.json")
        try:
            subprocess.run([*command, *drawn], cwd=folder, check=False, stdout=log, stderr=log, timeout=seconds)
        except subprocess.TimeoutExpired:
            print(f"{name}: ended after {seconds:.0f} s", file=sys.stderr)
    codes: dict[str, int | None] = {}
    for meta in (folder / "mutants").rglob("*.meta"):
        codes |= json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
    if all(codes.get(key) is None for key in drawn):
        sys.exit(f"{name}: nothing was tried, see {WORK / name}.log")
    return {key: outcome(codes.get(key)) for key in drawn}


def without_long_tests(stats: Path) -> None:
    """Take the long tests from those that mutmut runs, where enough shorter ones reach the function."""
    measured = json.loads(stats.read_text(encoding="utf-8"))
    seconds, tests_of = measured["duration_by_test"], measured["tests_by_mangled_function_name"]
    for function, tests in tests_of.items():
        by_time = sorted(tests, key=seconds.__getitem__)
        tests_of[function] = by_time[:FEW] + [test for test in by_time[FEW:] if seconds[test] <= LONG]
    stats.write_text(json.dumps(measured), encoding="utf-8")


def outcome(code: int | None) -> str:
    """Return what mutmut's code of a change says."""
    if code is None:
        return "not tried"
    if code == SURVIVED:
        return "survived"
    if code in NOT_REACHED:
        return "not reached"
    return "time over" if code in TIME_OVER else "noticed"


def wilson_interval(hits: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson, 1927)."""
    if not of:
        return 0.0, 1.0
    z = 1.959964
    share, weight = hits / of, z * z / of
    middle, half = share + weight / 2, z * sqrt(share * (1 - share) / of + weight / (4 * of))
    return (middle - half) / (1 + weight), (middle + half) / (1 + weight)


if __name__ == "__main__":
    main()
