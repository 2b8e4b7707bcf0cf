#!/usr/bin/env bash
# Compares Orca's engines with llama.cpp's on the same GGUF files: run.sh [FILE.gguf...]
# Without arguments: a small trained model in every format. With: those files as well, on random tokens.
# Needs npm, gcc and a built tests/Model. Keeps llama.cpp in $LLAMA_PEER_DIR (default: a folder in the user's cache).
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
export LLAMA_PEER_DIR=${LLAMA_PEER_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/orca-peers/llama.cpp}
LLAMA_PEER_MODELS=$(printf '%s\n' "$@" | while read -r file; do [ -z "$file" ] || realpath "$file"; done | paste -sd:)
export LLAMA_PEER_MODELS
mkdir -p "$LLAMA_PEER_DIR"
if [ ! -d "$LLAMA_PEER_DIR/node_modules/@node-llama-cpp/linux-x64" ]; then
  (cd "$LLAMA_PEER_DIR" && { [ -f package.json ] || npm init -y >/dev/null; } &&
    npm install --no-audit --no-fund --ignore-scripts @node-llama-cpp/linux-x64@3.22.1 >/dev/null)
fi
exec "$root/tests/Model/bin/Release/net10.0/Orca.Model.Tests" -class '*PeerAgreementTests' -class '*PeerWordsTests' -showliveoutput -noColor
