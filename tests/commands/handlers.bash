# Programs whose signal handlers allocate, and what is known of them. For handlers.bats, here
# and of the long tests; after exact.
# shellcheck shell=bash

# stepped MODE [jump]: stepped_handlers, recorded with every allocation sampled, or all; what
# functions allocated is in `folded`, where it is known. Skipped where nobody may be stepped.
stepped() {
    local mode=$1 status=0
    shift
    LD_PRELOAD=$PROGRAMS/handlers_preload_other.so timeout 120 "$PROFINJECT" record --quiet \
        --heap "$mode" --heap-interval 1 -o recording -- "$PROGRAMS/stepped_handlers" "$@" >truth || status=$?
    [ "$status" -ne 77 ] || skip "no process may be stepped here"
    [ "$status" -eq 0 ]
    cat truth
    [ "$mode" = counters ] || "$PROFINJECT" folded --metric alloc-count recording >folded
}

# truth FUNCTION, left FUNCTION: how many pairs it made to the end, and not.
truth() {
    awk -v name="$1" '$1 == name { print $2 }' truth
}

left() {
    awk -v name="$1" '$1 == name { print $3 }' truth
}

# found FUNCTION: allocations of its own in the recording, by way of pair() or directly.
found() {
    awk -v name="$1" '{
        depth = split(substr($0, 1, length($0) - length($NF) - 1), frames, ";")
        if (frames[depth] == "pair") depth--
        if (frames[depth] == name) sum += $NF
    } END { print sum + 0 }' folded
}

# storm SECONDS [jump [OPTION...]]: a signal every 30 us, all events recorded, none lost.
storm() {
    local seconds=$1 jump=${2-} made freed
    shift $(($# < 2 ? $# : 2))
    LD_PRELOAD=$PROGRAMS/handlers_preload_other.so exact recording --force --only heap_handlers "$@" -- \
        timeout 60 "$PROGRAMS/heap_handlers" "$seconds" ${jump:+"$jump"} >truth
    events recording
    read -r made freed <truth
    # Of those that were left, one in a hundred, some are there.
    jq -e --argjson made "$made" --argjson freed "$freed" --argjson part "${jump:+0.01}0" \
        '.handlers > 0 and .doubled == 0 and
         .allocations >= $made and .allocations <= $made * (1 + $part) + 100 and
         .frees >= $freed and .frees <= $freed * (1 + $part) + 100' events
}
