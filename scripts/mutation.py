"""Mutation testing with mutmut: do tests notice a change of the source? ``python scripts/mutation.py [PACKAGE ...]``.

In a copy under build/mutation functions of a package are changed in one place at a time, and the tests that reach the
changed function are run. Which changes are tried is a random sample by ``--seed`` (``--sample 0``: all of them); a
change keeps its place in the order when others come and go. What survives is listed, to be read: a missing test, or a
change that makes no difference. Changes that cannot make one by a rule of ``WITHOUT_EFFECT`` are not tried.
Not changed at all: what stands outside functions, and functions with a decorator.

The exit code is 1 where less than ``--at-least`` of the changes that were tried are noticed. ``--again`` tries only the
changes that survived last time, on the source and tests as they are now; of tests that were there last time it takes it
that they reach the same functions. Needs a system that forks (Linux, macOS).
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil, sqrt
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mutmut.workers.isolation import MutantRunner

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "mutation"
CLI = ("", "_codebook", "_exchange", "_merge")
PACKAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "segmenting": ("lbc_themes/segmenting", ("tests/segmenting",)),
    "agreement": ("lbc_themes/agreement", ("tests/agreement", "tests/study/test_compare.py")),
    "privacy": (
        "lbc_themes/safeguards/privacy",
        tuple(f"tests/safeguards/test_privacy{part}.py" for part in ("", "_folder", "_parts")),
    ),
    "study": (
        "lbc_themes/study",
        ("tests/study", "tests/cli/test_agreement.py", *(f"tests/cli/test_study{part}.py" for part in CLI)),
    ),
    "suggest": ("lbc_themes/suggest", ("tests/suggest",)),
    "exchange": ("lbc_themes/exchange", ("tests/exchange", "tests/cli/test_study_exchange.py")),
}
"""The source of a package and its tests."""

WITHOUT_EFFECT: dict[str, str] = {
    "zip(strict=), a guard where lengths are equal by construction": r",?\s*\bstrict=\w+",
    "a type for the type checker: cast()": r"(?<=\bcast\()[^,]*,\s*",
    "SQL in capitals or small letters": r'(?i)"(?:SELECT|INSERT|UPDATE|DELETE|PRAGMA|BEGIN|DROP|ALTER)\b[^"\']*"',
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

STATS = Path("mutants") / "mutmut-stats.json"
TIMES_AS_LONG = 15
"""A change whose tests take this many times as long as before has noticed itself."""

SURVIVED, NOT_REACHED = 0, {5, 33}
TIME_OVER = {-24, 24, 36, 152, 255}


def main() -> None:
    """Change each package, count what was noticed and list what was not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help=f"by default all: {', '.join(PACKAGES)}")
    parser.add_argument("--at-least", type=float, default=0.85, help="share that must be noticed (0.85)")
    parser.add_argument("--sample", type=int, default=400, help="changes tried in each package; 0 tries all (400)")
    parser.add_argument("--seed", default="1", help="which changes are drawn (1)")
    parser.add_argument("--only", default="", help="draw only from files whose path has one of these words")
    parser.add_argument("--tests", default="", help="run only these test files, with spaces between them")
    parser.add_argument("--again", action="store_true", help="try again only what survived last time")
    parser.add_argument("--seconds", type=float, default=3600, help="bound on the time for each package (3600)")
    parser.add_argument("--processes", type=int, default=1, help="changes tried at a time (1)")
    asked = parser.parse_args()
    names = asked.packages or list(PACKAGES)
    if len(names) == 1:
        sys.exit(0 if enough(names[0], asked) else 1)
    options = [word for word in sys.argv[1:] if word not in names]  # a process each: tests are run within it
    runs = [subprocess.run([sys.executable, __file__, name, *options], check=False) for name in names]
    sys.exit(max(run.returncode for run in runs))


