#!/bin/sh
# Write the checksums of the demonstration corpus into its SHA256SUMS; check them with: sha256sum --check SHA256SUMS
set -eu
cd "$(dirname "$0")/../corpora/zhuzhai-demo"
LC_ALL=C sha256sum codings.csv participants.csv interviews/* > SHA256SUMS
