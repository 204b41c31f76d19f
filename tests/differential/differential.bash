# What the differential tests share: a program under differ.so, or under differ.so and gdb,
# must show no difference between the ways to take a stack.
# shellcheck shell=bash

# Builds differ.so in the current directory, or skips.
build_differ() {
    [ -e "$BUILD/obj/library.a" ] || skip "no $BUILD/obj/library.a: make unit"
    gcc -std=gnu11 -D_GNU_SOURCE "-I$ROOT" -O2 -g -fPIC -shared -fvisibility=hidden -o differ.so \
        "$ROOT/tests/differential/differ.c" "$BUILD/obj/library.a" -l:libzstd.a -Wl,--exclude-libs,ALL
}

# all_agree STOPS COMMAND...: at that many stops and at each of the instructions after them.
# Whole are all but stacks in assembly without tables (libgmp's), and those at the last twelve
# instructions of a throw in libgcc, which write over the frame its tables still describe.
all_agree() {
    local stops=$1
    shift
    rm -f differ.out
    timeout -k 1 120 env DIFFER_OUTPUT="$PWD/differ.out" DIFFER_INTERVAL_US=2000 DIFFER_STEPS=20 \
        LD_PRELOAD="$PWD/differ.so" "$@" >/dev/null 2>differ.err </dev/null ||
        { echo "$*: status $?" && cat differ.err && return 1; }
    cat differ.out
    grep '^{' differ.out | jq -e --argjson stops "$stops" --arg program "$(basename "$1")" '
        (.program as $seen | $program | startswith($seen)) and .stops >= $stops and
        .differ == {reuse: 0, states: 0, tables: 0} and .incomplete <= .compared / 100 and
        .frames_reused > .frames / 4 and
        (.frames_by_states == 0 or .frames_by_states > .frames / 20)'
}

# gdb_agrees CHECKPOINTS COMMAND...: gdb's own unwinder sees the same stack.
gdb_agrees() {
    local stops=$1
    shift
    command -v gdb >/dev/null || skip "no gdb"
    rm -f report
    DIFFER_WRAP="LD_PRELOAD=$PWD/differ.so DIFFER_OUTPUT=$PWD/gdb.out DIFFER_CHECKPOINT=7 DIFFER_INTERVAL_US=3000" \
        DIFFER_REPORT="$PWD/report" DIFFER_STOPS="$stops" timeout -k 1 120 \
        gdb -batch -nx -iex 'set debuginfod enabled off' -x "$ROOT/tests/differential/gdb_compare.py" \
        --args "$@" >gdb.log 2>&1 </dev/null || true
    [ -e report ] || { grep -q 'ptrace\|not permitted' gdb.log && skip "gdb may not trace: $(tail -n 1 gdb.log)"; }
    cat report
    grep -qE "^checkpoints $stops frames [0-9]+ differ 0$" report
}
