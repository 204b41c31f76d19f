# Known waits, for short runs here and long ones in tests/stress. Load `helpers` first.
# shellcheck shell=bash

needs_schedstat() {
    [ -r /proc/self/schedstat ] || skip "no schedstat in this kernel"
}

# waits_agree FORM CLOCK PROGRAM SCENARIO [SECONDS]: records it by `record` or `preloaded`, and
# compares with what its threads measured. Leaves truth, recording and wall.folded.
waits_agree() {
    local form=$1 clock=$2
    shift 2
    rm -rf recording
    PROFINJECT_CLOCK=$clock "$form" recording timeout 120 "$PROGRAMS/$1" "${@:2}" >truth
    # What started the program may have been sampled before its exec, in a process of that number.
    "$PROFINJECT" folded --metric wall --by-thread -o wall.folded recording/wait_*.pinj
    compare_waits truth >checks || {
        echo "$form, clock $clock: $*"
        grep -v '^ok' checks
        return 1
    }
}

# compare_waits TRUTH [REPORT.json]
compare_waits() {
    local main
    main=$(awk -F'\t' '$1 == "thread" { print $3; exit }' truth)
    # What started it may have a trace of that number too: it was sampled before its exec.
    python3 "$CHECKS/check_waits.py" "$1" recording/wait_*."$main".pinj wall.folded "${@:2}"
}

# report_agrees PROGRAM SCENARIO: what the report says of locks, wakers and threads, too.
report_agrees() {
    needs_schedstat
    waits_agree record cpu "$@"
    "$PROFINJECT" report --json --top 1000 recording >report.json
    compare_waits truth report.json
}

# waits_agree_everywhere PROGRAM SCENARIO [SECONDS]: by either form and clock.
waits_agree_everywhere() {
    needs_schedstat
    waits_agree record cpu "$@"
    waits_agree preloaded wall "$@"
}
