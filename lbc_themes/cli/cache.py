"""lbc-themes cache info and clear."""

from pathlib import Path
from typing import Annotated

import typer

cache_app = typer.Typer(no_args_is_help=True, help="本机的向量缓存 The vector cache on this machine.")
CacheFile = Annotated[Path | None, typer.Option("--cache", help="缓存文件 The cache's file.")]


@cache_app.command("info")
def info(cache: CacheFile = None) -> None:
    """缓存在哪里，有多大。 Where the cache is and how large."""
    from lbc_themes.encoding import VectorCache, default_cache

    found = VectorCache(cache or default_cache()).info()
    typer.echo(f"{found.path}\n{found.vectors} 个向量 vectors, {found.bytes / 1e6:.1f} MB")


@cache_app.command("clear")
def clear(cache: CacheFile = None) -> None:
    """删除缓存。 Delete the cache."""
    from lbc_themes.encoding import VectorCache, default_cache

    kept = VectorCache(cache or default_cache())
    kept.clear()
    typer.echo(f"已删除 deleted: {kept.path}")
