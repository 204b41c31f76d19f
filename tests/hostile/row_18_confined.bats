#!/usr/bin/env bats
# Row 18: the target runs under a seccomp filter that kills.

load hostile

@test "row 18: a filter that kills timer_create stops the profiling, not the target" {
    run -0 "$PROGRAMS/confined" /usr/bin/env LD_PRELOAD="$LIBRARY" PROFINJECT_OUTPUT="$PWD/r" \
        "$PROGRAMS/spin" 0.05
    [[ $output = *"seccomp"* ]]
    run -0 "$PROFINJECT" record -o told -- "$PROGRAMS/confined" "$PROGRAMS/spin" 0.05
    grep -q seccomp told/messages
}

@test "row 18: under a filter that kills perf_event_open it is not called" {
    run -0 "$PROGRAMS/confined" -p /usr/bin/env LD_PRELOAD="$LIBRARY" PROFINJECT_OUTPUT="$PWD/r" \
        PROFINJECT_CLOCK=perf "$PROGRAMS/spin" 0.05
    grep -q 'seccomp filter kills on perf_event_open; using cpu' r/messages
    [ "$(fact samples r)" -gt 0 ]
}

@test "row 18: a filter the target puts on itself never kills it for what we do" {
    for way in prctl seccomp tsync bare; do
        rm -rf cpu.* perf.*
        as_bare "$PROGRAMS/confine_self" "$way" || { echo "$way"; return 1; }
        [ "$(cat got.out)" = $'unshare: 0\nchild: 4' ]
        grep -q 'put a seccomp filter on itself' cpu.1/messages
        [ "$(fact samples cpu.1)" -gt 0 ]
    done
}

# sanitized KIND: the spinning program with that sanitizer, or the test is skipped.
sanitized() {
    cc "-fsanitize=$1" -g -I"$ROOT" -o "$1" "$ROOT/tests/programs/spin.c" -lm 2>cc.err ||
        skip "no $1 sanitizer: $(tail -n 1 cc.err)"
    ./"$1" 0.05 || skip "the $1 sanitizer does not run here"
}

@test "row 18: the address sanitizer finds its runtime first under record" {
    sanitized address
    run -0 --separate-stderr "$PROFINJECT" record -q -o r -- ./address 0.1
    [ -z "$stderr" ]
    [ "$(fact samples r)" -gt 0 ]
}

@test "row 18: the thread sanitizer has nothing to report" {
    sanitized thread
    run -0 --separate-stderr "$PROFINJECT" record -q -o r -- ./thread 0.1
    [ -z "$stderr" ]
    [ "$(fact samples r)" -gt 0 ]
}

@test "row 18: under gdb, strace and valgrind the target ends as bare" {
    for tool in "gdb -q -batch -ex run --args" "strace -f -o calls" "valgrind -q"; do
        command -v "${tool%% *}" >/dev/null || { echo "# no ${tool%% *} here" >&3; continue; }
        # shellcheck disable=SC2086
        run -0 injected cpu "$PWD/r.${tool%% *}" timeout 300 $tool "$PROGRAMS/spin" 0.1
        [ "$("$PROFINJECT" info --json r.* | jq .samples)" -gt 0 ]
    done
}
