# What the rows of the hostile-process matrix share: a target runs bare, then injected
# under every clock, and must not be able to tell. `load hostile` at the top, nothing else.
# HOSTILE_ROUNDS repeats every comparison (where there is one per mode of the heap, all of them
# together so often), HOSTILE_CLOCKS chooses the clocks, HOSTILE_HEAP the mode of the heap; without
# it in_heap_modes goes through those that matter, and all else has the default. With HOSTILE_FORM
# `record` targets run under it, else with the library preloaded alone. A test sets
# HOSTILE_PRELOAD to libraries that stand behind ours, and alone in the bare run. What went well
# is noted in the file HOSTILE_RESULTS, for the table.
# shellcheck shell=bash

load ../commands/helpers

ROUNDS=${HOSTILE_ROUNDS:-1}
CLOCKS=${HOSTILE_CLOCKS:-cpu perf}
HOSTILE_HEAP=${HOSTILE_HEAP-}
HEAPS=${HOSTILE_HEAP:-counters sampled exact}
HOSTILE_PRELOAD=
FORM=${HOSTILE_FORM:-bare}

# injected CLOCK DIR COMMAND...: by the form that HOSTILE_FORM says, nothing of ours silenced.
injected() {
    local clock=$1 directory=$2 form
    shift 2
    form=(LD_PRELOAD="$LIBRARY${HOSTILE_PRELOAD:+:$HOSTILE_PRELOAD}" PROFINJECT_OUTPUT="$directory")
    [ "$FORM" = bare ] || form=("$PROFINJECT" record --quiet --force --output "$directory" --
        ${HOSTILE_PRELOAD:+env LD_PRELOAD="$HOSTILE_PRELOAD"})
    unheard env PROFINJECT_CLOCK="$clock" PROFINJECT_FREQUENCY=1000 \
        ${HOSTILE_HEAP:+PROFINJECT_HEAP="$HOSTILE_HEAP" PROFINJECT_HEAP_INTERVAL=16K} "${form[@]}" "$@"
}

# bare COMMAND...: what an injected run is compared with.
bare() {
    unheard env ${HOSTILE_PRELOAD:+LD_PRELOAD="$HOSTILE_PRELOAD"} "$@"
}

# Runs a command without the shell's own remark on stderr when a signal ends it.
unheard() {
    { (exec "$@" 2>&9 9>&-); } 9>&2 2>/dev/null
}

# True when this machine lets us use the clock; else says why not, once a test.
clock_works() {
    local clock=$1
    [ "$clock" != cpu ] || return 0
    if [ ! -e "has_$clock" ]; then
        HOSTILE_PRELOAD='' injected "$clock" "$PWD/try_$clock" "$PROGRAMS/spin" 0.1 >/dev/null 2>&1 || true
        fact clock "$PWD/try_$clock" >"has_$clock" 2>/dev/null || true
        grep -qx "$clock" "has_$clock" || echo "# clock $clock is not available here" >&3
    fi
    grep -qx "$clock" "has_$clock"
}

# in_heap_modes COMMAND...: a function of ours in every mode of the heap there is, each in a
# directory named after it.
in_heap_modes() {
    local mode here=$PWD given=$HOSTILE_HEAP count
    count=$(wc -w <<<"$HEAPS")
    local ROUNDS=$(((ROUNDS + count - 1) / count))
    for mode in $HEAPS; do
        if ! "$PROFINJECT" record --quiet --heap "$mode" --force -o try_heap -- true 2>try_heap.err; then
            echo "# heap $mode is not available here" >&3
            continue
        fi
        mkdir -p "$mode" && cd "$mode" || return 1
        HOSTILE_HEAP=$mode
        echo "heap $mode" # not after it: a function that is asked whether it failed goes on
        "$@"
        HOSTILE_HEAP=$given
        cd "$here" || return 1
    done
}

# note KIND VALUE...: a line for the table about the test that runs.
note() {
    [ -z "${HOSTILE_RESULTS-}" ] || (IFS=$'\t' && echo "$BATS_TEST_DESCRIPTION"$'\t'"$*") >>"$HOSTILE_RESULTS"
}

# limited TEXT: says in the table what of the row is lost or limited.
limited() {
    note limit "$1"
}

# as_bare COMMAND...: stdout, stderr and exit status are the same with and without the
# library, and a trace is left that can be read. Leaves the first round's recordings, CLOCK.1.
as_bare() {
    local status=0 clock
    # By way of cat, which waits for all who write: the target may leave a daemon behind.
    bare "$@" 2>bare.err </dev/null | cat >bare.out
    status=${PIPESTATUS[0]}
    for clock in $CLOCKS; do
        clock_works "$clock" || continue
        for round in $(seq "$ROUNDS"); do
            once_as_bare "$status" "$clock" "$round" "$@" || return 1
        done
    done
}

# once_as_bare STATUS CLOCK ROUND COMMAND...: one comparison.
once_as_bare() {
    local status=$1 clock=$2 round=$3 got=0
    shift 3
    injected "$clock" "$PWD/$clock.$round" "$@" 2>got.err </dev/null | cat >got.out
    got=${PIPESTATUS[0]}
    if [ "$got" -ne "$status" ] || ! cmp bare.out got.out || ! cmp bare.err got.err; then
        echo "clock $clock, round $round: status $got, bare $status" && diff bare.out got.out
        diff bare.err got.err
        return 1
    fi
    "$PROFINJECT" info --json "$clock.$round" >info.json || return 1
    note run "$clock" "$(jq -r .samples info.json)" "$(jq -r .lost info.json)" "${HOSTILE_HEAP:-sampled}"
    # One is looked at by the test; of many threads' events a hundred would fill the disk.
    [ "$round" -eq 1 ] || rm -rf "$clock.$round"
}

# nothing_left RECORDING PROGRAM: no ring file of that program's processes is left behind.
nothing_left() {
    local rings id trace pid
    rings=$(sed -n 's/^rings=//p' "$1/manifest")
    id=$(sed -n 's/^id=//p' "$1/manifest")
    for trace in "$1/$2".*.pinj; do
        pid=${trace%.pinj} && pid=${pid##*.}
        ! ls "$rings"/*"$id.$pid.ring" 2>/dev/null || return 1
    done
}

# all_complete PERCENT RECORDING...: that part of all stacks reaches its root with no
# guessed frame, and nothing is lost.
all_complete() {
    local percent=$1
    shift
    run -0 "$PROFINJECT" info --json "$@"
    echo "$output"
    echo "$output" | jq -e --argjson percent "$percent" '
        .samples > 0 and .lost == 0 and
        (.truncated + .guessed + (.broken // 0)) <= .samples * (100 - $percent) / 100'
}
