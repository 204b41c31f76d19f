#!/usr/bin/env bats
# Leaks: against a program that knows its own, LeakSanitizer and valgrind.

load helpers

# scanned RECORDING MODE...: the program with leaks in every way, recorded in that mode.
scanned() {
    local directory=$1
    shift
    "$PROFINJECT" record --quiet --leak-scan "$@" --output "$directory" -- "$PROGRAMS/leaks"
}

# groups RECORDING KIND: "FUNCTION BLOCKS BYTES" of the innermost function, sorted.
groups() {
    "$PROFINJECT" report --leaks --json "$1" |
        jq -r --arg kind "$2" '[.leaks[] | select(.kind == $kind) |
            {f: .frames[0].function, n: .blocks.value, b: .bytes.value}] | group_by(.f)[] |
            "\(.[0].f) \(map(.n) | add) \(map(.b) | add)"' | sort
}

# What the program says by its functions' names; sizes are in its source.
truth_direct="lost_block 10 10010
lost_head 1 48
lost_large 1 1048577
lost_last 1 24"
truth_indirect="below_head 5 240
ring_member 3 144"
truth_kept="kept_by_bss 1 102
kept_by_data 1 101
kept_by_large 1 107
kept_by_main 1 108
kept_by_mapping 1 106
kept_by_register 1 105
kept_by_stack 1 104
kept_by_tls 2 206
kept_inside 1 300
kept_large 1 1048576
kept_list 4 192"

# is_divided RECORDING: lost blocks exactly; of those kept the program's own.
is_divided() {
    diff <(groups "$1" direct) <(printf '%s\n' "$truth_direct") &&
        diff <(groups "$1" indirect) <(printf '%s\n' "$truth_indirect") &&
        diff <(groups "$1" reachable | grep ^kept_) <(printf '%s\n' "$truth_kept")
}

needs_ptrace() {
    "$PROFINJECT" report --leaks --json "$1" | jq -e '.scan.left_threads == 0' ||
        skip "ptrace is not permitted here: registers of other threads are not known"
}

@test "an exact recording's scan tells lost from kept, to the block" {
    for round in 1 2 3; do
        scanned "r$round" --heap exact
        needs_ptrace "r$round"
        is_divided "r$round"
    done
}

@test "a sampled one's does where all blocks are sampled" {
    scanned recording --heap sampled --heap-interval 1
    needs_ptrace recording
    is_divided recording
    run -0 "$PROFINJECT" report --leaks recording
    [[ $output == *"lost is so at least: pointers in blocks that were not sampled"* ]]
}

@test "LeakSanitizer divides the same program alike" {
    gcc -g -O1 -pthread -fsanitize=leak -o sanitized "$ROOT/tests/programs/leaks.c" ||
        skip "gcc has no LeakSanitizer here"
    LSAN_OPTIONS=exitcode=0 ./sanitized without-mappings 2>told
    grep -q 'detected memory leaks' told || skip "LeakSanitizer does not run here: $(head -1 told)"
    awk '/^(Direct|Indirect) leak/ { kind = tolower($1); bytes = $4; blocks = $7 }
         /^ +#1 / { n[kind " " $4] += blocks; b[kind " " $4] += bytes }
         END { for (k in n) print k, n[k], b[k] }' told | sort >theirs
    "$PROFINJECT" record --quiet --leak-scan --heap exact --output recording -- \
        "$PROGRAMS/leaks" without-mappings
    needs_ptrace recording
    { groups recording direct | sed 's/^/direct /'; groups recording indirect | sed 's/^/indirect /'; } |
        sort >ours
    diff theirs ours
}

@test "what valgrind calls reachable is, block for block, where nothing is lost" {
    command -v valgrind >/dev/null || skip "valgrind is not there"
    for program in "ls /usr" "sqlite3 :memory: select(1)"; do
        command -v "${program%% *}" >/dev/null || continue
        # shellcheck disable=SC2086  # words
        valgrind --leak-check=full --run-libc-freeres=no --run-cxx-freeres=no $program >out 2>told || true
        grep -q 'definitely lost: 0 bytes' told || continue
        rm -rf recording
        # shellcheck disable=SC2086
        "$PROFINJECT" record --quiet --leak-scan --heap exact --output recording -- $program >out || true
        theirs=$(sed -n 's/.*still reachable: \([0-9,]*\) bytes in \([0-9,]*\) blocks/\1 \2/p' told | tr -d ,)
        ours=$("$PROFINJECT" report --leaks --json recording |
            jq -r '.totals | "\(.reachable.bytes.value) \(.reachable.blocks.value) \(keys | length)"')
        [ "$ours" = "$theirs 1" ] || { echo "$program: ours $ours, theirs $theirs"; return 1; }
    done
}

# suppressed_by_ours PATTERN, suppressed_by_theirs PATTERN: bytes it keeps back.
suppressed_by_ours() {
    printf 'leak:%s\n' "$1" >rule
    "$PROFINJECT" report --leaks --suppressions rule --json recording | jq '.suppressed[0].bytes.value'
}
suppressed_by_theirs() {
    printf 'leak:%s\n' "$1" >rule
    LSAN_OPTIONS=exitcode=0:fast_unwind_on_malloc=0:suppressions=rule ./sanitized without-mappings 2>&1 |
        awk '/^Suppressions used/ { getline; getline; bytes = $2 } END { print bytes + 0 }'
}

