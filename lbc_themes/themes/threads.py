"""One thread for the small matrices of a small study."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")


def on_one_thread(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Return ``function`` with numerical libraries held to one thread while it runs.

    Sums come out the same whatever the number of cores, and where cores are busy, many short parallel steps that wait
    for one another take up to twenty times as long as one thread does.
    """

    @wraps(function)
    def held(*args: Given.args, **kwargs: Given.kwargs) -> Result:
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

        with threadpool_limits(1):
            return function(*args, **kwargs)

    return held
