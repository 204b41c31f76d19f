#!/usr/bin/env bats
# --fold-recursion: a function that calls itself directly is one frame, in every output;
# what calls itself by way of another stays, and so do all sums.

load helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    record direct "$PROGRAMS/recurse" 60 0.4
    cat >mutual.c <<'EOF'
#include "burn.h"
BURN_FUNCTION(burn_leaf)
static volatile int returned;
void odd(int depth);
__attribute__((noipa)) void even(int depth)
{
    if (depth > 0)
        odd(depth - 1);
    else
        burn_leaf(0.4);
    returned++;
}
__attribute__((noipa)) void odd(int depth)
{
    even(depth - 1);
    returned++;
}
int main(void)
{
    even(40);
    return 0;
}
EOF
    gcc -O1 -g -D_GNU_SOURCE -I"$ROOT/tests/programs" -o mutual mutual.c
    record mutual.out ./mutual
}

DIRECT=$BATS_FILE_TMPDIR/direct
MUTUAL=$BATS_FILE_TMPDIR/mutual.out

# total FILE: the sum of folded lines.
total() {
    awk '{ sum += $NF } END { print sum }' "$1"
}

@test "direct recursion is one frame, and nothing is lost" {
    "$PROFINJECT" folded "$DIRECT" >whole
    "$PROFINJECT" folded --fold-recursion "$DIRECT" >folded
    [ "$(total whole)" -eq "$(total folded)" ]
    # The known answer: 60 frames of descend() above the leaf, then one.
    grep -E '(;descend){60};burn_leaf' whole
    run -1 grep -E ';descend;descend' folded
    grep -E '^[^;]*(;[^;]+)*;main;descend;burn_leaf' folded
    "$PROFINJECT" folded --metric samples "$DIRECT" | awk '{ sum += $NF } END { print sum }' >samples
    [ "$("$PROFINJECT" folded --metric samples --fold-recursion "$DIRECT" |
        awk '{ sum += $NF } END { print sum }')" -eq "$(cat samples)" ]
}

@test "mutual recursion stays" {
    "$PROFINJECT" folded "$MUTUAL" >whole
    "$PROFINJECT" folded --fold-recursion "$MUTUAL" >folded
    grep -E '(;even;odd){20};even;burn_leaf' whole
    cmp whole folded
}

@test "every output folds: report, flame graph, export" {
    run -0 "$PROFINJECT" report --all --fold-recursion "$DIRECT"
    [[ "$output" != *"descend > descend"* ]]
    [[ "$output" == *"main > descend"$'\n'* ]]
    # Shares stay what they are: recursion was right without it as well.
    for command in "" --fold-recursion; do
        # shellcheck disable=SC2086  # no option is no argument
        "$PROFINJECT" report --json $command "$DIRECT" |
            jq -c '[.functions[] | {function, self_cpu_ns, total_cpu_ns}]' >"shares$command"
    done
    cmp shares shares--fold-recursion
    "$PROFINJECT" export --format json --fold-recursion "$DIRECT" |
        jq -e 'all(.processes[].stacks[]; [.frames[].symbol] | [., .[1:]] | transpose |
            all(.[]; .[0] != .[1] or .[0] != "descend"))'
    "$PROFINJECT" flamegraph --fold-recursion -o folded.svg "$DIRECT"
    [ "$(grep -c '<title>descend$' folded.svg)" -le 2 ] # by kind of frame, see labels.h
    [ "$("$PROFINJECT" flamegraph "$DIRECT" | grep -c '<title>descend$')" -ge 50 ]
}
