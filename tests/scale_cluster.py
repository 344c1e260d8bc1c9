"""Run the same corpus on a cluster of two processes, of which one is killed in the middle; see test_scale.py."""

import os
import signal
import sys
from pathlib import Path

from distributed import Client, LocalCluster

from lbc_themes import scale


def main() -> None:
    source, out, codebook = sys.argv[1:4]
    options = scale.Options(codebook=codebook, sample=100)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        killed: list[int] = []

        def kill_one(_done: int) -> None:
            if not killed:
                killed.append(next(iter(client.run(os.getpid).values())))
                os.kill(killed[0], signal.SIGKILL)

        result = scale.run(source, out, options, client=client, advance=kill_one)
    sys.stdout.write(f"{killed[0]} {result.summary.passages} {len(list((Path(out) / 'passages').iterdir()))}\n")


if __name__ == "__main__":
    main()
