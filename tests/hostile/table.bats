#!/usr/bin/env bats
# The table of the matrix is made by `make matrix`; a row added since is missing in it.

load hostile

@test "the table names every row file there is, its machine and its date" {
    table=$ROOT/tests/hostile/README.md
    for file in "$ROOT"/tests/hostile/row_*.bats; do
        grep -qF "($(basename "$file"))" "$table" || { echo "$file: run make matrix"; return 1; }
    done
    grep -qE '^Last run on 20[0-9]{2}-[0-9]{2}-[0-9]{2}: .+ CPUs, Linux ' "$table"
}

@test "tests of a row are named after it" {
    for file in "$ROOT"/tests/hostile/row_*.bats; do
        number=$(basename "$file" | sed 's/^row_0*\([0-9]*\)_.*/\1/')
        run grep -n '^@test' "$file"
        [ -z "$(echo "$output" | grep -v "@test \"row $number: ")" ] || { echo "$file: $output"; return 1; }
    done
}
