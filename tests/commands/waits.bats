#!/usr/bin/env bats
# Known waits: every thread measures its own, and knows who held and who woke.
# Alone: how long a thread is ready to run depends on what else runs.

load helpers
load waits.bash

@test "a lock convoy" {
    waits_agree_everywhere wait_targets convoy
    # Who waits for a lock is not where it is held: all of lock-wait is below wait_for_lock.
    "$PROFINJECT" folded --metric lock-wait --by-thread -o locks.folded recording
    run ! grep -v ';wait_for_lock;' locks.folded
    [ "$(grep -c '^convoy-' locks.folded)" -ge 6 ]
}

@test "a reader/writer lock" {
    waits_agree_everywhere wait_targets readers
}

@test "producers and consumers" {
    waits_agree_everywhere wait_targets producer
}

@test "a semaphore pool" {
    waits_agree_everywhere wait_targets pool
}

@test "a barrier, and an initialiser others wait for" {
    waits_agree_everywhere wait_targets meeting
}

@test "a tree of threads that are joined, and a child" {
    waits_agree_everywhere wait_targets joins
}

@test "waits for time alone, of every kind" {
    waits_agree_everywhere wait_alone_targets sleeper
}

@test "more threads compute than there are processors" {
    waits_agree_everywhere wait_alone_targets hog
}

@test "who spins on a lock is on the processor, and waits for no lock" {
    waits_agree_everywhere wait_alone_targets spin
    run "$PROFINJECT" folded --metric lock-wait --by-thread recording
    [[ $output != *spinner-1* ]]
    "$PROFINJECT" folded --by-thread recording >cpu.folded
    run -0 awk '/^spinner-1 .*;wait_by_spinning/ { cpu += $NF } END { print cpu; exit cpu < 100e6 }' cpu.folded
}

@test "a chain of pipes" {
    waits_agree_everywhere wait_io_targets pipes
}

@test "a socket's either end" {
    waits_agree_everywhere wait_io_targets socket
}

@test "a disk" {
    waits_agree_everywhere wait_io_targets disk
}

@test "locks of files" {
    waits_agree_everywhere wait_io_targets locks
}

@test "message queues" {
    waits_agree_everywhere wait_io_targets queues
}

@test "a thread that sleeps two seconds in read has two seconds of I/O wait and no CPU time" {
    waits_agree_everywhere wait_io_targets reader 2
    "$PROFINJECT" folded --metric io-wait --by-thread recording >io.folded
    run -0 awk '/^reader .*;wait_for_byte;.*\[off-CPU: read\]/ { ns += $NF }
        END { print ns; exit ns < 1.94e9 || ns > 2.06e9 }' io.folded
    "$PROFINJECT" folded --by-thread recording >cpu.folded
    run -0 awk '/^reader / { ns += $NF } END { print ns + 0; exit ns > 8e6 }' cpu.folded
}

@test "the metrics of waits are parts of wall, and on and off the processor make it up" {
    waits_agree record cpu wait_targets convoy
    for metric in wall offcpu runnable lock-wait; do
        "$PROFINJECT" folded --metric "$metric" -o "$metric.folded" recording
    done
    # The same stacks with the same time.
    for metric in wall offcpu; do
        grep -E '\[off-CPU[^];]*\] [0-9]+$' "$metric.folded" >"$metric.blocked"
    done
    diff wall.blocked offcpu.blocked
    grep -E '\[off-CPU: (mutex|read lock|write lock|once)\] [0-9]+$' wall.folded | diff - lock-wait.folded
    [ "$(awk '/\[runnable\] [0-9]+$/ { sum += $NF } END { printf "%.0f", sum }' wall.folded)" = \
        "$(awk '{ sum += $NF } END { printf "%.0f", sum }' runnable.folded)" ]
}

@test "waits off: nothing is recorded of them, and said how it is" {
    "$PROFINJECT" record -q --waits off -o recording -- "$PROGRAMS/spin" 0.2
    for metric in wall offcpu runnable lock-wait io-wait; do
        run -1 "$PROFINJECT" folded --metric "$metric" recording
        [[ $output == *"no metric '$metric' in this recording"*"--waits on"* ]]
    done
}

@test "the report's tables of locks and threads agree as well" {
    report_agrees wait_targets convoy
    report_agrees wait_targets readers
    report_agrees wait_targets producer
    report_agrees wait_io_targets pipes
}

# spoilt WHAT PROGRAM: the check says so where an awk program has changed something in the truth.
spoilt() {
    awk -F'\t' -v OFS='\t' -v OFMT=%.0f -v CONVFMT=%.0f "$2" truth >spoilt
    run ! cmp -s truth spoilt
    run compare_waits spoilt
    [[ $status -eq 1 && $output == *FAIL*"$1"* ]] || { echo "$1: $output"; return 1; }
}

@test "the check of all these fails where one number is wrong" {
    needs_schedstat
    waits_agree record cpu wait_targets convoy
    spoilt " wall" '$1 == "thread" && $2 == "convoy-2" { $4 = $4 * 1.04 } 1'
    spoilt " on-CPU" '$1 == "thread" && $2 == "convoy-2" { $5 += 40e6 } 1'
    spoilt " runnable" '$1 == "thread" && $2 == "convoy-2" { $6 += 40e6 } 1'
    spoilt " mutex in wait_for_lock" '$3 == "mutex" && !done { $6 *= 1.3; $7 *= 1.3; done = 1 } 1'
    spoilt " mutex in wait_for_lock" '$3 == "mutex" && !done { $6 *= 0.7; $7 *= 0.7; done = 1 } 1'
    spoilt " mutex in wait_elsewhere" '$3 == "mutex" && !done { $4 = "wait_elsewhere"; done = 1 } 1'
    spoilt " barrier" '$1 == "kind" && $3 == "mutex" { $3 = "barrier" } 1'
    spoilt "the longest" '$1 == "kind" && $3 == "mutex" { $8 *= 1.2 } 1'
    spoilt "waits, true" '$1 == "kind" && $3 == "mutex" { $5 += 3 } 1'
    # One in fifty had another holder.
    spoilt "held by whom" '$1 == "long" && $3 == "mutex" && !done { $6 = 1; done = 1 } 1'
}
