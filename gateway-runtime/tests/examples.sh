#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the example daemons with a signed model: examples.sh NNQ [FOLDER of the daemons]
set -euo pipefail
cd "$(dirname "$0")/.."
nnq=$1
built=${2:-.build}
model=$PWD/../models/motor-fault/model.int8.bin
work=$(mktemp -d "${TMPDIR:-/tmp}/nnq-examples-XXXXXX")
trap 'rm -rf "$work"' EXIT
export work nnq
"$nnq" export "$model" --to image -o "$work/image" >"$work/log"
"$nnq" keygen -o "$work/maker" >>"$work/log"
"$nnq" keygen -o "$work/stranger" >>"$work/log"
sign() { "$nnq" sign "$work/image" --key "$work/$1.key" --class "$2" --model-version "$3" -o "$work/image.sig" --force >>"$work/log" 2>&1; }

codes=$(printf '0 %.0s' $(seq 22))
for daemon in daemon-c daemon-swift; do
  [ -x "$built/$daemon" ] || continue
  sign maker motor 1
  coproc RUN { "$built/$daemon" "$work/image" "$work/image.sig" "$(cut -d' ' -f2 "$work/maker.pub")"; }
  told() { # what the daemon says next must be this
    read -r -t 20 line <&"${RUN[0]}" || line=nothing
    [[ "$line" == $1 ]] || { echo "$daemon: \"$line\" where \"$1\" was expected" >&2; exit 1; }
  }
  say() { echo "$1" >&"${RUN[1]}"; }
  told 'model: ok'
  say "$codes"; told 'class ?, model 1'
  say '1 2 3'; told 'no answer'
  # Another class, another key: refused, and the old model answers.
  sign maker pump 2; say reload; told 'model: signature'
  sign stranger motor 2; say reload; told 'model: signature'
  say "$codes"; told 'class ?, model 1'
  sign maker motor 2; say reload; told 'model: ok'
  say "$codes"; told 'class ?, model 2'
  pid=$RUN_PID
  eval "exec ${RUN[1]}>&-"
  wait "$pid"
  echo "$daemon: ok"
done
