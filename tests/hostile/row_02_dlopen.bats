#!/usr/bin/env bats
# Libraries that come and go, at one address after the other: the loader's lock is never
# wanted by the handler, and rules of a library do not outlive it.

load hostile

@test "row 2: libraries loaded and unloaded in 1000 rounds while threads allocate" {
    as_bare timeout -k 1 120 "$PROGRAMS/reload" "$PROGRAMS/reload_one_plugin.so" \
        "$PROGRAMS/reload_two_plugin.so" 1000 400
    [ "$(cat bare.out)" = done ]
    all_complete 99 cpu.1
    # Both are named after they are gone, and what called them too, down to main.
    "$PROFINJECT" folded cpu.1 >folded.txt
    cut -c -200 folded.txt
    grep -qE '(^|;)main;reload_once;(reload_run;){11}one_works' folded.txt
    grep -qE '(^|;)main;reload_once;reload_run;(two_descends;?){6}' folded.txt
    # A stack of one library has no frame of the other.
    ! grep 'one_works' folded.txt | grep two_descends
}
