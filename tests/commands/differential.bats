#!/usr/bin/env bats
# Our walks against libunwind's register states, against every register from the tables, and
# against gdb: sample by sample, from the same registers, at stops in the middle of other
# programs' work and at the instructions after them.
# Alone: register states come from a thread, and a program of half a second does not wait for them.

load helpers
load ../differential/differential

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    build_differ
}

@test "thirty frames, however they are compiled" {
    for flags in -O0 -O2 "-O2 -fomit-frame-pointer" "-O2 -fno-omit-frame-pointer"; do
        # shellcheck disable=SC2086
        gcc -g $flags -o deep "$ROOT/tests/programs/recurse.c"
        all_agree 50 ./deep 30 0.5
    done
}

@test "exceptions in flight" {
    all_agree 50 "$PROGRAMS/throw"
}

@test "an interpreter and a shell" {
    command -v perl >/dev/null || skip "no perl"
    all_agree 20 perl -e 'my %h; $h{$_ % 1007} .= chr(65 + $_ % 26) for 1 .. 3000000;
        my $n = 0; $n += () = $h{$_} =~ /A.*?Z/g for sort keys %h'
    all_agree 20 bash -c 'for ((i = 0; i < 30000; i++)); do s="${s:0:40}$i"; a[i % 100]="${s//1/2}"; done'
}

@test "gdb sees the same stacks" {
    gdb_agrees 10 "$PROGRAMS/recurse" 30 60
    gdb_agrees 10 bash -c 'for ((i = 0; i < 10000000; i++)); do s="${s:0:40}$i"; done'
}
