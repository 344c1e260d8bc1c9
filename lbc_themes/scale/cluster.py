"""The same work on a Dask cluster: parts go to workers, and what is learned or counted comes back through a tree."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lbc_themes.core.errors import InputError, MissingExtraError
from lbc_themes.core.messages import message
from lbc_themes.scale.parts import read_part, write_part
from lbc_themes.scale.plan import Options, Plan, plan_of
from lbc_themes.scale.sample import joined
from lbc_themes.scale.summary import Summary, in_a_tree, summed
from lbc_themes.scale.work import SAMPLE, Advance, draw, work

if TYPE_CHECKING:
    from distributed import Client

RETRIES = 5


@contextmanager
def connected(client: "Client | str") -> Iterator["Client"]:
    """Give the client itself, or one for a scheduler's address that is closed afterwards."""
    try:
        from distributed import Client
    except ImportError as error:
        raise MissingExtraError(
            package="distributed", extra="dask", purpose=message("core.purpose.machines")
        ) from error
    if not isinstance(client, str):
        yield client
        return
    try:
        own = Client(client, timeout=10)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        raise InputError(message("scale.no_dask_scheduler_answers", client=client, error=error)) from error
    with own:
        yield own


def on_cluster(
    client: "Client", folder: Path, parts: Sequence[Path], targets: Sequence[Path], options: Options,
    advance: Advance | None,
) -> tuple[Plan, Summary]:  # fmt: skip
    """Do what ``run`` does; a worker that dies is replaced by another doing its parts again."""
    from distributed import as_completed

    parts, targets = [part.resolve() for part in parts], [target.resolve() for target in targets]
    sample = (folder / SAMPLE).resolve()
    if not sample.exists():
        samples = client.map(draw, parts, options=options, retries=RETRIES, pure=False)
        whole = in_a_tree(samples, lambda some: client.submit(joined, some, options.sample, pure=False))
        write_part(whole.result(), sample)
    plan = client.submit(_plan, sample, options, retries=RETRIES, pure=False)
    done = client.map(work, parts, targets, plan=plan, retries=RETRIES, pure=False)
    summary = in_a_tree(done, lambda some: client.submit(summed, some, retries=RETRIES, pure=False))
    if advance:
        for _, found in as_completed(list(done), with_results=True):  # type: ignore[no-untyped-call]
            advance(found.passages)
    found = summary.result()
    return plan.result(), found


def _plan(sample: Path, options: Options) -> Plan:
    return plan_of(read_part(sample), options)
