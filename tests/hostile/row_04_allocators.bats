#!/usr/bin/env bats
# Whatever allocator serves the program, its answers pass the hooks unchanged, and what is
# allocated through a symbol of ours is counted exactly.

load hostile

# behind NAME: that library of Debian's stands behind ours, or the test is skipped.
behind() {
    local found
    found=$(ldconfig -p | awk -v name="$1" '$1 == name { print $NF; exit }')
    [ -n "$found" ] || skip "$1 is not installed"
    HOSTILE_PRELOAD=$found
}

# counted PROGRAM: its allocations are as many as it counted itself.
counted() {
    injected cpu "$PWD/counted" "$1" >truth.json
    "$PROFINJECT" export --format json -o profile.json counted
    run -0 python3 "$CHECKS/check_allocations.py" truth.json profile.json
}

@test "row 4: malloc_usable_size, malloc_trim and mallinfo2 answer as they did" {
    as_bare "$PROGRAMS/allocator_facts"
    all_complete 99 cpu.1
}

@test "row 4: M_PERTURB writes what it did" {
    as_bare "$PROGRAMS/allocator_facts" perturb
    grep -q 'malloc a5, calloc 00' bare.out
}

@test "row 4: jemalloc preloaded behind us" {
    behind libjemalloc.so.2
    as_bare "$PROGRAMS/allocator_facts" sizes
    counted "$PROGRAMS/allocator_count"
}

@test "row 4: mimalloc preloaded behind us" {
    behind libmimalloc.so.2
    as_bare "$PROGRAMS/allocator_facts" sizes
    counted "$PROGRAMS/allocator_count"
}

@test "row 4: tcmalloc preloaded behind us" {
    behind libtcmalloc_minimal.so.4
    as_bare "$PROGRAMS/allocator_facts" sizes
    counted "$PROGRAMS/allocator_count"
}

@test "row 4: jemalloc linked by the program" {
    behind libjemalloc.so.2
    for program in allocator_facts allocator_count; do
        gcc -D_GNU_SOURCE -g -O1 -pthread -o "$program" "$ROOT/tests/programs/$program.c" \
            -Wl,--no-as-needed "$HOSTILE_PRELOAD"
    done
    HOSTILE_PRELOAD=
    as_bare ./allocator_facts sizes
    counted ./allocator_count
}

@test "row 4: a program that defines malloc itself: memory is unavailable, and it is said why" {
    as_bare "$PROGRAMS/own_malloc"
    all_complete 99 cpu.1
    run -0 fact 'per_process[0].memory_unavailable' cpu.1
    [ "$output" = "program defines malloc" ]
    "$PROFINJECT" report cpu.1 | grep 'unavailable (program defines malloc)'
    limited "memory of such a program is unavailable"
}
