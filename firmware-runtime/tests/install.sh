#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Uses the runtime as a C programmer would, on a model and answers of the project: the examples, an
# installation with pkg-config and with CMake, and an Arduino library: install.sh NNQ
set -euo pipefail
nnq=$(realpath "$1")
cd "$(dirname "$0")/.."
model=../models/motor-fault
work=$(mktemp -d "${TMPDIR:-/tmp}/nnq-install-XXXXXX")
trap 'rm -rf "$work"' EXIT
strict=(-pedantic -Wall -Wextra -Wconversion -Wshadow -Werror -O2)

"$nnq" export "$model/model.int8.bin" --to c -o "$work/motor.c" --quiet >"$work/log"
"$nnq" export "$model/model.int8.bin" --to image -o "$work/image" --quiet >>"$work/log"
# Counts and the index of the answer, whose names the header holds in the order of the outputs.
labels=$(sed -n '/motor_labels/,/}/s/^  "\(.*\)",$/\1/p' "$work/motor.c" | paste -sd,)
awk -F, -v labels="$labels" -v counts="$work/counts" 'BEGIN { n = split(labels, name, ",") }
  NR > 1 { for (i = 1; i <= 22; i++) printf "%s ", $i >counts
           for (i = 1; i <= n; i++) if (name[i] == $24) print i - 1 }' \
  "$model/golden-counts.csv" >"$work/expected"
expect() { # NAME PROGRAM...: its answers are the model's
  "${@:2}" <"$work/counts" >"$work/found" || { echo "install: $1 failed" >&2; exit 1; }
  cmp -s "$work/found" "$work/expected" || { echo "install: $1 answers something else" >&2; exit 1; }
  echo "$1: ok, $(wc -l <"$work/found") answers"
}
[ "$(wc -l <"$work/expected")" -gt 0 ] || { echo "install: there are no answers" >&2; exit 1; }

for example in bare_metal task; do
  gcc -std=c99 "${strict[@]}" $([ $example = task ] && echo -DTASK) -Iinclude -I"$work" \
    -o "$work/$example" examples/$example.c tests/examples/board.c "$work/motor.c" src/*.c
  expect "$example" "$work/$example"
done

make -s install BUILD="$work/build" PREFIX="$work/usr"
export PKG_CONFIG_PATH=$work/usr/lib/pkgconfig
gcc -std=c11 "${strict[@]}" -o "$work/daemon" examples/linux_daemon.c \
  $(pkg-config --cflags --libs nnq)
expect 'pkg-config and linux_daemon' "$work/daemon" "$work/image"

# A model that is none, and a word where a count should be.
if "$work/daemon" "$work/motor.c" <"$work/counts" 2>"$work/said"; then exit 1; fi
grep -qx magic "$work/said"
if "$work/daemon" "$work/image" <<<'1 2 three' 2>"$work/said"; then exit 1; fi
grep -qx 'not a row of counts' "$work/said"

version=$(pkg-config --modversion nnq)
[ "$("$nnq" --version | grep -o '[0-9.]*$')" = "$version" ] ||
  { echo "install: library.properties says $version, $("$nnq" --version) is built" >&2; exit 1; }

if command -v cmake >/dev/null; then
  cmake -S . -B "$work/cmake" -DCMAKE_INSTALL_PREFIX="$work/cmake-usr" -DCMAKE_BUILD_TYPE=Release \
    >>"$work/log"
  cmake --build "$work/cmake" --target install >>"$work/log"
  cmake -S tests/examples -B "$work/consumer" -DCMAKE_PREFIX_PATH="$work/cmake-usr" >>"$work/log"
  cmake --build "$work/consumer" >>"$work/log"
  expect 'CMake and linux_daemon' "$work/consumer/daemon" "$work/image"
else
  echo "cmake is not there"
fi

# The IDE compiles src/ with src/ as its only include path, in its own dialect.
gcc -std=gnu11 -Isrc -fsyntax-only src/*.c
clang++ -std=gnu++17 -Isrc -fsyntax-only -x c++ - <<<'#include <nnq.h>' 2>"$work/log" ||
  { cat "$work/log" >&2; exit 1; }
echo 'Arduino: ok'