def enough(name: str, asked: argparse.Namespace) -> bool:
    """Try the changes of one package, print what became of them, and return whether enough were noticed."""
    kept = WORK / f"{name}.json"
    os.chdir(copied(name, asked))  # mutmut reads its settings from where it is, and writes there
    report = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(WORK / f"{name}.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)  # mutmut draws a spinner
    changes, without_effect = possible_changes()
    if asked.again:
        survived_before = [key for key, outcome in json.loads(kept.read_text()).items() if outcome != "noticed"]
        drawn = [key for key in survived_before if key in changes]
    else:
        drawn = sorted(changes, key=lambda key: hashlib.sha256(f"{asked.seed}:{key}".encode()).digest())
        drawn = drawn[: asked.sample or None]
    outcomes = dict.fromkeys(drawn, "not tried") | dict(tried_changes(drawn, asked.seconds, asked.processes))
    shutil.copy(STATS, WORK / f"{name}.stats.json")
    kept.write_text(json.dumps(outcomes, indent=1))
    counts = Counter(outcomes.values())
    tried = len(outcomes) - counts["not tried"]
    noticed = counts["noticed"] + counts["time over"]
    low, high = wilson_interval(noticed, tried)
    say = partial(print, file=report, flush=True)
    say(f"{name}: {noticed} of {tried} changes noticed ({noticed / max(tried, 1):.1%}, 95 % {low:.1%} to {high:.1%})")
    say(
        f"    drawn {len(drawn)} of {len(changes)}, seed {asked.seed}; noticed as they never end: {counts['time over']}"
    )
    say(f"    no test reaches: {counts['not reached']}; drawn and not tried for want of time: {counts['not tried']}")
    for reason, count in without_effect.items():
        say(f"    left out, {count}: {reason}")
    for key, outcome in sorted(outcomes.items()):
        if outcome in {"survived", "not reached"}:
            say(f"  {outcome}: {key}\n{changes[key]}")
    return noticed >= asked.at_least * tried


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of one function: the file, and the lines that differ before and after."""

    path: str
    before: tuple[str, ...]
    after: tuple[str, ...]

    def __str__(self) -> str:
        """Return the lines that differ."""
        return "\n".join(f"      {sign} {line}" for sign, part in zip("-+", self.texts(), strict=True) for line in part)

    def texts(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the lines before and after."""
        return self.before, self.after


def possible_changes() -> tuple[dict[str, Change], Counter[str]]:
    """Make the changes of a package; return them by their names, and how many are left out by each rule."""
    from mutmut.__main__ import collect_source_file_mutation_data, create_mutants
    from mutmut.mutation.data import MutantLineSpans
    from mutmut.mutation.trampoline import set_mutant_under_test
    from mutmut.utils.file_utils import copy_also_copy_files, copy_src_dir, setup_source_paths

    set_mutant_under_test("mutant_generation")
    copy_src_dir()
    copy_also_copy_files()
    setup_source_paths()
    create_mutants(1)
    changes: dict[str, Change] = {}
    without_effect: Counter[str] = Counter(dict.fromkeys(WITHOUT_EFFECT, 0))
    for path, data in collect_source_file_mutation_data(mutant_names=())[1].items():
        index = MutantLineSpans.load(path)
        lines = (Path("mutants") / path).read_text(encoding="utf-8").split("\n")
        for key in data.exit_code_by_key:
            function = key.rpartition(".")[2]
            names = (f"{function.partition('__mutmut_')[0]}__mutmut_orig", function)
            spans = [index.span_by_function_name[each] for each in names]
            texts = ([re.sub(r"__mutmut_\w+", "", line) for line in lines[s.start - 1 : s.end]] for s in spans)
            before, after = differing(*texts)
            change = Change(path=path, before=before, after=after)
            if rule := rule_without_effect(change):
                without_effect[rule] += 1
            else:
                changes[key] = change
    return changes, without_effect


def differing(before: Sequence[str], after: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what is left of two lists of lines without what they have in common at both ends."""
    start, end = 0, 0
    shorter = min(len(before), len(after))
    while start < shorter and before[start] == after[start]:
        start += 1
    while end < shorter - start and before[-1 - end] == after[-1 - end]:
        end += 1
    return tuple(before[start : len(before) - end]), tuple(after[start : len(after) - end])


def rule_without_effect(change: Change) -> str | None:
    """Return the rule by which a change makes no difference, or None."""
    for rule, pattern in WITHOUT_EFFECT.items():
        texts = {re.sub(r",?\s*(?=\))", "", re.sub(pattern, "", "\n".join(part))) for part in change.texts()}
        if len(texts) == 1 and change.before:
            return rule
    return None


def copied(name: str, asked: argparse.Namespace) -> Path:
    """Copy the project, with the settings of mutmut for a package, and return the folder."""
    source, usual = PACKAGES[name]
    folder = WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    left_out = shutil.ignore_patterns(".git", ".venv*", "build", "dist", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, folder, ignore=left_out)
    settings = {
        "source_paths": [f"{source}/"],
        "only_mutate": [f"{source}/*{word}*" for word in asked.only.split()],
        "pytest_add_cli_args": ["-p", "no:randomly", "-p", "no:cacheprovider", "--hypothesis-profile", "ci"],
        "pytest_add_cli_args_test_selection": [
            *(asked.tests.split() or usual),
            "--ignore",
            "tests/segmenting/test_scaling.py",
        ],  # measures time
        "also_copy": sorted(path.name for path in folder.iterdir() if path.name not in {"pyproject.toml", "mutants"}),
        "use_git_change_detection": False,
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    project = folder / "pyproject.toml"
    text = project.read_text(encoding="utf-8").replace("--doctest-modules", "-p no:doctest")
    project.write_text(f"{text}\n[tool.mutmut]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    shared = folder / "tests" / "conftest.py"
    shared.write_text(shared.read_text(encoding="utf-8") + FORGET.format(source.replace("/", ".")), encoding="utf-8")
    (folder / STATS).parent.mkdir()
    if asked.again:
        shutil.copy(WORK / f"{name}.stats.json", folder / STATS)
    return folder


def tried_changes(drawn: Sequence[str], seconds: float, processes: int) -> Iterator[tuple[str, str]]:
    """Find which tests reach which function, run those tests for each change, and yield what became of it."""
    from mutmut.__main__ import collect_or_load_stats
    from mutmut.mutation.trampoline import set_mutant_under_test
    from mutmut.state import state
    from mutmut.workers.isolation import get_mutant_runner

    runner = get_mutant_runner(processes)
    collect_or_load_stats(runner)
    set_mutant_under_test("")
    took = state().duration_by_test
    tests_of = {
        key: short_tests(state().tests_by_mangled_function_name[key.partition("__mutmut_")[0]]) for key in drawn
    }
    end = time.monotonic() + seconds
    runner.startup()
    for key in sorted(drawn, key=lambda key: sum(map(took.__getitem__, tests_of[key]))):
        if time.monotonic() > end:
            break
        while not runner.has_capacity():
            yield result_of(runner)
        expected = sum(map(took.__getitem__, tests_of[key]))
        runner.submit(key, tests_of[key], ceil((expected + 1) * TIMES_AS_LONG * 2), expected)
    while runner.pending_count():
        yield result_of(runner)
    runner.shutdown()


def short_tests(tests: Collection[str]) -> list[str]:
    """Return the tests of a function, without the long ones where enough shorter ones reach it."""
    from mutmut.state import state

    seconds = state().duration_by_test
    by_time = sorted(tests, key=seconds.__getitem__)
    return by_time[:FEW] + [test for test in by_time[FEW:] if seconds[test] <= LONG]


def result_of(runner: "MutantRunner") -> tuple[str, str]:
    """Wait for a change that is being tried, and return its name and what became of it."""
    result = runner.wait_for_result()
    return result.mutant_name, outcome(result.exit_code)


def outcome(code: int) -> str:
    """Return what mutmut's code of a change says."""
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
