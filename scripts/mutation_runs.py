"""The tests of mutation testing: which reach a change, in which order they are run, and what became of it.

Tests are collected once. Each change is tried in a process that is forked from there, so that it costs the tests that
are run and nothing else, and none sees what another has set up or cached. Imported by ``mutation.py`` in the folder of
the copy, whose settings mutmut reads as it is imported.
"""

import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import Any

import pytest
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state

MOST = 30.0
"""Of the tests that reach a function those are run which come first and take no more seconds than this together."""

TIERS = (0.1, 1.0, 5.0)
"""Seconds. Tests of a tier are run before those of a longer one; within a tier those of one file stand together."""

TIMES_AS_LONG, AT_LEAST, WAITING = 15, 8.0, 40
"""A change whose tests take this many times as long as before has noticed itself; they are taken for ``AT_LEAST``
seconds longer than they were, as what tests share may be set up again. Seconds are those of the processor, as a busy
machine makes no test longer; ``WAITING`` is how many times as long a test may wait that takes none."""

FAILED, BROKEN = 1, 3


def tried_changes(
    drawn: Sequence[str], arguments: Sequence[str], reach_file: Path, source: str, *, seconds: float, processes: int
) -> dict[str, str]:
    """Find which tests reach which function, run those tests for each change, and return what became of it.

    Args:
        drawn: The names of changes, in the order in which they are tried.
        arguments: What pytest is given: options and the tests.
        reach_file: What is known of tests already; it is completed.
        source: The package as it is imported.
        seconds: How long changes are tried, once it is known what tests reach; those for which it does
            not last are missing in what is returned.
        processes: How many are tried at a time.
    """
    trial = Trial(drawn, reach_file, source, seconds=seconds, processes=processes)
    here = Path.cwd()
    os.chdir("mutants")
    set_mutant_under_test("none")
    code = pytest.main(["--rootdir=.", "--tb=native", *arguments], plugins=[trial])
    os.chdir(here)
    if code:
        sys.exit(f"the tests could not be collected or run (pytest ended with {int(code)}); see the log")
    return trial.outcomes


