#!/usr/bin/env bats
# Calls that wait, seen by hooks: each kind of call, and waits that end in unusual ways.

load helpers

# walls RECORDING: wall time by stack, into the file wall.
walls() {
    "$PROFINJECT" folded --metric wall "$1" >wall
}

# waits_of PATTERN: milliseconds of the stacks that match, in all.
waits_of() {
    awk -v pattern="$1" '$0 ~ pattern { sum += $NF } END { printf "%d\n", sum / 1e6 }' wall
}

@test "every call that waits says for how long, of what kind, and where" {
    record recording "$PROGRAMS/wait_each" >truth
    walls recording
    run -0 python3 "$CHECKS/check_wait_each.py" truth wall
    # A thread made by C11's function is known as others are.
    run -0 grep -E 'start_thread;sleep_then;pass_time;\[off-CPU: sleep\]' wall
}

@test "with waits off, nothing of it" {
    PROFINJECT_WAITS=off record recording "$PROGRAMS/wait_each" >truth
    [ "$(wc -l <truth)" -ge 80 ]
    run -1 "$PROFINJECT" folded --metric wall recording
    PROFINJECT_WAITS=off record ends "$PROGRAMS/wait_left" cancelled
}

@test "a thread cancelled in a wait has waited until then" {
    for how in cancelled:read asynchronous:signal; do
        record "${how%:*}" "$PROGRAMS/wait_left" "${how%:*}"
        walls "${how%:*}"
        [ "$(waits_of "^\\[(off-CPU: ${how#*:}|runnable)\\]")" -ge 55 ]
    done
}

@test "a wait left by longjmp is over" {
    record recording "$PROGRAMS/wait_left" left
    walls recording
    [ "$(waits_of 'off-CPU: signal')" -eq 0 ]
    [ "$(waits_of '\[off-CPU\]')" -ge 50 ]
}

@test "a wait in a handler within a wait counts once" {
    record recording "$PROGRAMS/wait_left" within
    walls recording
    outer=$(waits_of 'main;\[off-CPU: signal\]') inner=$(waits_of 'sleep_within;pass;\[off-CPU: sleep\]')
    [ "$outer" -ge 28 ] && [ "$inner" -ge 28 ] && [ $((outer + inner)) -le 75 ]
}

@test "a fork child that does nothing but sleep tells of it" {
    record recording "$PROGRAMS/wait_left" forked
    walls recording
    [ "$(waits_of 'pass;\[off-CPU: sleep\]')" -ge 55 ]
}

@test "who comes last at a barrier wakes those as well who get away late, when others wait there again" {
    record recording timeout 30 "$PROGRAMS/wait_rounds" >truth
    [ "$(wc -l <truth)" -eq 4 ]
    python3 - recording/wait_rounds.*.pinj <<'P' >told
import os, sys
sys.path.insert(0, os.environ['CHECKS'])
import trace
for wait in trace.waits(sys.argv[1]):
    if wait.kind == 'barrier' and wait.longest > 10_000_000:
        print(wait.tid, wait.peer)
P
    run -0 comm -23 <(sort truth) <(sort told)
    [ -z "$output" ]
}
