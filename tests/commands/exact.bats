#!/usr/bin/env bats
# Every event of the heap, read back by the specification of the trace alone.

load helpers
load exact

@test "every way to allocate, resize, free and fail, per thread, as often as it happened" {
    exact recording -- "$PROGRAMS/alloc_exact" 200 >truth
    events recording truth
    jq -e '.doubled == 0 and .resizes > 0' events
}

@test "threads free each other's blocks: what is live is what was kept" {
    exact recording -- "$PROGRAMS/heap_sites" 4 2 >truth
    events recording
    kept=$(awk '{ live += $4 } END { print live }' truth)
    made=$(awk '{ made += $2 } END { print made }' truth)
    jq -e --argjson kept "$kept" --argjson made "$made" \
        '.live >= $kept and .live <= $kept + 200 and
         .allocations >= $made and .allocations <= $made + 500 and .doubled == 0' events
}

@test "64 threads and room for one segment: they wait, and nothing is lost" {
    exact recording --heap-buffer 1 -- "$PROGRAMS/heap_sites" 64 1 >truth
    events recording
    made=$(awk '{ made += $2 } END { print made }' truth)
    jq -e --argjson made "$made" '.allocations >= $made and .allocations <= $made + 700' events
}

@test "what a thread does after we let it go is known: the last destructors of all" {
    cat >late.c <<'C'
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
static pthread_key_t key;
static void *kept[100];
/* Runs in every round, in the last one after ours. */
static void end(void *round)
{
    if ((intptr_t)round < PTHREAD_DESTRUCTOR_ITERATIONS) {
        pthread_setspecific(key, (void *)((intptr_t)round + 1));
        return;
    }
    for (int i = 0; i < 100; i++)
        free(kept[i]);
    for (int i = 0; i < 50; i++)
        kept[i] = malloc(7777);
}
static void *run(void *unused)
{
    for (int i = 0; i < 100; i++)
        kept[i] = malloc(8888);
    pthread_setspecific(key, (void *)1);
    return unused;
}
int main(void)
{
    pthread_t thread;
    pthread_key_create(&key, end);
    pthread_create(&thread, NULL, run, NULL);
    pthread_join(thread, NULL);
}
C
    cc -o late late.c
    exact recording -- ./late
    events recording
    jq -e '.others == 150 and .doubled == 0 and
           .live_bytes >= 50 * 7777 and .live_bytes < 51 * 7777' events
}

@test "in a pause frees are recorded, allocations are not" {
    exact recording -- "$PROGRAMS/heap_pauses"
    events recording
    jq -e '.live_bytes >= 100 * 1003 and .live_bytes < 100 * 1003 + 60000' events
}

@test "killed: what was recorded until then is whole" {
    exact recording -- bash -c '"$0" 4 100000 & pid=$!; sleep 0.3; kill -9 $pid; wait $pid; exit 0' \
        "$PROGRAMS/heap_sites" || true
    events recording
    jq -e '.allocations > 20000' events
}

@test "a fork child's events are its own, and those of a process that ends by _exit are there" {
    exact recording -- python3 -S -c "
import os
kept = [bytearray(10000 + i) for i in range(1000)]
if os.fork() == 0:
    kept = None
    more = [bytearray(20000 + i) for i in range(500)]
    os._exit(0)
os.wait()
os._exit(0)"
    events recording
    jq -e '.traces >= 2 and .live_bytes > 20e6 and .live_bytes < 25e6 and .unknown >= 1000' events
}

@test "children that only exec leave whole traces, whatever the servant is at" {
    exact recording -- bash -c 'for i in $(seq 40); do (exec /bin/true); done'
    for trace in recording/*.pinj; do
        zstd -tq "$trace"
    done
}

@test "no room for events: the program goes on, and what is missing is said" {
    [ "$(id -u)" -eq 0 ] || skip "needs root to mount a small file system"
    unshare -m true 2>/dev/null || skip "no mount namespace here"
    mkdir small
    cat >crowd.py <<'PY'
import threading
try:
    with open("small/fill", "wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
except OSError:
    pass
everybody = threading.Barrier(30)
def work():
    everybody.wait()
    kept = [bytearray(1000 + i) for i in range(1000)]
    everybody.wait()
threads = [threading.Thread(target=work) for _ in range(30)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("done")
PY
    run -0 unshare -m bash -c '
        mount -t tmpfs -o size=10m none small || exit 3
        XDG_RUNTIME_DIR=$PWD/small "$0" record --heap exact -o recording -- python3 -S crowd.py' \
        "$PROFINJECT"
    [[ $output == *"done"* ]]
    run -0 "$PROFINJECT" info recording
    [[ $output == *"heap events are missing"* ]]
}

@test "a library goes while its code allocates: the program's output is the same" {
    exact recording -- "$PROGRAMS/reload" "$PROGRAMS/reload_one_plugin.so" \
        "$PROGRAMS/reload_two_plugin.so" 100 500 >said
    [ "$(cat said)" = "done" ]
    events recording
    jq -e '.allocations > 1000' events
}

@test "no room for the trace: the program goes on, and the end is said" {
    [ "$(id -u)" -eq 0 ] || skip "needs root to mount a small file system"
    unshare -m true 2>/dev/null || skip "no mount namespace here"
    mkdir small
    run -0 unshare -m bash -c '
        mount -t tmpfs -o size=1m none small || exit 3
        "$0" record --heap exact --heap-buffer 1 -o small/recording -- "$1" 4 20 >truth' \
        "$PROFINJECT" "$PROGRAMS/heap_sites"
    [[ $output == *"cannot write"* ]]
    [ "$(wc -l <truth)" -ge 4 ]
}

@test "counters and events agree, and we add nothing: a program without allocations has none" {
    "$PROFINJECT" record -q --heap exact -o none -- "$PROGRAMS/spin" 0.05
    [ "$("$PROFINJECT" report --json none | jq '.heap.alloc_count')" -eq 0 ]
    # shellcheck disable=SC2016  # for the inner shell
    "$PROFINJECT" record -q --heap exact -o some -- bash -c 'for i in {1..99}; do a+=($i); done'
    [ "$("$PROFINJECT" report --json some | jq '.heap.alloc_count')" -eq "$(fact heap_events.blocks some)" ]
    [ "$(fact heap_events.blocks some)" -gt 99 ]
}
