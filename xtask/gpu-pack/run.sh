#!/bin/sh
# Proves Rigel on this machine's GPU: unmodified programs natively, through shared memory and over QUIC, with
# their results compared, what calls and bytes cost, and whether quotas and shares hold. Needs python3;
# writes report.md and report.json into this folder, or where --out says. `--help` has more.
exec python3 -B "$(dirname "$(readlink -f "$0")")/proof" "$@"
