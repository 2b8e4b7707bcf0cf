#!/usr/bin/env bash
# Measures Orca on a CUDA machine that has PyTorch and nothing else, from the archive of scripts/cuda-box.sh, in six minutes at most:
#
#   tar -xf orca-linux-x64.tar.xz && orca-linux-x64/gpu-check.sh [OUT]      (default: gpu-check)
#
# The cheapest first, each bounded in time; one that fails does not keep the rest from running. OUT/tables.md is made for docs/results.md;
# OUT holds what each printed, and its JSON. Ends with 1 where any failed.
set -uo pipefail
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
out=${1:-gpu-check}
mkdir -p "$out" || { echo "gpu-check.sh: '$out' cannot be made; name another folder" >&2; exit 2; }
device=${ORCA_DEVICE:-cuda}
orca=${ORCA_COMMAND:-$here/orca}
until=$((SECONDS + ${ORCA_CHECK_SECONDS:-360}))
tables=$out/tables.md
failed=0
printf '# On a CUDA device (%s)\n\n' "$(date -u +%Y-%m-%d)" > "$tables"

check() { # name, seconds at most, command
  local name=$1 most=$2 left=$((until - SECONDS)) begin=$SECONDS code=0
  shift 2
  [ "$left" -lt "$most" ] && most=$left
  if [ "$most" -lt 5 ]; then
    echo "$name: left out, no time" | tee -a "$tables"
    failed=1
    return
  fi
  timeout -k 5 "$most" "$@" > "$out/$name.txt" 2>&1 || code=$?
  [ "$code" -eq 0 ] || failed=1
  local how=passed
  [ "$code" -eq 0 ] || how="failed ($([ "$code" -eq 124 ] && echo "ended after $most s" || echo "exit $code"))"
  { printf '## %s: %s, %s s\n\n    %s\n\n' "$name" "$how" $((SECONDS - begin)) "${*/#"$here"\//}"
    printf '```\n'; tail -n 25 "$out/$name.txt"; printf '```\n\n'; } >> "$tables"
  echo "$name: $how, $((SECONDS - begin)) s"
}

check doctor 40 "$orca" doctor --device "$device"
for tests in "$here"/tests/*/; do
  [ -d "$tests" ] && check "tests-$(basename "$tests" | tr '[:upper:]' '[:lower:]')" 60 \
    "$here/run-dotnet" "$tests"/Orca.*.Tests.dll -method '*gpu*' -method '*CUDA*' -noColor
done
for batch in 1 16 64; do
  check "engine-13b-b$batch" 60 "$orca" bench engine --device "$device" --shape 13b --weights bf16 --batch "$batch" --json "$out/engine-b$batch.json"
done
check train-1b 40 "$orca" bench train --device "$device" --shape 1b --compute bf16 --length 2048 --steps 3 --json "$out/train-1b.json"
check train-13b 90 "$orca" bench train --device "$device" --shape 13b --compute bf16 --plan auto --length 2048 --steps 2 --without-plain --json "$out/train-13b.json"
echo "tables: $tables"
exit "$failed"
