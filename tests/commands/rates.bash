# Delivered rates, for short runs here and long ones in tests/stress.
# shellcheck shell=bash

# rate CLOCK HZ COUNT SECONDS LEAST STACK_NS: of COUNT equal threads. A tick of the cpu clock
# stands for those that could not come; what the machine withholds from an event is lost.
rate() {
    local withheld=()
    if [ "$1" = perf ]; then
        can_perf
        withheld=($((1000000000 / $2)))
    fi
    "$PROFINJECT" record -q --clock "$1" -F "$2" -o "$1.$2.$3" -- \
        "$PROGRAMS/equals" "$3" "$4" "${withheld[@]}" >truth
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
