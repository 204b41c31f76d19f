#!/usr/bin/env bats
# How a process ended that did not choose to: what reports say of it, and that it ended as it
# would have without us.

load helpers

setup_file() {
    # Where nobody else's `record` takes in what processes leave.
    RINGS=$(mktemp -d /dev/shm/postmortem.XXXXXX)
    export RINGS
}

teardown_file() {
    rm -rf "$RINGS"
}

CRASHES=$PROGRAMS/crashes

# line_of WAY: where it dies, as the source says.
line_of() {
    grep -nE "dies:.* $1( |$)" "$ROOT/tests/programs/crashes.c" | cut -d: -f1
}

# bare_form DIR COMMAND...: as preloaded, its rings where they are its own.
bare_form() {
    XDG_RUNTIME_DIR=$RINGS preloaded "$@"
}

# both WAY [SECONDS]: two recordings, `outside` and `inside`, of crashes.
both() {
    run record outside "$CRASHES" "$@"
    run bare_form inside "$CRASHES" "$@"
}

# death RECORDING FILTER: of the report.
death() {
    "$PROFINJECT" report --json "$1" 2>/dev/null | jq -rc ".deaths | $2"
}

# dies_as WAY NUMBER CODE ADDRESS FUNCTION [SECONDS]: both forms tell signal, code, address, and the line.
dies_as() {
    local recording told
    rm -rf outside inside
    both "$1" "${6:-0.05}"
    for recording in outside inside; do
        told=$(death $recording ".[0].fault | ([.stack[] | select(.function == \"$5\")][0]) as \$at |
            \"\(.signal) \(.code_name) \(.address) \(\$at.file | sub(\".*/\"; \"\")):\(\$at.line)\"")
        [ "$told" = "$2 $3 $4 crashes.c:$(line_of "$1")" ] || { echo "$1 $recording: $told"; return 1; }
    done
}

@test "faults: signal, code, address and the line, in both forms" {
    dies_as null 11 SEGV_MAPERR 0x10 write_to
    dies_as jump 11 SEGV_MAPERR 0x0 jump
    dies_as noncanonical 11 SI_KERNEL null fail
    dies_as raise 11 SI_TKILL null fail
    dies_as abort 6 SI_TKILL null give_up
    dies_as worker 11 SEGV_MAPERR 0x10 write_to 0.5 # both threads have a processor by then
    [ "$(death inside '.[0].fault.thread')" = unlucky ]
    [ "$(death inside '.[0].threads | map(.name) | sort | join(" ")')" = "crashes unlucky" ]
    dies_as reraise 11 SI_TKILL null write_to
}

@test "addresses that are not known beforehand are those the program itself is told" {
    both readonly 0.05
    for recording in outside inside; do
        [[ "$(death $recording '.[0].fault | "\(.code_name) \(.address)"')" == "SEGV_ACCERR 0x"*007 ]]
    done
    rm -rf outside inside
    both bus 0.05
    for recording in outside inside; do
        [[ "$(death $recording '.[0].fault | "\(.signal) \(.code_name) \(.address)"')" == "7 BUS_ADRERR 0x"*005 ]]
    done
    rm -rf outside inside
    run bare_form inside "$CRASHES" divide 0.05
    [ "$(death inside '.[0].fault | "\(.signal) \(.code_name)"')" = "8 FPE_INTDIV" ]
    rm -rf outside inside
    run record outside "$CRASHES" illegal 0.05
    [ "$(death outside '.[0].fault.signal')" = 4 ]
    rm -rf outside inside
    run record outside "$CRASHES" trap 0.05 # the address is the one behind it
    [ "$(death outside '.[0].fault | "\(.signal) \(.code_name)"')" = "5 SI_KERNEL" ]
}

