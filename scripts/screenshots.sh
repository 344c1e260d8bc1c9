#!/bin/sh
# Take the README's pictures of a report: usage screenshots.sh REPORT_HTML [FOLDER]
# report.png is the head of the report, report-interview.png its first interview with the suggestions,
# report-pictures.png the map of passages and report-codes.png themes beside codes.
set -eu
report=$1 folder=${2:-docs/images}
browser=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

shot() {
    "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
        --disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$work/profile" \
        --virtual-time-budget=15000 --window-size="$3" --screenshot="$2" "file://$1" >/dev/null 2>&1
    test -s "$2"
}

mkdir -p "$folder"
cp "$report" "$work/head.html"
python3 - "$report" "$work" <<'PY'
import sys
from pathlib import Path

page = Path(sys.argv[1]).read_text(encoding="utf-8")
page = page.replace('<details class="interview">', '<details class="interview" open>', 1)


def shown(name, *hidden):
    style = f"<style>{', '.join(hidden)} {{ display: none }}</style></head>"
    Path(sys.argv[2], name).write_text(page.replace("</head>", style, 1), encoding="utf-8")


shown("interview.html", "#codes", "#themes", "#pictures", "#about", ".cards", "nav")
apart = ("#codes", "#themes", "#interviews", "#about", ".cards", "nav", ".note", "#pictures > .hint")
shown("pictures.html", *apart)
shown("heat.html", *apart, "#picture-map", "#picture-tree", "#picture-number", "header")
PY
shot "$work/head.html" "$folder/report.png" 1280,1400
shot "$work/interview.html" "$folder/report-interview.png" 1280,1400
shot "$work/pictures.html" "$folder/report-pictures.png" 1280,1250
shot "$work/heat.html" "$folder/report-codes.png" 1280,1250
