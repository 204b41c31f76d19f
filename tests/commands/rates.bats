#!/usr/bin/env bats
# What clocks deliver of what was asked, on threads that all do the same.

load helpers

# rate CLOCK HZ COUNT SECONDS LEAST STACK_NS: of COUNT equal threads.
rate() {
    [ "$1" != perf ] || can_perf
    "$PROFINJECT" record -q --clock "$1" -F "$2" -o "$1.$2.$3" -- "$PROGRAMS/equals" "$3" "$4" >truth
    "$PROFINJECT" info --json "$1.$2.$3" >info.json
    run -0 python3 "$CHECKS/check_rates.py" truth info.json "$5" "$6"
}

# Events of threads may be forbidden: then `record` says so and takes another clock.
can_perf() {
    "$PROFINJECT" record -q --force --clock perf -o try -- true
    [ ! -s try/messages ] || skip "$(head -n 1 try/messages)"
}

# A tick is 4 ms or less long everywhere; 10 ms at most.
tick_ns() {
    python3 -c 'import time; print(int(time.clock_getres(5) * 1e9))' # CLOCK_REALTIME_COARSE
}

@test "perf: what was asked, for one thread and for four" {
    rate perf 1000 1 1 0.99 1000000
    rate perf 1000 4 0.5 0.985 1000000
    rate perf 5000 4 0.5 0.985 200000
}

@test "cpu: all of the time, by ticks that stand for more" {
    rate cpu 1000 1 1 0.98 "$(tick_ns)"
    rate cpu 1000 4 0.5 0.96 "$(tick_ns)"
}

@test "a crowd of threads of 10 ms has its time under every clock of threads" {
    for clock in cpu perf; do
        "$PROFINJECT" record -q --clock $clock -o $clock -- "$PROGRAMS/equals" 100 0.01 >truth
        "$PROFINJECT" folded $clock >stacks
        # 1 s; what clocks alone had of it: 0.70 and 0.91.
        run -0 awk '/burn_equal|unsampled/ { sum += $NF } END { print sum; exit !(sum > 0.99e9 && sum < 1.1e9) }' stacks
    done
}
