#!/usr/bin/env bats
# The memory hooks stand in every allocation of the process, also where neither the
# library nor the thread's data is there yet, or any more.

load hostile

@test "row 3: malloc before constructors, in handlers, thread-local destructors, the last destructor" {
    in_heap_modes as_bare timeout -k 1 60 "$PROGRAMS/malloc_places"
    [ "$(cat "${HEAPS%% *}"/bare.out)" = "$(printf 'early 1, handled many\nlast')" ]
}

@test "row 3: malloc in a library that is set up before ours and torn down after" {
    HOSTILE_PRELOAD=$PROGRAMS/places_preload_other.so
    in_heap_modes as_bare timeout -k 1 60 "$PROGRAMS/malloc_places"
    grep -q before "${HEAPS%% *}"/bare.err
    grep -q after "${HEAPS%% *}"/bare.err
}

@test "row 3: C++ thread_local objects allocate when their threads end" {
    cat >locals.cc <<'CC'
#include <cstdio>
#include <string>
#include <thread>
#include <vector>
struct Last {
    std::vector<std::string> names;
    ~Last() { for (int i = 0; i < 100; i++) names.push_back(std::string(100 + i, 'x')); }
};
thread_local Last last;
int main()
{
    for (int round = 0; round < 200; round++) {
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; i++)
            threads.emplace_back([] { last.names.push_back("first"); });
        for (auto &thread : threads)
            thread.join();
    }
    puts("done");
}
CC
    g++ -O1 -g -pthread -o locals locals.cc
    in_heap_modes as_bare "$PWD/locals"
}
