#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the verifier with mbedTLS on an image that openssl signs: adapters.sh PROGRAM IMAGE
set -euo pipefail
program=$1
image=$2
work=$(mktemp -d -t nnq-adapters-XXXXXX)
trap 'rm -rf "$work"' EXIT
for name in maker stranger; do
  openssl ecparam -name prime256v1 -genkey -noout -out "$work/$name.key"
  openssl ec -in "$work/$name.key" -pubout -out "$work/$name.pub" 2>"$work/log"
done
openssl dgst -sha256 -sign "$work/maker.key" -out "$work/signature" "$image"
expect() { # WORD EXIT_CODE ARGUMENTS...
  local word=$1 code=$2 found=0 said
  shift 2
  said=$("$program" "$@") || found=$?
  [ "$said" = "$word" ] && [ "$found" = "$code" ] && return
  echo "adapters: \"$said\" ($found) where \"$word\" ($code) was expected" >&2
  exit 1
}
expect ok 0 "$image" "$work/signature" "$work/maker.pub"
expect signature 1 "$image" "$work/signature" "$work/stranger.pub"
{ head -c -1 "$image"; printf x; } >"$work/changed"
expect signature 1 "$work/changed" "$work/signature" "$work/maker.pub"
echo "mbedTLS: ok"
