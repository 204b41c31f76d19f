#!/usr/bin/env bats
# Memory beside the heap: what a program maps itself, and what its resident memory is.

load helpers

# parts MODE: what was seen of memory_parts at its end, beside what it says itself.
parts() {
    record "$1" "$PROGRAMS/memory_parts" "$1" >"$1.truth"
    "$PROFINJECT" report --json "$1" | jq --slurpfile truth "$1.truth" \
        '.resident.processes[0].end + {truth: $truth[0]}' >"$1.json"
    cat "$1.json"
}

# near: of jq, a and b differ by 3 % and 2 MiB at most.
near='def near(a; b): ((a - b) | fabs) <= b * 0.03 + 2097152;'

@test "every way to map memory is exact by function" {
    for mode in counters sampled exact; do
        "$PROFINJECT" record --quiet --heap "$mode" --output "$mode" -- "$PROGRAMS/mapping_sites" >truth
        "$PROFINJECT" report --json "$mode" |
            jq -r '.mapped.functions[] | "\(.function) \(.live_bytes) \(.mapped_bytes) \(.count)"' >found
        diff <(sort truth) <(sort found)
        run -0 "$PROFINJECT" folded --metric mapped-bytes "$mode"
        diff <(awk '$2 { print $1, $2 }' truth | sort) \
            <(echo "$output" | sed 's/.*;//' | sort)
    done
    "$PROFINJECT" flamegraph --metric mapped-bytes -o mapped.svg counters
    grep -qF '>keep_part' mapped.svg
    # those of CPU time have no part in it
    [[ $(grep -o 'id="subtitle"[^<]*' mapped.svg) != *" samples"* ]]
}

@test "in exact mode no mapping is lost, however fast they come and go" {
    "$PROFINJECT" record --quiet --heap exact --output exact -- "$PROGRAMS/memory_parts" churn >truth
    "$PROFINJECT" report --json exact | jq -e '.mapped.processes[0].lost_events == 0 and
        [.mapped.functions[] | select(.function == "churn") | .count, .live_bytes] == [100000, 0]'
}

