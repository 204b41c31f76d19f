#!/usr/bin/env bats
# House rules that a compiler does not know.

bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
BUILD=${BUILD:-build}

setup() {
    cd "$ROOT" || return 1
}

sources() {
    find preload analyzer tests scripts -type f \
        \( -name '*.[ch]' -o -name '*.cc' -o -name '*.js' -o -name '*.css' -o -name '*.py' \
        -o -name '*.bats' -o -name '*.bash' -o -path 'scripts/*' \)
}

@test "no file is longer than 500 lines, the Makefile no longer than 200" {
    run -0 bash -c "$(declare -f sources); sources | xargs wc -l | awk '\$1 > 500 && \$2 != \"total\"'"
    [ -z "$output" ]
    [ "$(wc -l <Makefile)" -le 200 ]
}

@test "no function is longer than 60 lines" {
    run -0 bash -c 'find preload analyzer tests -name "*.c" |
        xargs ctags --output-format=json --kinds-C=f --fields=+ne |
        jq -r "select(.end - .line + 1 > 60) | \"\(.path): \(.name)\""'
    [ -z "$output" ]
}

@test "every file says first what it is for" {
    for file in $(find preload analyzer -name '*.[ch]'); do
        [ "$(head -c 2 "$file")" = '/*' ] || { echo "$file: no opening comment"; return 1; }
    done
}

@test "functions for signal handlers call nothing else" {
    run -0 bash -c "find '$BUILD/obj/pic/preload' -name '*.o' | xargs python3 tests/sigsafe.py"
}

@test "nothing unfinished" {
    words='TODO|FIXME|XXX|not (yet )?implemented|unimplemented|for now'
    run bash -c "$(declare -f sources); sources | grep -v tests/style.bats | xargs grep -nE '\b($words)\b'"
    echo "$output"
    [ -z "$output" ]
}

@test "README's table of options is the table of the source" {
    run -0 python3 tests/options_table.py preload/contract/settings.def README.md
}
