#!/usr/bin/env bats
# Traces that are small files and a lot to read (tests/stress/large_trace.c): the analyzer stays
# within 1.5 GiB of address space and a bounded time, and says in one line what it left out.

load helpers

# large KIND CHUNKS STATUS: what info and report do with such a trace.
large() {
    "$PROGRAMS/large_trace" large.pinj "$1" "$2"
    for command in info report; do
        run "-$3" --separate-stderr bash -c "ulimit -v 1572864; ulimit -t 60; exec '$PROFINJECT' $command large.pinj"
        echo "$1 $command: $stderr"
        [ "${#stderr_lines[@]}" -le 1 ]
        [ "${#output}" -le 20000 ]
    done
}

long() {
    [ -n "${LIMITS_LONG-}" ] || skip "takes half a minute: make stress"
}

@test "limits: chunks that unpack to a thousand times their size and more" {
    large zeros 10 1
    [[ "$stderr" == *"damaged, none of its 10 chunks is sound" ]]
    large samples 3 1
    large names 3 1
}

@test "limits: a header that claims gigabytes" {
    large claims 3 1
    [[ "$stderr" == *"not a profinject trace" ]]
}

@test "limits: stacks, as deep as there are numbers" {
    long
    large nodes 2 1
    [ "$stderr" = "profinject: out of memory" ]
}

@test "limits: regions in regions" {
    large regions 1 0
    [[ "$stderr" == *"dropped" ]]
}

@test "limits: threads without end" {
    long
    large strangers 1 0
    [[ "$stderr" == *"dropped" ]]
}

@test "limits: modules without end" {
    long
    large modules 1 0
}

# Memory grows with distinct stacks, not with samples: these would be 200 MB if they were kept.
@test "millions of samples of a thousand stacks are summed in 64 MiB, each counted" {
    "$PROGRAMS/sample_trace" samples.pinj 3000000 1000 /nowhere
    run -0 --separate-stderr bash -c "ulimit -v 65536; exec '$PROFINJECT' folded --metric samples samples.pinj"
    printf '%s\n' "$output" >samples.folded
    [ "$(awk '{ sum += $NF } END { print sum, NR <= 1000 }' samples.folded)" = "3000000 1" ]
    run -0 "$PROFINJECT" folded --metric samples --by-thread samples.pinj
    [ "$(printf '%s\n' "${lines[@]}" | grep -c '^worker 16 (116);')" -gt 900 ]
}