@test "the hooks of mappings change nothing that the program sees" {
    "$PROGRAMS/mapping_sites" >bare
    cat >errors.c <<'C'
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#define TRY(call) errno = 77, printf("%s: %d, errno %d\n", #call, (call) == (void *)-1, errno)
int main(void)
{
    char *block = mmap(NULL, 4 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    TRY(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    TRY(mmap(NULL, 4 << 20, PROT_READ, MAP_PRIVATE, -1, 0));
    TRY(mmap(NULL, 4 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    TRY((void *)(long)munmap(block + 1, 4096));
    TRY((void *)(long)munmap(block, 0));
    TRY((void *)(long)munmap(block, 1 << 20));
    TRY(mremap(block + 1, 4096, 8192, 0));
    TRY(mremap(block + (2 << 20), 1 << 20, 1l << 60, MREMAP_MAYMOVE));
    TRY(sbrk(1l << 60));
    TRY((void *)(long)brk((char *)(1l << 60)));
    TRY(sbrk(2 << 20));
}
C
    ${CC:-cc} -D_GNU_SOURCE -o errors errors.c
    ./errors >bare_errors
    for mode in off counters sampled exact; do
        PROFINJECT_HEAP=$mode preloaded "sites.$mode" "$PROGRAMS/mapping_sites" | diff bare -
        PROFINJECT_HEAP=$mode preloaded "errors.$mode" ./errors | diff bare_errors -
    done
}

# mostly NAME WORDS...: the first screen names them.
mostly() {
    run -0 "$PROFINJECT" report "$1"
    local word
    for word in "${@:2}"; do [[ $output == *"$word"* ]] || { echo "no '$word'"; return 1; }; done
}

@test "a fragmented heap is called so, and who holds it" {
    parts fragment
    jq -e "$near"' near(.parts.live_heap; .truth.live) and
        near(.parts.fragmentation; .truth.arena - .truth.live) and
        near(.held_bytes; .truth.arena) and .live_bytes >= .truth.live and
        near(.live_bytes; .truth.live) and .parts.mapped == 0' fragment.json
    mostly fragment $':\n      fragmentation 1' "held by what is live at the end"
    parts few
    jq -e "$near"' near(.parts.live_heap; .truth.live) and
        near(.parts.fragmentation; .truth.arena - .truth.live)' few.json
    "$PROFINJECT" record --quiet --heap exact --output exact -- "$PROGRAMS/memory_parts" few >truth
    mostly exact "held by what is live at the end (exact): make 4.69 k blocks"
}

@test "mapped memory is called so, as far as it is resident" {
    parts map
    jq -e "$near"' near(.parts.mapped; 268435456) and .mapped_bytes == .truth.mapped and
        .parts.fragmentation < 1e6' map.json
    mostly map $':\n      mapped 256 MiB' "mapped at the most, touched or not: map 512 MiB"
    parts dontneed
    jq -e "$near"' near(.parts.mapped; 67108864) and .mapped_bytes == 268435456' dontneed.json
    parts zeros # pages that were only read are not part of RSS
    jq -e '.parts.mapped < 1e6 and .mapped_bytes == 268435456 and .rss_bytes < 2e7' zeros.json
}

@test "memory freed lazily is told from memory in use" {
    parts lazy
    jq -e "$near"' near(.parts.mapped + .parts.lazily_freed; 268435456) and
        near(.parts.lazily_freed; 201326592)' lazy.json
    mostly lazy $':\n      lazily freed 19' "MADV_FREE"
}

@test "memory of files, in files and shared is named with the largest" {
    parts file
    jq -e "$near"' near(.parts.files; 134217728) and .parts.shared_memory < 1e6 and
        (.largest_file | endswith("/memory_parts.file")) and
        .largest_file_bytes == 134217728' file.json
    mostly file $':\n      files 1' "memory_parts.file, 128 MiB"
    parts written
    jq -e "$near"' near(.parts.private_file_data; 134217728)' written.json
    parts memfd
    jq -e "$near"' near(.parts.shared_memory; 134217728) and .parts.files < 5e7' memfd.json
    mostly memfd $':\n      shared memory 128 MiB' "/memfd:parts"
}

@test "stacks of threads and static variables are such" {
    parts stacks
    jq -e "$near"' near(.parts.stacks; 33554432) and .parts.other < 1e6' stacks.json
    parts variables
    jq -e "$near"' near(.parts.private_file_data; 67108864) and .parts.other < 1e6' variables.json
    parts small # by nobody we know
    jq -e "$near"' near(.parts.other; 67108864) and .mapped_bytes == 0' small.json
}

@test "what is left when the peak is over has a cause of its own" {
    # Until a look met the peak: on a busy machine looks are dear, and the dearer the rarer.
    for _ in {1..5}; do
        "$PROFINJECT" record --quiet --force --heap exact --output exact -- "$PROGRAMS/memory_parts" rest >truth
        "$PROFINJECT" report exact >report
        grep -qF 'taken apart at' report || break
    done
    mostly exact $':\n      mapped 1' "at the end mostly fragmentation, 7" "make 4.69 k blocks"
}

@test "a peak that no look met is told by the kernel's own mark" {
    parts spike
    jq -e '.rss_high_water_bytes > 268435456 and .rss_bytes < 2e7' spike.json
    "$PROFINJECT" report --json spike >spike.all.json
    jq -e '.resident.processes[0] | .most.rss_bytes > 268435456 and
        .most.rss_bytes >= .peak.rss_bytes and .most.rss_bytes >= .end.rss_high_water_bytes' spike.all.json
    "$PROFINJECT" report spike | grep -E ', peak 2[56][0-9] MiB'
    # a look may have come in its midst, or one at the resources
    jq -e '.resident.processes[0].peak.rss_bytes > 2.6e8' spike.all.json ||
        mostly spike "by the kernel" "taken apart at "
    jq -e '.resident.processes[0].most.after_ns != null' spike.all.json ||
        mostly spike "for a moment, by the kernel"
}

@test "of a large process less is asked, and what it is made of still known" {
    parts big
    jq -e "$near"' near(.parts.mapped; 1342177280) and near(.parts.live_heap; .truth.live) and
        near(.parts.fragmentation; .truth.arena - .truth.live) and .parts.lazily_freed == null and
        .parts.other < 1e6 and .parts.private_file_data > 2e6 and
        ([.parts[]] | add) == .rss_bytes' big.json
}

@test "huge pages are told" {
    if grep -qF '[never]' /sys/kernel/mm/transparent_hugepage/enabled; then
        skip "the kernel gives none"
    fi
    parts huge
    jq -e '.huge_page_bytes > 32 * 2097152 - 1e6' huge.json || skip "no memory in one piece"
    jq -e "$near"' near(.parts.mapped; 67108864)' huge.json
    mostly huge "in huge pages"
}

@test "reserved huge pages are beside RSS" {
    "$PROGRAMS/memory_parts" reserved >/dev/null || skip "there are none: vm.nr_hugepages"
    parts reserved
    jq -e '.hugetlb_bytes == 33554432 and .parts.mapped < 1e6 and .rss_bytes < 2e7' reserved.json
    mostly reserved "32.0 MiB of reserved huge pages"
}

@test "a part of the run, or of its functions, has its part of what is mapped" {
    record recording "$PROGRAMS/memory_parts" map >truth
    while read -r live looks options; do
        # shellcheck disable=SC2086  # options and their values
        "$PROFINJECT" report --json $options recording >part.json 2>part.err
        jq -e --argjson live "$live" --argjson looks "$looks" '.mapped.processes[0].live_bytes == $live and
            (.resident.processes // [{looks: []}] | .[0].looks | length) >= $looks' part.json
    done <<'END'
536870912 2
0 1 --time 0:0.02
536870912 1 --time 0.02:
536870912 2 --focus ^map$
0 2 --ignore ^map$
END
}

@test "large blocks are live heap, untouched ones not resident, shared memory is shared" {
    parts large
    jq -e "$near"' near(.parts.live_heap; .truth.live) and .parts.fragmentation < 1e6' large.json
    parts untouched
    jq -e "$near"' near(.live_bytes; .truth.live) and .parts.live_heap < 1e6' untouched.json
    parts shared
    jq -e "$near"' near(.parts.shared_memory; .truth.mapped) and .parts.mapped == 0 and
        .mapped_bytes == .truth.mapped' shared.json
}

@test "arenas are the allocator's: of threads, one for all, and those of several heaps" {
    for arenas in arenas one full; do
        parts $arenas
        jq -e "$near"' near(.held_bytes; .truth.arena) and near(.parts.live_heap; .truth.live) and
            .parts.other < 1e6' $arenas.json
    done
}

@test "the parts are the whole at every look, and looks are few" {
    record recording "$PROGRAMS/spin" 2
    "$PROFINJECT" report --json recording | jq '.resident.processes[0]' >resident.json
    jq -e '[.looks[] | ([.parts[]] | add) == .rss_bytes] | all' resident.json
    jq -e '.looks | length >= 2 and length <= 12' resident.json
}

@test "other allocators' memory is held, not mapped" {
    local library name tried=0
    for name in libjemalloc.so.2 libmimalloc.so.2 libtcmalloc_minimal.so.4; do
        library=$(ldconfig -p | awk -v name="$name" '$1 == name { print $NF; exit }')
        [ -n "$library" ] || continue
        tried=$((tried + 1))
        env LD_PRELOAD="$LIBRARY:$library" PROFINJECT_OUTPUT="$name" PROFINJECT_QUIET=on \
            "$PROGRAMS/memory_parts" fragment >truth.json
        "$PROFINJECT" report --json "$name" | jq --slurpfile truth truth.json \
            '.resident.processes[0].end + {truth: $truth[0]}' >end.json
        cat end.json
        jq -e "$near"' near(.parts.live_heap; .truth.live) and .mapped_bytes == 0 and
            .parts.other < 1e6 and .parts.fragmentation > .rss_bytes * 0.6' end.json
    done
    [ "$tried" -gt 0 ] || skip "none is installed"
}

@test "where memory is not counted what is known is told, and the rest is not 0" {
    record own "$PROGRAMS/own_malloc"
    "$PROFINJECT" report --json own | jq -e '.resident.processes[0] |
        .heap_unavailable == "program defines malloc" and .end.parts.live_heap == null and
        .end.parts.mapped != null'
    PROFINJECT_HEAP=off record off "$PROGRAMS/memory_parts" map >truth
    [ "$("$PROFINJECT" report --json off | jq -c '[.resident, .mapped]')" = "[null,null]" ]
    run -1 "$PROFINJECT" folded --metric mapped-bytes off
    [[ $output == *"record without --heap off"* ]]
}

@test "a fork child has its parent's live heap and mappings" {
    record recording python3 -S -c "
import mmap, os, time
kept = [bytearray(1000) for i in range(50000)]
area = mmap.mmap(-1, 64 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
area.write(bytes(64 << 20))
if os.fork() == 0:
    more = [bytearray(1000) for i in range(20000)]
    time.sleep(0.2)
    os._exit(0)
os.wait()
os._exit(0)"
    "$PROFINJECT" report --json recording |
        jq '[.resident.processes[] | .end | select(.mapped_bytes >= 67108864)]' >ends.json
    cat ends.json
    jq -e 'length == 2 and all(.parts.mapped >= 67108864 and .live_bytes > 5e7) and
        ([.[] | .live_bytes] | max - min > 1.8e7)' ends.json
}