@test "patterns suppress what they do in LeakSanitizer" {
    gcc -g -O1 -pthread -fsanitize=leak -o sanitized "$ROOT/tests/programs/leaks.c" ||
        skip "gcc has no LeakSanitizer here"
    [ "$(suppressed_by_theirs main)" -gt 0 ] || skip "LeakSanitizer does not run here"
    "$PROFINJECT" record --quiet --leak-scan --heap exact --output recording -- \
        "$PROGRAMS/leaks" without-mappings
    needs_ptrace recording
    for pattern in main lost_ 'lost_*' '^lost_' '^ost_' 'lost_block$' 'lost_blo$' 'below*head' \
        '^below*ead$' 'head*below' '*' 'leaks.c' 'commands*leaks.c' 'programs/leaks.c$' \
        '^programs/leaks.c' 'lose_lists' 'l$ost' 'ring_member*$' '^*list' 'nothing'; do
        [ "$(suppressed_by_ours "$pattern")" = "$(suppressed_by_theirs "$pattern")" ] ||
            { echo "leak:$pattern: ours $(suppressed_by_ours "$pattern")," \
                "theirs $(suppressed_by_theirs "$pattern")"; return 1; }
    done
}

@test "without a scan it is a list of what was not freed, and says so" {
    "$PROFINJECT" record --quiet --heap exact --output recording -- "$PROGRAMS/leaks"
    run -0 "$PROFINJECT" report --leaks recording
    [[ $output == "Leaks  2.01 MiB ("*" bytes) in "*" blocks from "*" stacks, not freed"* ]]
    [[ $output == *"no scan for pointers"*"--leak-scan"* ]]
    [[ $output == *"Not freed: 1.00 MiB (1 048 577 bytes) in 1 block, allocated from:
    #0 lost_large "*"/tests/programs/leaks.c:"*"
    #1 keep "*"/tests/programs/leaks.c:"*"
    #2 main "* ]]
    [[ $output == *"    by leaks ("*" after the start"* ]]
    "$PROFINJECT" report --leaks --json recording |
        jq -e '.schema == "profinject-leaks-1" and .scan == null and .leaks[0].kind == "not-freed" and
            .leaks[0].frames[0].function == "lost_large" and .leaks[0].bytes.low == .leaks[0].bytes.high'
}

@test "suppressions are summed, damaged lines told, a missing file is an error" {
    "$PROFINJECT" record --quiet --heap exact --output recording -- "$PROGRAMS/leaks"
    printf '# known\nleak:lost_\nrace:other\nleek:typo\nleak:unused\n' >rules
    run -0 --separate-stderr "$PROFINJECT" report --suppressions rules --all recording
    [[ $output == *"Suppressed 4 stacks, 1.01 MiB (1 058 659 bytes) in 13 blocks:
    line 2, leak:lost_: 4 stacks, "* ]]
    run ! grep -E '#0 lost_|unused' <<<"$output"
    # shellcheck disable=SC2154  # set by bats
    [ "$stderr" = "profinject report: cannot use line 4 of suppressions 'rules': 'leek:typo': allowed: leak:PATTERN" ]
    run -1 "$PROFINJECT" report --leaks --suppressions missing recording
    [ "$output" = "profinject report: cannot read suppressions 'missing': No such file or directory" ]
}

@test "a recording without the heap's stacks says how to get them" {
    "$PROFINJECT" record --quiet --heap counters --output recording -- "$PROGRAMS/leaks"
    run -1 "$PROFINJECT" report --leaks recording
    [[ $output == *"--heap"* ]]
}

# 64 GiB that were never touched, and threads that go on mapping and unmapping.
@test "a scan is fast over memory that is not there, and survives what goes away" {
    cat >wild.c <<'EOF'
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
static void *run(void *unused)
{
    for (;;) {
        char *p = mmap(NULL, 1 << 22, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED)
            continue;
        memset(p, 1, 1 << 22);
        free(realloc(malloc(1000), 300000));
        munmap(p, 1 << 22);
    }
    return unused;
}
static void *volatile lost;
int main(void)
{
    pthread_t thread;
    mmap(NULL, 64ull << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    lost = malloc(12345);
    lost = NULL;
    for (int i = 0; i < 3; i++)
        pthread_create(&thread, NULL, run, NULL);
    usleep(50000);
    exit(7);
}
EOF
    gcc -O1 -pthread -o wild wild.c
    for mode in exact sampled; do
        run -7 timeout 20 "$PROFINJECT" record --quiet --leak-scan --heap "$mode" --heap-interval 1K \
            --output "$mode" -- ./wild
        "$PROFINJECT" report --leaks --json "$mode" |
            jq -e '.scan.bytes < 1e9 and .scan.complete and ([.leaks[] | select(.kind == "direct") |
                .bytes.value] | add) >= 12345'
    done
}

@test "of a fork child, what the parent holds is in reach" {
    cat >fork.c <<'EOF'
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
static void **volatile table;
__attribute__((noinline)) static void lose(void)
{
    void *volatile block = malloc(77);
    block = NULL;
}
int main(void)
{
    table = malloc(800);
    if (fork() == 0) {
        for (int i = 0; i < 10; i++)
            table[i] = malloc(40);
        lose();
        exit(0);
    }
    wait(NULL);
    return 0;
}
EOF
    gcc -O1 -o fork fork.c
    for round in 1 2 3 4 5; do
        "$PROFINJECT" record --quiet --leak-scan --heap exact --output "r$round" -- ./fork
        "$PROFINJECT" report --leaks --json "r$round" |
            jq -e '.totals.direct.bytes.value == 77 and .totals.reachable.blocks.value == 11'
    done
}
