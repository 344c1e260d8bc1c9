"""Draw seconds over passages, both by powers of ten, as SVG."""

import math
from collections.abc import Sequence
from itertools import cycle

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 860, 460, 70, 24, 190, 52
COLOURS = ("#1b6ca8", "#c0504d", "#4f8a3d", "#8064a2", "#d98c2b", "#2a9d9d", "#7f7f7f", "#b5518f")
LEAST, MOST = 0.01, 10_000.0


def picture(rows: dict[str, dict[int, float]], sizes: Sequence[int]) -> str:
    """Return the picture of ``rows`` (seconds by stage and number of passages) as an SVG document."""
    low, high = math.log10(min(sizes)) - 0.1, math.log10(max(sizes)) + 0.1

    def across(passages: float) -> float:
        return LEFT + (math.log10(passages) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def down(seconds: float) -> float:
        share = (math.log10(min(max(seconds, LEAST), MOST)) - math.log10(LEAST)) / math.log10(MOST / LEAST)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        'font-size="13"><title>Processor seconds by stage and number of passages</title>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
    ]
    for power in range(round(math.log10(LEAST)), round(math.log10(MOST)) + 1):
        y = down(10.0**power)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.0f}" y2="{y:.0f}" stroke="#e4e4e4"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{10.0**power:g} s</text>')
    for size in sizes:
        x, y = across(size), HEIGHT - BOTTOM + 20
        parts.append(f'<text x="{x:.0f}" y="{y}" text-anchor="middle">{size:,}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle:.0f}" y="{HEIGHT - 10}" text-anchor="middle">段落 passages</text>')
    ends = _apart({stage: down(seconds[max(seconds)]) for stage, seconds in rows.items()})
    for colour, (stage, seconds) in zip(cycle(COLOURS), rows.items(), strict=False):
        points = " ".join(f"{across(size):.0f},{down(value):.0f}" for size, value in sorted(seconds.items()))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        x = across(max(seconds)) + 10
        parts.append(f'<text x="{x:.0f}" y="{ends[stage] + 4:.0f}" fill="{colour}">{stage}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _apart(wanted: dict[str, float], gap: float = 17) -> dict[str, float]:
    """Move labels down until none covers another."""
    placed: dict[str, float] = {}
    for stage, y in sorted(wanted.items(), key=lambda pair: pair[1]):
        placed[stage] = max(y, max(placed.values(), default=-gap) + gap)
    return placed
