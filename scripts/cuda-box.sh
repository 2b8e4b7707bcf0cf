#!/usr/bin/env bash
# Packs Orca for a Linux x64 machine that has PyTorch, with CUDA or without, but no .NET:
#
#   scripts/cuda-box.sh [OUT.tar.xz]        (default: orca-linux-x64.tar.xz)
#
# The archive holds the .NET runtime of this machine, the program, the test programs of what runs on a device, their native library (made to
# load on older systems too), and a command, orca, that takes libtorch from the PyTorch it finds there. On the other machine:
#
#   tar -xf orca-linux-x64.tar.xz && orca-linux-x64/orca doctor
#   orca-linux-x64/gpu-check.sh OUT        (all that a GPU is to show, in six minutes)
#
# ORCA_PYTHON names the python that has PyTorch (default: python3); ORCA_LIBTORCH names a libtorch folder instead.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
out=$(realpath -m "${1:-orca-linux-x64.tar.xz}")
name=$(basename "$out" .tar.xz)
[ "$name" != "$(basename "$out")" ] || { echo "cuda-box.sh: '$out' must end in .tar.xz" >&2; exit 2; }
command -v dotnet >/dev/null || { echo "cuda-box.sh: there is no dotnet here to build with; install the .NET SDK 10" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
box=$work/$name
mkdir "$box"

# A build of its own, so that the packages of the usual one stay as they are.
dotnet publish "$root/src/Cli/Orca.Cli.csproj" -c Release -v quiet --nologo \
  -p:TorchBackend=none --artifacts-path "$work/build" -o "$box/program"
[ -f "$box/program/libtorch/libLibTorchSharp.so" ] || { echo "cuda-box.sh: the build has no libLibTorchSharp.so" >&2; exit 1; }
rm -f "$box"/program/*.pdb "$box/program/orca"
for room in Model Training; do
  dotnet publish "$root/tests/$room/Orca.$room.Tests.csproj" -c Release -v quiet --nologo \
    -p:TorchBackend=none --artifacts-path "$work/build" -o "$box/tests/$room"
  rm -f "$box/tests/$room"/*.pdb "$box/tests/$room/Orca.$room.Tests"
done
# What is there twice is carried once.
(cd "$box" && find tests -type f | while read -r file; do
  same=program/${file#tests/*/}
  if [ -f "$same" ] && cmp -s "$file" "$same"; then ln -f "$same" "$file"; fi
done)
cp "$root/scripts/gpu-check.sh" "$box/"

home=$(dirname "$(readlink -f "$(command -v dotnet)")")
wanted=$(sed -n 's/.*"version": "\([0-9]*\.[0-9]*\)\..*/\1/p' "$box/program/orca.runtimeconfig.json" | head -1)
mkdir "$box/dotnet"
cp "$home/dotnet" "$box/dotnet/"
cp "$home"/LICENSE.txt "$home"/ThirdPartyNotices.txt "$box/dotnet/" 2>/dev/null || true
newest() { # the newest folder of a kind for the wanted version, copied to its place
  local found
  found=$(find "$home/$1" -mindepth 1 -maxdepth 1 -name "$wanted.*" | sort -V | tail -1)
  [ -n "$found" ] || { echo "cuda-box.sh: '$home/$1' has no $wanted; install that runtime" >&2; exit 1; }
  mkdir -p "$box/dotnet/$1" && cp -r "$found" "$box/dotnet/$1/"
}
newest host/fxr
newest shared/Microsoft.NETCore.App
newest shared/Microsoft.AspNetCore.App

cat > "$box/run-dotnet" <<'RUN'
#!/usr/bin/env bash
# Runs a program of .NET on the libtorch of the PyTorch that is installed here.
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
if [ -z "${ORCA_LIBTORCH:-}" ]; then
  python=${ORCA_PYTHON:-python3}
  # Found, not imported: importing takes seconds.
  ORCA_LIBTORCH=$("$python" -c '
import importlib.util, os, sys
spec = importlib.util.find_spec("torch")
print(os.path.join(list(spec.submodule_search_locations)[0], "lib") if spec else "")') || ORCA_LIBTORCH=
  if [ -z "$ORCA_LIBTORCH" ]; then
    echo "'$python' has no torch; install PyTorch, or name its python in ORCA_PYTHON or a libtorch folder in ORCA_LIBTORCH." >&2
    exit 1
  fi
fi
export ORCA_LIBTORCH DOTNET_ROOT="$here/dotnet" DOTNET_CLI_TELEMETRY_OPTOUT=1
exec "$here/dotnet/dotnet" "$@"
RUN
cat > "$box/orca" <<'RUN'
#!/usr/bin/env bash
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
exec "$here/run-dotnet" "$here/program/orca.dll" "$@"
RUN
chmod +x "$box/orca" "$box/run-dotnet"
XZ_OPT=${XZ_OPT:--T0} tar -C "$work" -cJf "$out.part" "$name"
mv "$out.part" "$out"
echo "$out: $(du -h "$out" | cut -f1); there: tar -xf $(basename "$out") && $name/orca doctor"
