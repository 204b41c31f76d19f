#!/usr/bin/env bats
# Every fuzz target over its corpus, which has each input that ever found a defect, and then
# for a moment on mutants of it (FUZZ_SECONDS each; tests/stress asks for more).

bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD=$ROOT/$BUILD ;; esac

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

# fuzz TARGET: once over the corpus, then on mutants, which stay here.
fuzz() {
    local target=$BUILD/fuzz/fuzzers/$1 corpus=$ROOT/tests/fuzz/corpus/$1
    [ -x "$target" ] || skip "make fuzz did not build $1 (needs clang with libFuzzer)"
    mkdir found
    export ASAN_OPTIONS=allocator_may_return_null=1:quarantine_size_mb=8
    run -0 timeout $((${FUZZ_SECONDS:-1} + 120)) "$target" -max_total_time="${FUZZ_SECONDS:-1}" \
        -max_len=16384 -timeout=60 -rss_limit_mb=3000 -print_final_stats=1 found "$corpus"
}

@test "every target has a corpus of small files, every corpus a target" {
    for target in "$ROOT"/tests/fuzz/fuzz_*.c; do
        name=$(basename "$target" .c)
        [ -n "$(ls "$ROOT/tests/fuzz/corpus/${name#fuzz_}")" ]
        grep -q "fuzz ${name#fuzz_}\$" "$BATS_TEST_FILENAME"
    done
    [ -z "$(find "$ROOT/tests/fuzz/corpus" -type f -size +16k)" ]
}

@test "whole files" {
    fuzz chunks
}

@test "payloads of chunks" {
    fuzz records
}

@test "traces into profiles" {
    fuzz traces
}

@test "rings that were left" {
    fuzz rings
}

@test "settings in the environment" {
    fuzz settings
}

@test "suppression files" {
    fuzz suppressions
}

@test "perf maps and jitdumps" {
    fuzz made_code
}

@test "manifests" {
    fuzz manifests
}

@test "files with code" {
    fuzz elf
}

@test "line tables" {
    fuzz lines
}

@test "answers of workers" {
    fuzz answers
}

@test "entries of debug information" {
    fuzz entries
}

@test "symbols that were kept" {
    fuzz stores
}

@test "archives of recordings" {
    fuzz archives
}
