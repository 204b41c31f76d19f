#!/usr/bin/env bats
# Whatever allocator serves the program, its answers pass the hooks unchanged, and what is
# allocated through a symbol of ours is counted exactly.

load hostile

# behind NAME: that library of Debian's stands behind ours, or the test is skipped.
behind() {
    local found
    found=$(ldconfig -p | awk -v name="$1" '$1 == name { print $NF; exit }')
    [ -n "$found" ] || skip "$1 is not installed"
    HOSTILE_PRELOAD=$found
}

# counted PROGRAM...: its allocations are as many as it counted itself, and so are exact events.
counted() {
    injected cpu "$PWD/counted" "$@" >truth.json 2>counted.err
    "$PROFINJECT" export --format json -o profile.json counted
    python3 "$CHECKS/check_allocations.py" truth.json profile.json
    [ "$HOSTILE_HEAP" != exact ] || python3 "$CHECKS/check_exact.py" counted truth.json
    rm -r counted
}

# served: under the library that stands behind ours answers are as they were, and what C and
# C++ allocate is counted, each once.
served() {
    as_bare "$PROGRAMS/allocator_facts" sizes
    counted "$PROGRAMS/allocator_count" cfree
    counted "$PROGRAMS/alloc_cxx"
    counted "$PROGRAMS/operators_host" "$PROGRAMS/operators_plugin.so" 1000 0
}

@test "row 4: malloc_usable_size, malloc_trim and mallinfo2 answer as they did" {
    in_heap_modes as_bare "$PROGRAMS/allocator_facts"
    all_complete 99 "${HEAPS%% *}/cpu.1"
}

@test "row 4: M_PERTURB writes what it did" {
    in_heap_modes as_bare "$PROGRAMS/allocator_facts" perturb
    grep -q 'malloc a5, calloc 00' "${HEAPS%% *}"/bare.out
}

@test "row 4: operators new and delete by way of the C library" {
    in_heap_modes served
}

@test "row 4: a C++ plugin of a C program runs out of memory" {
    as_bare "$PROGRAMS/operators_host" "$PROGRAMS/operators_plugin.so" 0 100
    grep -q 'caught 200' bare.err
}

# with_own_operators: makes `program_has` and `library_has`, which have operators new and delete of
# their own, the two that all other forms go by, and a library that allocates in its constructor.
with_own_operators() {
    cat >own.cc <<'CC'
#include <cstdio>
#include <cstdlib>
#include <new>
static const size_t mark = 0x6f776e;
size_t made, given;
void *operator new(size_t size)
{
    auto *head = static_cast<size_t *>(malloc(size + 16));
    if (!head)
        throw std::bad_alloc();
    made++;
    *head = mark;
    return head + 2;
}
void operator delete(void *block) noexcept
{
    size_t *head = block ? static_cast<size_t *>(block) - 2 : nullptr;
    if (head && *head != mark) {
        fputs("not from operator new\n", stderr);
        abort();
    }
    given += head != nullptr;
    free(head);
}
CC
    cat >early.cc <<'CC'
#include <string>
#include <vector>
struct Object {
    long numbers[5];
};
static std::vector<std::string> kept;
static Object *object, *array;
void use()
{
    delete object;
    delete[] array;
    object = new Object();
    array = new Object[9];
    kept.push_back(std::string(100 + kept.size(), 'x'));
}
__attribute__((constructor)) static void begin() { use(), use(); }
CC
    cat >main.cc <<'CC'
#include <cstdio>
#include <new>
extern size_t made, given;
void use();
int main()
{
    for (int i = 0; i < 100; i++)
        use();
    delete new (std::nothrow) long;
    printf("%zu made, %zu given\n", made, given);
}
CC
    g++ -O1 -fPIC -shared -o libown.so own.cc
    g++ -O1 -fPIC -shared -o libearly.so early.cc
    g++ -O1 -rdynamic -o program_has main.cc own.cc -L. -learly -Wl,-rpath,"$PWD"
    g++ -O1 -o library_has main.cc -L. -lown -learly -Wl,-rpath,"$PWD"
}

@test "row 4: operators new and delete of the program's or a library's own" {
    with_own_operators
    in_heap_modes own_served
}

own_served() {
    for program in program_has library_has; do
        rm -rf cpu.* perf.*
        as_bare "../$program"
        grep -q made bare.out
    done
}

@test "row 4: likewise where nothing is recorded" {
    with_own_operators
    for program in program_has library_has; do
        ./$program >bare.out
        PROFINJECT_ONLY=another injected cpu "$PWD/none" ./$program >got.out
        cmp bare.out got.out
        PROFINJECT_QUIET=on injected cpu /proc/none ./$program >got.out
        cmp bare.out got.out
    done
}

