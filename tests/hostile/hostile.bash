# What the rows of the hostile-process matrix share: a target runs bare, then injected
# under every clock, and must not be able to tell. `load hostile` at the top, nothing else.
# HOSTILE_ROUNDS repeats every comparison, HOSTILE_CLOCKS chooses the clocks.
# shellcheck shell=bash

load ../commands/helpers

ROUNDS=${HOSTILE_ROUNDS:-1}
CLOCKS=${HOSTILE_CLOCKS:-cpu perf}

# injected CLOCK DIR COMMAND...: by the bare form, nothing silenced.
injected() {
    local clock=$1 directory=$2
    shift 2
    env LD_PRELOAD="$LIBRARY" PROFINJECT_OUTPUT="$directory" PROFINJECT_CLOCK="$clock" \
        PROFINJECT_FREQUENCY=1000 "$@"
}

# True when this machine lets us use the clock; else says why not, once a test.
clock_works() {
    local clock=$1
    [ "$clock" != cpu ] || return 0
    if [ ! -e "has_$clock" ]; then
        injected "$clock" "$PWD/try_$clock" "$PROGRAMS/spin" >/dev/null 2>&1 || true
        fact clock "$PWD/try_$clock" >"has_$clock" 2>/dev/null || true
    fi
    grep -qx "$clock" "has_$clock" || { echo "# clock $clock is not available here" >&3; return 1; }
}

# as_bare COMMAND...: stdout, stderr and exit status are the same with and without the
# library, and a trace is left that can be read. Leaves recordings CLOCK.ROUND.
as_bare() {
    local status=0 got clock round
    "$@" >bare.out 2>bare.err </dev/null || status=$?
    for clock in $CLOCKS; do
        clock_works "$clock" || continue
        for round in $(seq "$ROUNDS"); do
            got=0
            injected "$clock" "$PWD/$clock.$round" "$@" >got.out 2>got.err </dev/null || got=$?
            if [ "$got" -ne "$status" ] || ! cmp bare.out got.out || ! cmp bare.err got.err; then
                echo "clock $clock, round $round: status $got, bare $status" && diff bare.out got.out
                diff bare.err got.err
                return 1
            fi
            "$PROFINJECT" info "$clock.$round" >info.txt
        done
    done
}
