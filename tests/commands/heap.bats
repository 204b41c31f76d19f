#!/usr/bin/env bats
# The sampled heap: a program that knows what it allocates, and where.

load helpers

# recordings COUNT ARGUMENT...: heap_sites, recorded so often; its truth, and a report each.
recordings() {
    local count=$1
    shift
    for number in $(seq "$count"); do
        "$PROFINJECT" record --quiet --heap sampled --output "r$number" -- "$PROGRAMS/heap_sites" "$@" >truth
        "$PROFINJECT" report --json --top 1000 "r$number" >"r$number.json"
    done
}

@test "what functions allocated, keep, and kept at the peak lies in the intervals given" {
    recordings 20 2 3
    run -0 python3 "$CHECKS/check_heap.py" truth 0.7 r*.json
}

# Of each thread about 450 events are sampled, a ring holds 800: none is lost though nobody reads
# until the end.
@test "every metric of the heap is a flame graph and folded stacks" {
    "$PROFINJECT" record --quiet --heap sampled --heap-interval 256K --output recording -- \
        "$PROGRAMS/heap_sites" 2 3 >truth
    "$PROFINJECT" report --json recording | jq -e '[.heap_profile.processes[].lost_events] | add == 0'
    for metric in alloc-bytes alloc-count live-bytes live-count peak-bytes; do
        "$PROFINJECT" folded --metric "$metric" recording >folded
        grep -qE '(^|;)(main|start_thread);run;fill;keep [0-9]+$' folded
        "$PROFINJECT" flamegraph --metric "$metric" -o heap.svg recording
        grep -qF '>keep' heap.svg
    done
    "$PROFINJECT" folded --metric temporary-count recording >folded
    grep -qE ';churn [0-9]+$' folded
    run ! grep -E 'keep|hold|profinject' folded
}

@test "the report names who keeps memory and who churns" {
    "$PROFINJECT" record --quiet --heap sampled --output recording -- "$PROGRAMS/heap_sites" 2 20 >truth
    run -0 "$PROFINJECT" report --all recording
    [[ $output == *"peak "*" at "*", live at end "*" (±"*" allocations ("*"/s)"* ]]
    [[ $output == *"Memory live at the end"*"keep"* ]]
    [[ $output == *"Memory allocated"*"churn"* ]]
}

@test "without sampling there is no such metric, and the error says how to get it" {
    "$PROFINJECT" record --quiet --heap counters --output recording -- "$PROGRAMS/heap_sites" 1 1 >truth
    run -1 "$PROFINJECT" folded --metric live-bytes recording
    [[ $output == *"--heap sampled"* ]]
    [ "$("$PROFINJECT" report --json recording | jq .heap_profile)" = null ]
}

@test "an interval that is none is refused" {
    run -125 "$PROFINJECT" record --heap-interval 0 -- true
    [[ $output == *"--heap-interval '0'"*"512K"* ]]
}

@test "a fork child's heap is its own" {
    "$PROFINJECT" record --quiet --heap sampled --heap-interval 64K --output recording -- \
        python3 -S -c "
import os
kept = [bytearray(10000) for i in range(1000)]
if os.fork() == 0:
    kept = None
    more = [bytearray(10000) for i in range(500)]
    os._exit(0)
os.wait()
os._exit(0)"
    "$PROFINJECT" report --json recording |
        jq '[.heap_profile.processes[].live_bytes.value | select(. > 1e6)] | sort' >live
    jq -e 'length == 2 and .[0] > 2.5e6 and .[0] < 7e6 and .[1] > 7e6' live
}

# Not a script that starts one.
interpreter() {
    python3 -c 'import os, sys; print(os.path.realpath(sys.executable))'
}

@test "a fork child that allocates much is recorded, though it is killed" {
    "$PROFINJECT" record --quiet --output recording -- "$(interpreter)" -S -c "
import os, time
if os.fork() == 0:
    kept = [bytes(40 << 20) for i in range(2)]
    time.sleep(0.2)
    os.kill(os.getpid(), 9)
os.wait()"
    "$PROFINJECT" report --json recording |
        jq -e '[.heap_profile.processes[].live_bytes.value | select(. >= 80e6)] | length == 1'
}

# Its threads are its own and, once it is awake, one of ours.
@test "a fork child that allocates little naps on" {
    threads() {
        PROFINJECT_HEAP_INTERVAL=64M PROFINJECT_FREQUENCY=1 preloaded "r$1" "$(interpreter)" -S -c "
import os
if os.fork() == 0:
    block = bytes($1)
    print(len(os.listdir('/proc/self/task')), flush=True)
    os._exit(0)
os.wait()"
    }
    [ "$(threads 1000)" -eq 1 ]
    [ "$(threads $((1 << 30)))" -eq 2 ]
}

# More than the rings hold: allocations may be lost, and are counted; frees may not.
@test "what is freed is not live, whatever was lost" {
    "$PROFINJECT" record --quiet --heap sampled --heap-interval 8K --output recording -- \
        "$PROGRAMS/heap_sites" 4 5 >truth
    "$PROFINJECT" folded --metric live-bytes recording >folded
    run ! grep -E 'hold|churn|grow' folded
    grep -q 'keep' folded
}
