"""What stands in ``import lbc_themes`` is documented: an example, what is refused, and what each method does."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator

import pytest

import lbc_themes as lbc

PUBLIC = {name: getattr(lbc, name) for name in lbc.__all__ if not inspect.ismodule(getattr(lbc, name))}
CALLED = {name: each for name, each in PUBLIC.items() if inspect.isclass(each) or inspect.isfunction(each)}
Public = Callable[..., object]


def methods() -> Iterator[tuple[str, Public]]:
    for name, each in CALLED.items():
        for inner, held in vars(each).items() if inspect.isclass(each) else ():
            function = held.__func__ if isinstance(held, classmethod | staticmethod) else held
            if inspect.isfunction(function) and not inner.startswith("_"):
                yield f"{name}.{inner}", function


METHODS = dict(methods())


def refuses(function: Public) -> bool:
    """Whether a function raises an error of the library itself."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    raised = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)]
    return any(ast.unparse(call.func).endswith("Error") for call in raised)


@pytest.mark.parametrize("name", CALLED)
def test_everything_public_has_an_example(name: str) -> None:
    assert ">>>" in (inspect.getdoc(CALLED[name]) or "")


@pytest.mark.slow
@pytest.mark.parametrize("name", METHODS)
def test_every_method_says_what_it_does(name: str) -> None:
    assert inspect.getdoc(METHODS[name])


@pytest.mark.parametrize("name", [n for n, f in {**CALLED, **METHODS}.items() if inspect.isfunction(f) and refuses(f)])
def test_what_refuses_says_so(name: str) -> None:
    said = inspect.getdoc({**CALLED, **METHODS}[name]) or ""
    assert any(word in said for word in ("Raises", "efuses", "raises"))
