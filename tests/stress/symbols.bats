#!/usr/bin/env bats
# Damaged debug information, more of it than tests/unit/test_dwarf_worker.c tries in every run: other
# bytes each time, the seed in the output of what fails.

bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD=$ROOT/$BUILD ;; esac

@test "damaged debug information costs its own symbols, by gcc and clang, of DWARF 4 and 5" {
    make -s -C "$ROOT" BUILD="$BUILD" "$BUILD/tests/test_dwarf_worker"
    for seed in $(seq $((8 / ${STRESS_DIVISOR:-1} + 1))); do
        seed=$((seed * 1000 + $(date +%s) % 1000))
        echo "PROFINJECT_DAMAGE_SEED=$seed"
        PROFINJECT_DAMAGE_SEED=$seed PROFINJECT_DAMAGE_ROUNDS=1000 \
            timeout 1200 "$BUILD/tests/test_dwarf_worker"
    done
}
