#!/usr/bin/env bats
# Sessions: a program profiles parts of itself, in every way it can have the library.

load helpers

RETURNED='end before ESRCH
nameless EINVAL
nowhere ENOENT
no directory ENOTDIR
begin 0
nested EBUSY
errno kept 0
child ESRCH
end 0
end again ESRCH
taken EEXIST
call 0
call in vain ENOENT
children 0'

# holds DIRECTORY FUNCTION...: results of a session in which no other of the program's own functions ran.
holds() {
    local directory=$1
    shift
    jq -r '.functions[] | select(.self_samples > 1) | .function' "$directory/report.json" |
        grep -x 'outside\|in_first\|in_second' >functions
    echo "$directory: $(cat functions)"
    [ "$(cat functions)" = "$*" ] || return 1
    jq -e '.schema == "profinject-correlate-1"' "$directory/correlate.json" >/dev/null || return 1
    grep -q '</html>' "$directory/dashboard.html" || return 1
    run ! grep -E '(src|href)="https?:' "$directory/dashboard.html"
    [ "$(fact samples "$directory/trace.pinj")" -gt 0 ]
    cmp <("$PROFINJECT" folded "$directory") <("$PROFINJECT" folded "$directory/trace.pinj")
}

@test "profiled from the start: sessions are parts of the recording" {
    run -0 record recording "$PROGRAMS/sessions" 0.2 first second
    [ "$output" = "$RETURNED" ]
    holds first in_first
    holds second in_second
    [ "$(stat -c %a first)" = 700 ]
    # The recording has all of it.
    run -0 "$PROFINJECT" folded recording
    [[ $output == *outside* && $output == *in_first* && $output == *in_second* ]]
}

@test "by LD_PRELOAD alone, paused but for the sessions" {
    run -0 env PROFINJECT_START=paused LD_PRELOAD="$LIBRARY" PROFINJECT_OUTPUT=recording \
        PROFINJECT_QUIET=on "$PROGRAMS/sessions" 0.2 first "odd %n<b>'name"
    [ "$output" = "$RETURNED" ]
    holds first in_first
    holds "odd %n<b>'name" in_second
    run -0 "$PROFINJECT" folded recording
    [[ $output != *outside* ]]
}

@test "loaded later: the first session begins a recording" {
    run -0 "$PROGRAMS/sessions" 0.2 "first %p" second "$LIBRARY"
    [ "$output" = "$RETURNED" ]
    holds "first %p" in_first
    holds second in_second
    [ -f "first %p/recording/manifest" ]
    [ ! -e second/recording ]
    # Nothing else was made here.
    run -0 ls
    [ "$output" = "$(printf 'first %%p\nfunctions\nsecond')" ]
}

@test "without the library nothing happens" {
    run -0 "$PROGRAMS/sessions" 0.01 first second
    [ "$output" = none ]
    [ ! -e first ]
}

@test "a directory nothing can be written to" {
    [ "$(id -u)" -eq 0 ] && skip "root may write everywhere"
    mkdir closed
    chmod 500 closed
    run -0 record recording "$PROGRAMS/sessions" 0.01 closed/a closed
    [[ $output == *"begin EACCES"* ]]
}
