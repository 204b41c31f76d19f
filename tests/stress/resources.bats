# What looking at resources costs: 10 times a second, 64 threads of which 8 compute. Four minutes.
# Alone: it measures CPU time.

load ../commands/helpers

SECONDS_EACH=60

# cost FORM HZ: nanoseconds of CPU time of who drains, and bytes of the trace.
cost() {
    rm -rf "r$2"
    if [ "$1" = outside ]; then
        "$PROFINJECT" record -q --resources "$2" -o "r$2" -- "$PROGRAMS/resource_threads" $SECONDS_EACH 64 8
    else
        PROFINJECT_RESOURCES=$2 preloaded "r$2" "$PROGRAMS/resource_threads" $SECONDS_EACH 64 8
    fi
    "$PROFINJECT" info "r$2" | awk '$1 == "servant_cpu_ns" { print $2 }'
    stat -c %s "r$2"/*.pinj
}

compare() {
    local with without
    mapfile -t without < <(cost "$1" 0)
    mapfile -t with < <(cost "$1" 10)
    local looks
    looks=$("$PROFINJECT" report --all r10 2>/dev/null | grep 'looks a second' || true)
    awk -v form="$1" -v s=$SECONDS_EACH -v looks="$looks" -v cpu=$((with[0] - without[0])) \
        -v size=$((with[1] - without[1])) 'BEGIN {
        percent = cpu / s / 1e7; minute = size * 60 / s / 1024
        printf "%s: %.2f %% of one processor, %.1f KiB of trace a minute;%s\n", form, percent, minute, looks
        exit !(percent <= 0.5 && minute <= 64) }' >&3
}

@test "from outside: half a percent of one processor, 64 KiB a minute" {
    compare outside
}

@test "from inside: likewise" {
    compare inside
}