@test "row 4: operators of a plugin's own in a C program" {
    with_own_operators
    cat >run.cc <<'CC'
#include <cstdio>
extern size_t made, given;
void use();
extern "C" void run()
{
    for (int i = 0; i < 100; i++)
        use();
    printf("%zu made, %zu given\n", made, given);
}
CC
    cat >host.c <<'C'
#include <dlfcn.h>
int main(int argc, char **argv)
{
    void *plugin = argc == 2 ? dlopen(argv[1], RTLD_NOW) : 0;
    void (*run)(void) = plugin ? (void (*)(void))dlsym(plugin, "run") : 0;
    if (run)
        run();
    return !run;
}
C
    gcc -o host host.c
    g++ -O1 -fPIC -shared -o plain.so run.cc early.cc own.cc
    # Its own forms meet in it, and are met by the C++ library's.
    g++ -O1 -fPIC -shared -Wl,-Bsymbolic -o symbolic.so run.cc early.cc own.cc
    in_heap_modes plugged
}

plugged() {
    for plugin in plain symbolic; do
        rm -rf cpu.* perf.*
        as_bare ../host ../$plugin.so
        grep -q made bare.out
    done
}

@test "row 4: jemalloc preloaded behind us" {
    behind libjemalloc.so.2
    in_heap_modes served
}

@test "row 4: mimalloc preloaded behind us" {
    behind libmimalloc.so.2
    in_heap_modes served
}

@test "row 4: tcmalloc preloaded behind us" {
    behind libtcmalloc_minimal.so.4
    in_heap_modes served
}

@test "row 4: an allocator whose entries call one another" {
    HOSTILE_PRELOAD=$PROGRAMS/nested_preload_other.so
    in_heap_modes counted "$PROGRAMS/allocator_count"
}

# linked NAME: served, by a program of its own linked to it.
linked() {
    behind "$1"
    for program in allocator_facts allocator_count; do
        gcc -D_GNU_SOURCE -g -O1 -pthread -o "$program" "$ROOT/tests/programs/$program.c" \
            -Wl,--no-as-needed "$HOSTILE_PRELOAD"
    done
    g++ -std=gnu++17 -g -O1 -pthread -o alloc_cxx "$ROOT/tests/programs/alloc_cxx.cc" \
        -Wl,--no-as-needed "$HOSTILE_PRELOAD"
    HOSTILE_PRELOAD=
    in_heap_modes linked_served
}

linked_served() {
    as_bare ../allocator_facts sizes
    counted ../allocator_count cfree
    counted ../alloc_cxx
}

@test "row 4: jemalloc linked by the program" {
    linked libjemalloc.so.2
}

@test "row 4: mimalloc linked by the program" {
    linked libmimalloc.so.2
}

@test "row 4: tcmalloc linked by the program" {
    linked libtcmalloc_minimal.so.4
}

@test "row 4: an allocator preloaded before us: memory is unavailable, and it is said why" {
    local first name
    for name in libjemalloc.so.2 libmimalloc.so.2 libtcmalloc_minimal.so.4; do
        first=$(ldconfig -p | awk -v name="$name" '$1 == name { print $NF; exit }')
        [ -n "$first" ] || { echo "# $name is not installed" >&3 && continue; }
        for program in allocator_count alloc_cxx; do
            env LD_PRELOAD="$first:$LIBRARY" PROFINJECT_OUTPUT="$name.$program" \
                "$PROGRAMS/$program" >got 2>got.err
            [ ! -s got.err ]
            [ "$(fact 'per_process[0].memory_unavailable' "$name.$program")" = "malloc of $name comes first" ]
        done
    done
    limited "memory of such a program is unavailable"
}

@test "row 4: jemalloc's own interface mixed with free" {
    behind libjemalloc.so.2
    cat >mallocx.c <<'C'
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
void *mallocx(size_t, int);
void *rallocx(void *, size_t, int);
void sdallocx(void *, size_t, int);
int main(void)
{
    for (int i = 0; i < 100000; i++) {
        char *one = mallocx(5000, 0), *two = malloc(5000), *three = mallocx(100, 0);
        one = rallocx(one, 9000, 0);
        one[8999] = two[4999] = three[99] = 1;
        free(one);              /* known to us only now */
        sdallocx(two, 5000, 0); /* gone without our knowing */
        sdallocx(three, 100, 0);
    }
    puts("done");
}
C
    gcc -O1 -o mallocx mallocx.c "$HOSTILE_PRELOAD"
    HOSTILE_PRELOAD=
    in_heap_modes as_bare "$PWD/mallocx"
    limited "blocks of mallocx, and ends by sdallocx, are not seen"
}

@test "row 4: a program that defines malloc itself: memory is unavailable, and it is said why" {
    as_bare "$PROGRAMS/own_malloc"
    all_complete 99 cpu.1
    run -0 fact 'per_process[0].memory_unavailable' cpu.1
    [ "$output" = "program defines malloc" ]
    "$PROFINJECT" report cpu.1 | grep 'unavailable (program defines malloc)'
    limited "memory of such a program is unavailable"
}
