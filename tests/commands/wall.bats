#!/usr/bin/env bats
# The wall clock: programs that know where their threads wait, and for how long.
# Alone: where threads are on and off the processor depends on what else runs.

load helpers

# Where the kernel does not tell where threads wait there is nothing to test.
needs_proc() {
    [ -r /proc/self/syscall ] || skip "no /proc/PID/syscall in this kernel"
}

# waiters_agree PROGRAM ARGUMENT...: records it and compares with what it measured.
waiters_agree() {
    "$PROFINJECT" record --quiet --clock wall --output recording -- "$@" >truth
    grep -qx 'interrupted 0' truth
    "$PROFINJECT" folded --metric wall --by-thread -o wall.folded recording
    run -0 python3 "$CHECKS/check_wall.py" truth wall.folded
    # Off the processor a call through a pointer, below a frame that needs rbp, is a guess.
    "$PROFINJECT" info --json recording | jq -e '.guessed == .unwinding.offcpu.guessed'
}

@test "every thread's time is its wall time, where it waits and where it runs" {
    needs_proc
    waiters_agree "$PROGRAMS/waiters" 3
}

@test "fifty idle threads beside one that burns, frames with and without frame pointers" {
    needs_proc
    command -v cc >/dev/null || skip "no cc"
    for flag in -fomit-frame-pointer -fno-omit-frame-pointer; do
        cc -O2 -g -D_GNU_SOURCE "$flag" -o waiters "$ROOT/tests/programs/waiters.c"
        waiters_agree ./waiters 2 50
        rm -r recording
    done
}

@test "off-CPU time alone, and what other recordings say" {
    needs_proc
    "$PROFINJECT" record --quiet --clock wall --output recording -- sleep 1
    total=$("$PROFINJECT" folded --metric offcpu recording | awk '{ sum += $NF } END { printf "%.0f", sum }')
    [ "$total" -ge 990000000 ]
    [ "$("$PROFINJECT" folded --metric offcpu recording | grep -vcE '\[(off-CPU(: [a-z ]+)?|runnable)\] [0-9]+$')" = 0 ]
    "$PROFINJECT" flamegraph --metric wall -o wall.svg recording
    grep -qF '[off-CPU: sleep]' wall.svg
    [ "$(fact clock recording)" = wall ]
    "$PROFINJECT" record --quiet --waits off --output other -- "$PROGRAMS/spin" 1
    run -1 "$PROFINJECT" folded --metric wall other
    [[ $output == *"--waits on"* ]]
}

@test "nothing that waits is interrupted" {
    needs_proc
    command -v strace >/dev/null || skip "no strace"
    strace -f -o /dev/null true || skip "ptrace is not permitted"
    strace -f -o calls -e trace=read,poll,futex,clock_nanosleep \
        "$PROFINJECT" record --quiet --clock wall --output recording -- "$PROGRAMS/waiters" 2 >truth
    grep -qx 'interrupted 0' truth
    "$PROFINJECT" folded --metric wall --by-thread -o wall.folded recording
    for name in sleep read mutex cond poll; do
        tid=$(sed -n "s/^$name (\([0-9]*\)).*/\1/p" wall.folded | head -1)
        [ -n "$tid" ]
        run ! grep -E "^$tid .*(EINTR|ERESTART)" calls
    done
}

@test "stacks of waiting threads are those gdb finds in the live process" {
    needs_proc
    command -v gdb >/dev/null || skip "no gdb"
    "$PROFINJECT" record --quiet --clock wall --output recording -- "$PROGRAMS/waiters" 8 >truth &
    recorder=$! pid=
    for _ in {1..50}; do # its own, of this name others may run
        if pid=$(pgrep -xP "$recorder" waiters); then break; fi
        sleep 0.1
    done
    sleep 2
    gdb -p "$pid" -batch -nx -iex 'set debuginfod enabled off' -ex 'thread apply all bt' \
        >gdb.txt 2>gdb.err || true
    wait
    grep -q '^Thread ' gdb.txt || skip "gdb may not attach: $(tail -1 gdb.err)"
    "$PROFINJECT" folded --metric offcpu --by-thread -o off.folded recording
    for name in sleep read mutex cond poll; do
        # The program's own frames, leaf first: gdb's, and of the stack with most time.
        sed -n "/^Thread .*\"$name\"/,/^\$/p" gdb.txt | grep -oE '(descend|wait_in_[a-z]+|run) \(' |
            tr -d ' (' >of_gdb
        grep "^$name (" off.folded | sort -t' ' -k3n | awk '{ print $NF, $0 }' | sort -n | tail -1 |
            cut -d' ' -f3- | tr ';' '\n' | tac | grep -xE 'descend|wait_in_[a-z]+|run' >of_ours
        [ "$(wc -l <of_gdb)" = 32 ]
        diff of_gdb of_ours
    done
}