@test "the stack of a crash is what gdb finds in the core" {
    [ "$(cat /proc/sys/kernel/core_pattern)" = core ] || skip "cores go elsewhere: core_pattern"
    command -v gdb || skip "no gdb"
    ulimit -c unlimited
    run bare_form inside "$CRASHES" worker 0.1
    [ -s core* ] || skip "no core is written here"
    # But for the frame shown when it begins, and our own below those of the thread.
    gdb -q -batch -ex 'bt' "$CRASHES" core* 2>gdb.err |
        sed -nE 's/^#[0-9]+ +(0x[0-9a-f]+ in )?([A-Za-z_0-9]+) \(.*/\2/p' |
        sed 1d | grep -vx run_thread >gdb.stack
    death inside '.[0].fault.stack[].function' >stack
    diff gdb.stack stack
    run gdb -q -batch -ex 'p $_siginfo.si_signo' -ex 'p $_siginfo.si_code' \
        -ex 'p $_siginfo._sifields._sigfault.si_addr' "$CRASHES" core*
    [[ "$output" == *'$1 = 11'*'$2 = 1'*'$3 = (void *) 0x10'* ]]
}

# How it ended, what it printed, and how many cores it left.
outcome() {
    local status=0 cores
    rm -f core*
    "$@" >out 2>&1 || status=$?
    cores=$(find . -name 'core*' | wc -l)
    echo "$status $cores $(cat out)"
}

@test "status, core and what the program sees are as without us" {
    ulimit -c unlimited
    for way in null jump readonly bus divide illegal trap abort raise noncanonical overflow \
        overflow_stack worker handler again reraise child vfork ask ignored blocked strict burst; do
        bare=$(outcome "$CRASHES" "$way" 0.02)
        preloaded=$(outcome bare_form "inside.$way" "$CRASHES" "$way" 0.02)
        [ "$bare" = "$preloaded" ] || { echo "$way: $bare / $preloaded"; return 1; }
    done
    for way in null abort trap child strict reraise handler; do
        bare=$(outcome "$CRASHES" "$way" 0.02)
        recorded=$(outcome record "outside.$way" "$CRASHES" "$way" 0.02)
        [ "$bare" = "$recorded" ] || { echo "$way: $bare / $recorded"; return 1; }
    done
}

@test "a program that asks finds no handler, one that inherits SIG_IGN keeps it" {
    "$CRASHES" ask >bare
    bare_form inside "$CRASHES" ask >asked
    diff bare asked
    (trap '' SEGV ABRT && exec "$CRASHES" ask) >bare
    (trap '' SEGV ABRT && bare_form other "$CRASHES" ask) >asked
    diff bare asked
    run nohup env LD_PRELOAD="$LIBRARY" PROFINJECT_OUTPUT=third PROFINJECT_QUIET=on "$CRASHES" ask
    [ "$status" -eq 0 ]
}

# A process that computes in two threads, killed by SIGNAL after a while.
kill_waiting() {
    local signal=$1
    shift
    "$@" >ready &
    until [ -s ready ]; do sleep 0.01; done
    sleep 0.4
    kill -"$signal" "$(cat ready)"
    wait $! || true
}

@test "kill -9: the last sample of every thread, and its last second" {
    kill_waiting 9 record outside "$CRASHES" wait
    [ "$(death outside '.[0] | "\(.signal_name) \(.fault)"')" = "SIGKILL null" ]
    # Without record nobody knows by which signal.
    kill_waiting 9 bare_form inside "$CRASHES" wait
    [ "$(death inside '.[0] | "\(.signal_name) \(.fault) \(.time_s)"')" = "null null null" ]
    [ "$(death inside length)" = 1 ]
    for recording in outside inside; do
        [ "$(death $recording '.[0].threads | map(.name) | sort | join(" ")')" = "crashes second" ]
        death $recording '.[0].threads[].last_stack[].function' >functions
        [ "$(grep -cx compute_on functions)" = 2 ]
        death $recording '.[0].threads[] | .last_second[0].function' >functions
        [ "$(grep -cx compute functions)" = 2 ]
        # Not more than a second, and all that was sampled in it.
        death $recording '.[0].threads[] | .last_second_cpu_ns <= 1.1e9 and
            ([.last_second[].cpu_ns] | add) == .last_second_cpu_ns' >sums
        [ "$(sort -u sums)" = true ]
    done
    run -0 "$PROFINJECT" report outside
    [[ "$output" == *"End   killed by signal 9 (Killed)"*"last samples only"*"last sample at"* ]]
    run -0 "$PROFINJECT" report inside
    [[ "$output" == *"End   ended without a word"*"as SIGKILL"* ]]
    [ "$(fact exit outside)" = "signal 9" ]
}

