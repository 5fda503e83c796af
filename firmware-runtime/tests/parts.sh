#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# parts.sh PART ...: what each part that can be left out takes, in bytes of code and constants, with
# arm-none-eabi-gcc -Os. Run by `make parts`.
set -eu

flags='-mthumb -std=c99 -Os -ffreestanding -ffunction-sections -fdata-sections'
flags="$flags -fno-asynchronous-unwind-tables -fcallgraph-info=su -Iinclude"
build=${BUILD:-.build}/parts

# compile CPU OPTION ...: every source, into a clean folder.
compile() {
  folder=$build/$1
  cpu=$1
  shift
  rm -rf "$folder"
  mkdir -p "$folder"
  for source in src/*.c; do
    object=$folder/$(basename "$source" .c).o
    # shellcheck disable=SC2086
    arm-none-eabi-gcc $flags -mcpu="$cpu" "$@" -c -o "$object" "$source"
  done
}

# whole: the bytes of all objects; data and bss must be empty.
whole() {
  arm-none-eabi-size "$folder"/*.o | awk '
    NR > 1 { text += $1; writable += $2 + $3 }
    END { if (writable) { print "writable data" > "/dev/stderr"; exit 1 } print text }'
}

# linked FUNCTION ...: the bytes that a program takes which calls these, with what the compiler's
# own library adds on this CPU.
linked() {
  entry=$folder/entry
  { echo '#include "nnq.h"'
    echo 'void _start(void);'
    echo 'void *volatile entries[8];'
    echo 'void _start(void) {'
    for function in "$@"; do echo "  entries[0] = (void *)(uintptr_t)$function;"; done
    echo '}'; } > "$entry.c"
  # shellcheck disable=SC2086
  arm-none-eabi-gcc $flags -mcpu="$cpu" -nostdlib -Wl,--gc-sections -o "$entry.elf" "$entry.c" \
    "$folder"/*.o -lgcc
  arm-none-eabi-nm -S "$entry.elf" | awk '$4 == "_start" { print $2 }' > "$entry.start"
  text=$(arm-none-eabi-size "$entry.elf" | awk 'NR == 2 { print $1 }')
  echo $((text - 0x$(cat "$entry.start")))
}

# stack: the deepest chain of calls from nnq_load() or nnq_run(), in bytes of stack frames; the
# compiler's own library is not counted.
stack() {
  cat "$folder"/*.ci | awk -F '"' '
    function depth(name, at, deepest, below) {
      deepest = 0
      for (at = 1; at <= calls[name]; at++) {
        below = depth(called[name, at])
        if (below > deepest) deepest = below
      }
      return frame[name] + deepest
    }
    /^node:/ && match($4, /[0-9]+ bytes/) { frame[$2] = substr($4, RSTART, RLENGTH) + 0 }
    /^edge:/ { called[$2, ++calls[$2]] = $4 }
    END {
      load = depth("nnq_load")
      run = depth("nnq_run")
      print (load > run ? load : run)
    }'
}

echo '| build | Cortex-M0 | Cortex-M4 |'
echo '|---|---|---|'
row() {
  what=$1
  shift
  compile cortex-m0 "$@"
  m0=$(whole)
  m0_load=$(linked nnq_load nnq_run)
  m0_stack=$(stack)
  m0_run=$(linked nnq_run)
  compile cortex-m4 "$@"
  m4=$(whole)
  m4_load=$(linked nnq_load nnq_run)
  m4_stack=$(stack)
  m4_run=$(linked nnq_run)
  echo "| $what: all files | $m0 | $m4 |"
  echo "| $what: linked, \`nnq_load()\` and \`nnq_run()\` | $m0_load | $m4_load |"
  echo "| $what: linked, \`nnq_run()\` alone | $m0_run | $m4_run |"
  echo "| $what: most stack of those | $m0_stack | $m4_stack |"
}
row everything
full_m0=$m0
full_m4=$m4
full_m0_load=$m0_load
full_m4_load=$m4_load
row '`NNQ_MINIMAL`' -DNNQ_MINIMAL

echo
echo '| left out alone | M0, all files | M0, linked | M4, all files | M4, linked |'
echo '|---|---|---|---|---|'
for part in "$@"; do
  if [ "$part" = SIMD ]; then continue; fi # empty here
  compile cortex-m0 "-DNNQ_NO_$part"
  m0=$(($(whole) - full_m0))
  m0_load=$(($(linked nnq_load nnq_run) - full_m0_load))
  compile cortex-m4 "-DNNQ_NO_$part"
  m4=$(($(whole) - full_m4))
  m4_load=$(($(linked nnq_load nnq_run) - full_m4_load))
  echo "| \`NNQ_NO_$part\` | $m0 | $m0_load | $m4 | $m4_load |"
done
