#!/usr/bin/env bats
# Where the recording cannot be written, or no further: the program has its output and its
# exit status as without us, one line says why, and what was written before is readable.

load helpers

PHASES=$PROGRAMS/phases
export PHASES

# What runs in both forms, in the current directory, with a recording in the variable `recording`.
run_forms() {
    for form in record preloaded; do
        rm -rf "$recording" out err
        "$form" "$recording" bash -c '"$PHASES" 900000 20000; exit 5' >out 2>err && status=0 || status=$?
        "$@"
    done
}

unaffected() {
    [ "$status" -eq 5 ]
    [ "$(cat out)" = $'a\nb' ]
    cat err
    [ ! -s err ]
}

# stopped_for REASON: and only the one program that wrote much says so.
stopped_for() {
    unaffected
    cat "$recording/messages"
    "$PROFINJECT" info "$recording" >/dev/null 2>&1 # which takes in what it can
    [ "$(grep -c "$1" "$recording/messages")" -eq 1 ]
    [ "$(wc -l <"$recording/messages")" -eq 1 ]
    [ "$(fact 'chunks > 0 and .chunks_damaged == 0' "$recording")" = true ]
    "$PROFINJECT" folded --metric alloc-count "$recording" 2>/dev/null | grep -q phase_a
    [ "$("$PROFINJECT" report --json "$recording" 2>/dev/null | jq -c '[.deaths[]?]')" = "[]" ]
}

# Both forms on a file system of 1 MiB.
fill_the_disk() {
    [ "$(id -u)" -eq 0 ] || skip "needs root to mount a small file system"
    unshare -m true 2>/dev/null || skip "no mount namespace here"
    mkdir small
    # shellcheck disable=SC2030
    export recording=small/recording PROFINJECT_HEAP=exact PROFINJECT_ONLY=phases
    export -f run_forms unaffected stopped_for record preloaded fact
    run unshare -m bash -ec 'mount -t tmpfs -o size=1m none small; run_forms stopped_for "No space left on device"'
    echo "$output"
    [ "$status" -eq 0 ]
}

@test "a full disk" {
    fill_the_disk
}

@test "a full disk while it rotates, of which others take all" {
    export PROFINJECT_MAX_SIZE=4M PROFINJECT_ROTATE=on
    fill_the_disk
}

# The forms below with writes that do what WRITES says.
writes_are_others() {
    preloaded() {
        env LD_PRELOAD="$LIBRARY:$PROGRAMS/writes_preload_other.so" PROFINJECT_OUTPUT="$1" PROFINJECT_QUIET=on "${@:2}"
    }
    record() {
        LD_PRELOAD=$PROGRAMS/writes_preload_other.so "$PROFINJECT" record --quiet --output "$1" -- "${@:2}"
    }
}

@test "a quota that is used up" {
    # shellcheck disable=SC2031
    export recording=recording PROFINJECT_HEAP=exact WRITES=quota
    writes_are_others
    run_forms stopped_for "Disk quota exceeded"
}

@test "writes that do a part, or are interrupted: the trace is whole" {
    export recording=recording PROFINJECT_HEAP=exact WRITES=short
    writes_are_others
    whole() {
        unaffected
        [ ! -s recording/messages ]
        "$PROFINJECT" folded --metric alloc-count recording 2>/dev/null | awk '
            /phase_a [0-9]+$/ { a += $NF } /phase_b [0-9]+$/ { b += $NF } END { exit !(a == 900000 && b == 20000) }'
    }
    run_forms whole
}

@test "files of at most 100 KiB: the keeper stops there, a process that has that limit runs on without us" {
    export recording=recording PROFINJECT_HEAP=exact PROFINJECT_ONLY=phases
    record() {
        (ulimit -S -f 100 && exec "$PROFINJECT" record --quiet --output "$1" -- bash -c 'ulimit -S -f unlimited; "$@"' - "${@:2}")
    }
    record recording bash -c '"$PHASES" 400000 20000; exit 5' >out 2>err && status=0 || status=$?
    stopped_for "File too large"
    unset PROFINJECT_ONLY
    run -5 --separate-stderr bash -c 'ulimit -f 100
        LD_PRELOAD=$LIBRARY PROFINJECT_OUTPUT=other bash -c "\"$PHASES\" 400000 20000; exit 5"'
    [ "$output" = $'a\nb' ]
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ "$stderr" == *"File too large"* ]]
}

@test "8 descriptors: nothing is missing, also where the trace rotates" {
    export recording=recording PROFINJECT_HEAP=exact PROFINJECT_MAX_SIZE=1M PROFINJECT_ROTATE=on
    record() { "$PROFINJECT" record --quiet --output "$1" -- bash -c 'ulimit -n 8; exec "$@"' - "${@:2}"; }
    preloaded() {
        (ulimit -n 8 && exec env LD_PRELOAD="$LIBRARY" PROFINJECT_OUTPUT="$1" PROFINJECT_QUIET=on "${@:2}")
    }
    newest_is_whole() {
        unaffected
        [ ! -s recording/messages ]
        "$PROFINJECT" folded --metric alloc-count recording 2>/dev/null |
            awk '/phase_b/ { b += $NF } END { exit b != 20000 }'
    }
    run_forms newest_is_whole
}

@test "the recording's directory is removed while it is written, also where the trace rotates" {
    export recording=recording PROFINJECT_HEAP=exact
    gone() {
        [ "$status" -eq 5 ]
        [ "$(cat out)" = $'a\nb' ]
        [ ! -e recording ]
        [ "$(wc -l <err)" -le 1 ]
    }
    record() { "$PROFINJECT" record --output "$1" -- "${@:2}"; }
    for size in none 1M; do
        export PROFINJECT_MAX_SIZE=$size PROFINJECT_ROTATE=off
        [ "$size" = none ] || PROFINJECT_ROTATE=on
        for form in record preloaded; do
            "$form" recording bash -c 'until rm -rf recording 2>/dev/null; do :; done; "$PHASES" 400000 20000; exit 5' >out 2>err && status=0 || status=$?
            cat err
            gone
        done
    done
}

@test "a directory, or a file system, that is read-only: record says so before, the bare form runs on" {
    [ "$(id -u)" -eq 0 ] || skip "needs root to mount a small file system"
    unshare -m true 2>/dev/null || skip "no mount namespace here"
    mkdir closed
    # shellcheck disable=SC2016
    run -0 --separate-stderr unshare -m bash -c 'mount -t tmpfs -o ro none closed || exit 3
        "$PROFINJECT" record -o closed/r -- true; [ $? -eq 125 ] || exit 4
        LD_PRELOAD=$LIBRARY PROFINJECT_OUTPUT=closed/r "$PHASES" 100'
    [ "$output" = a ]
    [ "${#stderr_lines[@]}" -eq 2 ]
    [[ "${stderr_lines[0]}" == "profinject record: "*"Read-only file system"* ]]
    [[ "${stderr_lines[1]}" == *"Read-only file system"* ]]
}
