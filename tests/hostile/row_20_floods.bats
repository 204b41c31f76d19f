#!/usr/bin/env bats
# As much as a program can do at once: what we keep of it stays bounded, and what is lost
# is counted.

load hostile

# resident COMMAND...: KiB it has at most.
resident() {
    python3 -c '
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$@"
}

# bounded: 64 threads that allocate do so as before, nothing is live in the end but what was
# lost, and neither memory nor trace has grown beyond what 64 threads are granted.
bounded() {
    local bare ours
    as_bare "$PROGRAMS/many_allocate" 64 1
    grep -qx 'wrong: 0' bare.out
    # In one arena: how many the C library makes depends on the moment, 27 to 65 MiB bare.
    bare=$(resident env MALLOC_ARENA_MAX=1 "$PROGRAMS/many_allocate" 64 1)
    ours=$(resident env MALLOC_ARENA_MAX=1 LD_PRELOAD="$LIBRARY" PROFINJECT_OUTPUT=bounded PROFINJECT_QUIET=on \
        PROFINJECT_HEAP="$HOSTILE_HEAP" PROFINJECT_HEAP_INTERVAL=16K "$PROGRAMS/many_allocate" 64 1)
    echo "$HOSTILE_HEAP: $bare KiB bare, $ours KiB; trace $(du -sk bounded | cut -f1) KiB"
    # A ring of 36 KiB a thread and as much for what a thread keeps, beside 4 MiB for one.
    [ "$HOSTILE_HEAP" = exact ] || [ $((ours - bare)) -le $((4096 + 64 * 128)) ]
    [ "$HOSTILE_HEAP" = exact ] || [ "$(du -sk bounded | cut -f1)" -le 16384 ]
    [ "$HOSTILE_HEAP" != counters ] || return 0
    "$PROFINJECT" report --json bounded >report.json
    jq '.heap_profile.processes' report.json
    # Blocks of this size: 16 KiB a sample; the lost ones are allocations, and none is in exact.
    jq -e --arg heap "$HOSTILE_HEAP" '.heap_profile.processes[0] |
        (.lost_events == 0 or $heap == "sampled") and .live_bytes.value <= 1e6' report.json
}

@test "row 20: 64 threads allocate as fast as they can" {
    in_heap_modes bounded
    limited "allocations that are sampled and lost are counted; exact loses none"
}

@test "row 20: a thread maps and unmaps as fast as it can" {
    cat >remap.c <<'C'
#include <stdio.h>
#include <sys/mman.h>
int main(void)
{
    for (int i = 0; i < 200000; i++) {
        char *memory = mmap(NULL, 2 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED || munmap(memory, 2 << 20) != 0)
            return 1;
    }
    puts("done");
}
C
    gcc -O1 -D_GNU_SOURCE -o remap remap.c
    as_bare ./remap
    "$PROFINJECT" report --json cpu.1 >report.json
    # What was not lost is there, and nothing that is gone is.
    jq -e '.mapped | .processes[0].live_bytes == 0 and
        .functions[0].count + .processes[0].lost_events >= 200000' report.json
    limited "mappings that are lost are counted"
}

@test "row 20: 64 threads flood the wait hooks" {
    local bare ours
    CLOCKS="cpu perf itimer wall"
    as_bare "$PROGRAMS/wait_flood" 1 64
    grep -qx 'wrong: 0' bare.out
    for recording in *.1; do
        [ "$(du -sk "$recording" | cut -f1)" -le 16384 ] || { du -sk "$recording"; return 1; }
    done
    # Kept and lost are all there were.
    for form in record preloaded; do
        "$form" "counted_$form" "$PROGRAMS/wait_flood" 1 64
        run -0 python3 "$CHECKS/check_flood.py" "$(cat wait_flood.count)" "counted_$form"/wait_flood.*.pinj
        echo "$output"
    done
    bare=$(resident env MALLOC_ARENA_MAX=1 "$PROGRAMS/wait_flood" 1 64)
    ours=$(resident env MALLOC_ARENA_MAX=1 LD_PRELOAD="$LIBRARY" PROFINJECT_OUTPUT=bounded PROFINJECT_QUIET=on \
        "$PROGRAMS/wait_flood" 1 64)
    echo "$bare KiB bare, $ours KiB; trace $(du -sk bounded | cut -f1) KiB"
    # As with those that allocate.
    [ $((ours - bare)) -le $((4096 + 64 * 128)) ]
    limited "waits that are lost are counted"
}
