# What every command test shares: where things are, and a directory of its own
# for each test. `load helpers` at the top of a .bats file, nothing else.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD=$ROOT/$BUILD ;; esac
PROFINJECT=$BUILD/profinject
LIBRARY=$BUILD/libprofinject.so
PROGRAMS=$BUILD/programs
CHECKS=$ROOT/tests/commands
export ROOT BUILD PROFINJECT LIBRARY PROGRAMS CHECKS PYTHONDONTWRITEBYTECODE=1

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    # No test depends on what its caller happens to have set.
    unset "${!PROFINJECT_@}" LD_PRELOAD
    export XDG_CACHE_HOME=$BATS_FILE_TMPDIR/cache # nor leaves anything with him
}

# record DIR COMMAND...: profiles COMMAND quietly; its stdout is left alone.
record() {
    local directory=$1
    shift
    "$PROFINJECT" record --quiet --output "$directory" -- "$@"
}

# preloaded DIR COMMAND...: the same by the bare form.
preloaded() {
    local directory=$1
    shift
    env LD_PRELOAD="$LIBRARY" PROFINJECT_OUTPUT="$directory" PROFINJECT_QUIET=on "$@"
}

# fact NAME RECORDING...: one value of `info --json`.
fact() {
    local name=$1
    shift
    "$PROFINJECT" info --json "$@" | jq -r ".$name"
}

# sampled RECORDING...: milliseconds of CPU time that samples stand for. On a busy machine
# a stack stands for more of them.
sampled() {
    fact 'sampled_ns / 1e6 | floor' "$@"
}

# busy: true while more run than there are processors, for tests of what our thread does
# in time: on such a machine it may not even have begun.
busy() {
    awk -v cpus="$(nproc)" '{ split($4, n, "/"); exit n[1] <= cpus && $1 <= cpus }' /proc/loadavg
}

# computes PID MS: waits until the process has used so much CPU time more, or is gone.
computes() {
    local enough=$(($(ticks_of "$1") + $2 / 10))
    while kill -0 "$1" 2>/dev/null && [ "$(ticks_of "$1")" -lt "$enough" ]; do sleep 0.02; done
}

# ticks_of PID: its CPU time so far, in ticks of 10 ms.
ticks_of() {
    awk '{ print $14 + $15 }' "/proc/$1/stat" 2>/dev/null || echo 0
}