@test "children are told of, whosever they are, whether they crashed or were killed" {
    run record outside "$CRASHES" child 0.3
    [ "$status" -eq 3 ]
    [ "$(death outside '.[0].fault.address')" = 0x10 ]
    run -0 "$PROFINJECT" report outside
    [[ "$output" == *"was killed by signal 11"* ]]
    record killed sh -c '"$1" wait >ready & until [ -s ready ]; do sleep 0.01; done
        sleep 0.2; kill -9 $(cat ready); wait; true' sh "$CRASHES"
    if [ "$(death killed '.[0].signal')" = null ]; then
        skip "what became of others' children, this kernel does not tell (Linux 6.15)"
    fi
    [ "$(death killed '.[0] | "\(.comm) \(.signal)"')" = "crashes 9" ]
}

@test "a stack that overflowed is known by its last sample" {
    run record outside "$CRASHES" overflow 0.1
    [ "$(death outside '.[0] | "\(.signal) \(.fault)"')" = "11 null" ]
    run -0 "$PROFINJECT" report outside
    [[ "$output" == *"no room on the stack"* ]]
    rm -rf outside
    run record outside "$CRASHES" overflow_stack 0.1
    [ "$(death outside '.[0].fault.stack[0].function')" = overflow ]
}

@test "an ordinary end is no news" {
    record outside "$PROGRAMS/spin" 0.1
    run -0 "$PROFINJECT" report outside
    [[ "$output" != *"End "* ]]
    [ "$(death outside length)" = 0 ]
    run record outside2 "$CRASHES" handler 0.1
    [ "$status" -eq 7 ]
    [ "$(death outside2 length)" = 0 ]
}

@test "killed for want of memory: the report says so, and what memory was before" {
    group=/sys/fs/cgroup/memory/profinject-$$
    limit=memory.limit_in_bytes
    [ -d /sys/fs/cgroup/memory ] || { group=/sys/fs/cgroup/profinject-$$; limit=memory.max; }
    mkdir "$group" 2>/dev/null && [ -w "$group/$limit" ] && echo 64M >"$group/$limit" ||
        { rmdir "$group" || true; skip "no group with a limit of memory can be made here"; }
    # shellcheck disable=SC2016
    status=0
    sh -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' sh "$group" \
        "$PROFINJECT" record -q -o outside -- "$CRASHES" eat || status=$?
    rmdir "$group"
    [ "$status" -eq 137 ]
    [[ "$(death outside '.[0].oom_kill')" == *oom_kill* || "$(death outside '.[0].oom_kill')" == *"ut of memory"* ]]
    run -0 "$PROFINJECT" report outside
    [[ "$output" == *"killed by signal 9"*"for want of memory"*"Its memory before"*"live heap"* ]]
}

@test "both readers agree on deaths" {
    run record outside "$CRASHES" worker 0.2
    run bare_form inside "$CRASHES" abort 0.2
    "$PROFINJECT" info inside >/dev/null 2>&1 # takes it in
    run -0 python3 "$ROOT/tests/reader/compare.py" "$PROGRAMS/tell_records" outside/*.pinj inside/*.pinj
    jq -e '.death == 2 and .end == 2 and .unknown == null and .damage == null' <<<"$output"
}