class Trial:
    """A plugin of pytest that, in place of the tests, tries changes on them."""

    def __init__(self, drawn: Sequence[str], reach_file: Path, source: str, *, seconds: float, processes: int) -> None:
        """Keep what is to be tried; nothing is run yet."""
        self.drawn, self.source, self.processes = drawn, source, processes
        self.allowed = seconds
        self.reach_file = reach_file.absolute()
        self.outcomes: dict[str, str] = {}
        self.of_fixture: dict[str, set[str]] = {}
        self.failed: list[str] = []
        self.sound: dict[str, bool] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try the changes."""
        self.items = {item.nodeid: item for item in session.items}
        self.learn_reach()
        known = json.loads(self.reach_file.read_text())
        self.seconds: dict[str, float] = known["seconds"]
        self.tests_of: dict[str, list[str]] = {}
        for test, functions in known["reach"].items():
            for function in functions if test in self.items else ():
                self.tests_of.setdefault(function, []).append(test)
        self.reached = {test: len(functions) for test, functions in known["reach"].items()}
        self.noticed_by: dict[str, list[str]] = {}
        waiting = list(reversed(self.drawn))
        self.end = time.monotonic() + self.allowed
        running: dict[int, tuple[str, list[str], float]] = {}
        while running or (waiting and time.monotonic() < self.end):
            while waiting and len(running) < self.processes and time.monotonic() < self.end:
                key = waiting.pop()
                if tests := self.order(key):
                    expected = sum(self.seconds[test] for test in tests)
                    running[self.start(key, tests, expected)] = (
                        key, tests, time.monotonic() + (expected + AT_LEAST) * WAITING,
                    )  # fmt: skip
                else:
                    self.outcomes[key] = "not reached"
            if running:
                self.take_result(running, waiting)
            print(*(f"{outcome}: {key}" for key, outcome in [*self.outcomes.items()][-1:]), flush=True)
        return True

    def order(self, key: str) -> list[str]:
        """Return the tests to run for a change, those that noticed another of its function first."""
        function = function_of(key)
        tests = [test for test in self.tests_of.get(function, ()) if self.sound.get(test, True)]
        before = [test for test in self.noticed_by.get(function, ()) if test in tests]
        order = likeliest_first(tests, self.seconds, self.reached)
        return list(dict.fromkeys([*before, *order]))

    def start(self, key: str, tests: Sequence[str], expected: float) -> int:
        """Run tests with a change in a process of its own and return its number."""

        def run() -> int:
            limit = ceil((expected + AT_LEAST) * TIMES_AS_LONG)
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
            set_mutant_under_test(key)
            self.forget()
            for test, following in zip(tests, [*tests[1:], None], strict=True):
                self.run_test(self.items[test], self.items[following] if following else None)
                if self.failed:
                    place_of_failure(os.getpid()).write_text(test)
                    return FAILED
            return 0

        return forked(run)

    def take_result(self, running: dict[int, tuple[str, list[str], float]], waiting: list[str]) -> None:
        """Wait for a change that is being tried and note what became of it."""
        pid, code = ended(running)
        key, tests, _ = running.pop(pid)
        if code != FAILED:
            rest = len(self.tests_of[function_of(key)]) > len(tests)
            survived = "survived some" if rest else "survived"
            self.outcomes[key] = survived if code == 0 else "time over" if code < 0 else "noticed"
            return
        failure = place_of_failure(pid)
        test = failure.read_text()
        failure.unlink()
        if not self.is_sound(test):  # It fails without a change too: it says nothing.
            waiting.append(key)
            return
        self.outcomes[key] = "noticed"
        by = self.noticed_by.setdefault(function_of(key), [])
        by[:] = [test, *(each for each in by if each != test)][:3]

    def is_sound(self, test: str) -> bool:
        """Return whether a test passes alone and without a change; each is asked once."""
        if test not in self.sound:
            pid = self.start("none", [test], self.seconds[test])
            limit = time.monotonic() + (self.seconds[test] + AT_LEAST) * WAITING
            _, code = ended({pid: ("none", [test], limit)})
            self.sound[test] = code == 0
            if code:
                place_of_failure(pid).unlink(missing_ok=True)
                print(f"left out, as it fails alone without a change: {test}", flush=True)
        return self.sound[test]

    # --- What a test reaches.

    def learn_reach(self) -> None:
        """Run the tests of which it is not known and note what they reach and how long they take.

        A value that a test or the package has cached before is forgotten, or a change behind it would reach no test.
        Functions that run while a shared fixture is set up count for each test that uses it, not for the first only.
        Tests that fail without a change reach nothing.
        """
        known = json.loads(self.reach_file.read_text()) if self.reach_file.exists() else {"reach": {}, "seconds": {}}
        new = [item for test, item in self.items.items() if test not in known["reach"]]

        def run() -> int:
            set_mutant_under_test("stats")
            for item, following in zip(new, [*new[1:], None], strict=True):
                state()._stats.clear()
                self.forget()
                before = processor_seconds()
                self.run_test(item, following)
                functions = set(state()._stats).union(*map(self.reached_by_fixture, getattr(item, "fixturenames", ())))
                known["seconds"][item.nodeid] = processor_seconds() - before
                known["reach"][item.nodeid] = [] if item.nodeid in self.failed else sorted(functions)
                if self.failed[-1:] == [item.nodeid]:
                    print(f"left out, as it fails without a change: {item.nodeid}", flush=True)
            self.reach_file.write_text(json.dumps(known))
            return 0

        if new:
            pid = forked(run)
            if ended({pid: ("stats", [], float("inf"))})[1]:
                sys.exit("what tests reach could not be found out; see the log")

    def reached_by_fixture(self, name: str) -> set[str]:
        """Return what was reached in setting up a shared fixture."""
        return self.of_fixture.get(name, set())

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Iterator[Any]:
        """Note what is reached in setting up a shared fixture."""
        before = set(state()._stats)
        state()._stats.clear()
        result = yield
        if fixturedef.scope != "function":
            self.of_fixture[fixturedef.argname] = self.reached_by_fixture(fixturedef.argname) | state()._stats
        state()._stats |= before
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note which tests failed."""
        if report.failed:
            self.failed.append(report.nodeid)

    def run_test(self, item: pytest.Item, following: pytest.Item | None) -> None:
        """Run a test; what ``following`` does not use any more is taken down."""
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)

    def forget(self) -> None:
        """Empty the caches of the package and of the tests."""
        tests = str(Path("tests").absolute())
        for name, module in list(sys.modules.items()):
            if name.startswith(self.source) or str(getattr(module, "__file__", None)).startswith(tests):
                for value in list(vars(module).values()):
                    getattr(value, "cache_clear", lambda: None)()


def function_of(key: str) -> str:
    """Return the name of the function that a change changes."""
    return key.partition("__mutmut_")[0]


def likeliest_first(tests: Collection[str], seconds: Mapping[str, float], reached: Mapping[str, int]) -> list[str]:
    """Order the tests of a function: short before long, those that reach few functions before those that reach many."""
    cost = {test: (seconds[test] + 0.01) * reached[test] for test in tests}
    tier = {test: sum(seconds[test] > bound for bound in TIERS) for test in cost}
    of_file: dict[tuple[int, str], float] = {}
    for test, its_cost in cost.items():
        place = tier[test], file_of(test)
        of_file[place] = min(its_cost, of_file.get(place, its_cost))

    def place_of(test: str) -> tuple[int, float, str, float]:
        return tier[test], of_file[tier[test], file_of(test)], file_of(test), cost[test]

    order: list[str] = []
    together = 0.0
    for test in sorted(cost, key=place_of):
        together += seconds[test]
        if order and together > MOST:
            break
        order.append(test)
    return order


def file_of(test: str) -> str:
    """Return the file of a test."""
    return test.partition("::")[0]


def processor_seconds() -> float:
    """Return the processor's time that this process and those that it started have taken."""
    return sum(os.times()[:4])


# --- Processes.


def place_of_failure(pid: int) -> Path:
    """Return the file in which a process names the test that failed."""
    return Path(tempfile.gettempdir()) / f"mutation-{pid}.failed"


def forked(run: Callable[[], int]) -> int:
    """Run something in a process of its own, which ends with the number that it returns; return the process's."""
    pid = os.fork()
    if pid:
        return pid
    code = BROKEN
    try:
        os.setsid()
        folder = temporary_folder(os.getpid())
        folder.mkdir(exist_ok=True)
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(folder)
        code = run()
    except BaseException as fault:
        print(f"ended by {fault!r}", flush=True)
    finally:
        os._exit(code)


def temporary_folder(pid: int) -> Path:
    """Return the folder in which tests of a process make theirs."""
    return Path(tempfile.gettempdir()) / f"mutation-{pid}"


def ended(running: Mapping[int, tuple[str, list[str], float]]) -> tuple[int, int]:
    """Wait until one of several processes ends or is over its time; return it and its code, below 0 for a signal."""
    while True:
        for pid, (_, _, limit) in running.items():
            done, status = os.waitpid(pid, os.WNOHANG)
            if not done and time.monotonic() < limit:
                continue
            with lost_already():
                os.killpg(pid, signal.SIGKILL)  # with what its tests have started
            if not done:
                _, status = os.waitpid(pid, 0)
            shutil.rmtree(temporary_folder(pid), ignore_errors=True)
            return pid, os.waitstatus_to_exitcode(status)
        time.sleep(0.02)


@contextmanager
def lost_already() -> Iterator[None]:
    """Take no notice of a process that has ended."""
    try:
        yield
    except ProcessLookupError:
        return
