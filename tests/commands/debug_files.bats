#!/usr/bin/env bats
# Where names come from when a file does not carry them itself, and what is said when that is
# missing, of another build, or cannot be had. (That what is found is read right: corpus.bats.)

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    unset "${!DEBUGINFOD_@}"
    export XDG_CACHE_HOME=$PWD/cache
    cat >part.c <<'EOF'
static inline __attribute__((always_inline)) int inner(volatile int *p)
{
    return *p + 1;
}
__attribute__((noinline)) static int hidden(volatile int *p)
{
    return inner(p);
}
int outer(volatile int *p)
{
    return hidden(p) + inner(p);
}
EOF
}

needs() {
    for tool; do
        command -v "$tool" >/dev/null || skip "needs $tool"
    done
}

# build FLAGS...: part.so, and the address of its hidden function in $hidden.
build() {
    gcc -O1 -shared -fPIC -nostartfiles -Wl,--build-id "$@" -o part.so part.c
    hidden=$(nm part.so | awk '$3 == "hidden" { print $1 }')
    id=$(readelf -n part.so | sed -n 's/.*Build ID: //p')
}

symbolize() {
    run --separate-stderr "$PROFINJECT" symbolize "$@" part.so "$hidden"
    echo "$output"
    echo "$stderr"
}

has_all() {
    [ -z "$stderr" ]
    [ "${lines[0]}" = inner ]
    [[ "${lines[1]}" == */part.c:3 ]]
    [ "${lines[2]}" = hidden ]
    [[ "${lines[3]}" == */part.c:7 ]]
}

# The linker's name and nothing else.
has_name() {
    [ "${lines[0]}" = hidden ]
    [ "${#lines[@]}" -eq 2 ]
}

@test "a stripped file that carries its symbol table packed has names" {
    needs xz
    build -g0
    nm -D part.so --format=posix --defined-only | awk '{ print $1 }' | sort >dynamic
    nm part.so --format=posix --defined-only | awk '$2 ~ /[tT]/ { print $1 }' | sort >all
    comm -13 dynamic all >kept
    objcopy --only-keep-debug part.so full
    objcopy -S --remove-section .gdb_index --remove-section .comment --keep-symbols=kept full mini
    xz mini
    strip -s part.so
    symbolize
    [ "${lines[0]}" = '??' ] || [[ "${lines[0]}" == '[part.so'* ]]
    [[ "$stderr" == *stripped* ]]
    objcopy --add-section .gnu_debugdata=mini.xz part.so
    symbolize
    [ -z "$stderr" ]
    has_name
    # What is damaged there is not there.
    head -c 100 mini.xz >cut.xz
    objcopy --update-section .gnu_debugdata=cut.xz part.so
    symbolize
    [[ "$stderr" == *stripped* ]]
}

@test "a split unit's file: where it was compiled, beside the program, in a debug directory" {
    for version in 4 5; do
        rm -rf moved ./*.dwo
        mkdir -p built moved
        (cd built && gcc -O1 -g -gdwarf-$version -gsplit-dwarf -fPIC -c -o part.o ../part.c)
        gcc -shared -nostartfiles -o part.so built/part.o
        hidden=$(nm part.so | awk '$3 == "hidden" { print $1 }')
        symbolize
        has_all
        mv built/*.dwo .
        symbolize
        has_all
        mkdir -p "debug$PWD/built"
        mv ./*.dwo "debug$PWD/built"
        symbolize --debug-dir "$PWD/debug"
        has_all
        mv "debug$PWD/built"/*.dwo debug
        symbolize --debug-dir "$PWD/debug"
        has_all
        rm debug/*.dwo
        symbolize --debug-dir "$PWD/debug"
        [ "$(grep -c . <<<"$stderr")" -eq 1 ]
        [[ "$stderr" == *part.dwo*"is not there"* ]]
        [ "${lines[0]}" = hidden ]
        [[ "${lines[1]}" == */part.c:3 ]] # lines are in the program
    done
}

@test "a split unit's file of another build is refused" {
    for version in 4 5; do
        rm -rf part.so ./*.dwo
        gcc -O1 -g -gdwarf-$version -gsplit-dwarf -fPIC -c part.c
        gcc -shared -nostartfiles -o part.so part.o
        hidden=$(nm part.so | awk '$3 == "hidden" { print $1 }')
        symbolize --no-cache
        has_all
        sed 's/inner/other/' part.c >other.c
        gcc -O1 -g -gdwarf-$version -gsplit-dwarf -fPIC -c other.c
        mv other.dwo part.dwo
        symbolize --no-cache
        [[ "$stderr" == *part.dwo*"of another build"* ]]
        [ "${lines[0]}" = hidden ]
        printf 'no dwarf' >part.dwo
        symbolize --no-cache
        [[ "$stderr" == *part.dwo* ]]
        [ "${lines[0]}" = hidden ]
    done
}

@test "a package of split units of another program holds none of this one" {
    needs llvm-dwp
    gcc -O1 -g -gdwarf-5 -gsplit-dwarf -fPIC -c part.c
    gcc -shared -nostartfiles -o part.so part.o
    hidden=$(nm part.so | awk '$3 == "hidden" { print $1 }')
    timeout 60 llvm-dwp -e part.so -o part.so.dwp
    mkdir away
    mv ./*.dwo away
    symbolize
    has_all
    sed 's/inner/other/' part.c >other.c
    gcc -O1 -g -gdwarf-5 -gsplit-dwarf -fPIC -c other.c
    gcc -shared -nostartfiles -o other.so other.o
    timeout 60 llvm-dwp -e other.so -o part.so.dwp
    symbolize
    [[ "$stderr" == *part.dwo*"is not there"* ]]
    # Damaged in every place, it costs no more than its names.
    timeout 60 llvm-dwp part.so -e other.so -o whole.dwp 2>/dev/null || cp part.so.dwp whole.dwp
    for at in $(seq 0 97 "$(stat -c %s whole.dwp)"); do
        cp whole.dwp part.so.dwp
        printf '\377\377\377\377' | dd of=part.so.dwp bs=1 seek="$at" conv=notrunc status=none
        symbolize --no-cache >/dev/null
        [ "${lines[0]}" = hidden ]
    done
}

@test "what dwz took out is looked for by build-id, by name, below debug directories" {
    needs dwz
    for version in '' --dwarf-5; do
        rm -rf lib debug
        mkdir -p lib debug/.dwz
        build -g -gdwarf-5
        cp part.so copy.so
        dwz $version -m debug/.dwz/common -M /usr/nowhere/.dwz/common part.so copy.so
        symbolize --debug-dir "$PWD/debug"
        has_all
        symbolize
        [ "$(grep -c . <<<"$stderr")" -eq 1 ]
        [[ "$stderr" == *"/usr/nowhere/.dwz/common"* ]]
        [[ "${lines[1]}" == */part.c:3 ]]
        # Another file of that name is not taken.
        cp copy.so debug/.dwz/common
        symbolize --debug-dir "$PWD/debug"
        [[ "$stderr" == *"/usr/nowhere/.dwz/common"* ]]
    done
}

@test "a debug file by link is checked: build-id, or its checksum where there is none" {
    for style in sha1 none; do
        rm -rf debug
        build -g -Wl,--build-id=$style
        objcopy --only-keep-debug part.so part.debug
        strip -s part.so
        objcopy --add-gnu-debuglink=part.debug part.so
        symbolize --no-cache
        has_all
        mkdir -p "debug$PWD"
        mv part.debug "debug$PWD"
        symbolize --no-cache --debug-dir "$PWD/debug"
        has_all
        sed 's/+ 1/+ 2/' part.c >other.c
        gcc -O1 -g -shared -fPIC -nostartfiles -Wl,--build-id=$style -o other.so other.c
        objcopy --only-keep-debug other.so "debug$PWD/part.debug"
        symbolize --no-cache --debug-dir "$PWD/debug"
        [[ "$stderr" == *stripped* ]]
    done
}

@test "debug information compressed in a way of tomorrow: a line says so, names are the table's" {
    build -g -gz=zlib
    at=$(readelf -SW part.so | sed -n 's/.*\.debug_info *PROGBITS *[0-9a-f]* \([0-9a-f]*\) .*/\1/p')
    printf '\011' | dd of=part.so bs=1 seek=$((0x$at)) conv=notrunc status=none
    symbolize
    [ "$(grep -c . <<<"$stderr")" -eq 1 ]
    [[ "$stderr" == *"compressed in a way"*"(9)"* ]]
    has_name
}

# A library in the place of the client's, which hands out the file $SERVED, slowly if told.
make_server_double() {
    mkdir -p double
    cat >double.c <<'EOF'
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static int (*progress)(void *, long, long);
void *debuginfod_begin(void) { return &progress; }
void debuginfod_end(void *client) { (void)client; }
void debuginfod_set_progressfn(void *client, int (*f)(void *, long, long)) { (void)client; progress = f; }
int debuginfod_find_debuginfo(void *client, const unsigned char *id, int size, char **path)
{
    FILE *log = fopen(getenv("ASKED"), "a");
    for (int i = 0; i < size; i++)
        fprintf(log, "%02x", id[i]);
    fprintf(log, "\n");
    fclose(log);
    for (int i = 0; i < atoi(getenv("SLOW") ? getenv("SLOW") : "0"); i++) {
        sleep(1);
        progress(client, getenv("ALIVE") ? i + 1 : 0, 100);
    }
    if (getenv("SERVED") == NULL)
        return -2;
    *path = strdup(getenv("SERVED"));
    return open(*path, O_RDONLY);
}
EOF
    gcc -shared -fPIC -o double/libdebuginfod.so.1 double.c
    export LD_LIBRARY_PATH=$PWD/double ASKED=$PWD/asked DEBUGINFOD_URLS=http://localhost:1
    : >asked
}

@test "debuginfod: asked only when told, by build-id, for what is not here" {
    make_server_double
    build -g
    cp part.so whole.debug
    symbolize --debuginfod
    has_all
    strip -s part.so
    sleep 0.1 # what is of files that have just changed is not kept
    export SERVED=$PWD/whole.debug
    symbolize
    [[ "$stderr" == *stripped* ]]
    [ ! -s asked ]
    symbolize --debuginfod
    has_all
    [ "$(cat asked)" = "$id" ]
    # What was handed out is kept as what any file said; without it nothing is believed.
    SERVED='' symbolize --debuginfod
    has_all
    gcc -O1 -g -DOTHER -Douter=other -shared -fPIC -nostartfiles -Wl,--build-id -o other.so part.c
    SERVED=$PWD/other.so symbolize --no-cache --debuginfod
    [[ "$stderr" == *stripped* ]]
    unset SERVED
    symbolize --no-cache --debuginfod
    [[ "$stderr" == *stripped* ]]
}

@test "debuginfod: no address, no library, no answer are said in one line" {
    make_server_double
    build -g
    strip -s part.so
    SLOW=60 DEBUGINFOD_TIMEOUT=1 symbolize --debuginfod
    [[ "$stderr" == *"debuginfod sent nothing for 1 seconds"* ]]
    ! pgrep -f "symbolize --debuginfod.*$PWD" || false
    export SERVED=$PWD/part.so
    SLOW=3 ALIVE=1 DEBUGINFOD_TIMEOUT=2 symbolize --debuginfod
    [[ "$stderr" == *stripped* ]]
    DEBUGINFOD_URLS=' ' symbolize --no-cache --debuginfod
    [ "$(grep -c . <<<"$stderr")" -eq 1 ]
    [[ "$stderr" == *"DEBUGINFOD_URLS is empty"* ]]
    printf 'not a library' >double/libdebuginfod.so.1
    symbolize --no-cache --debuginfod
    [ "$(grep -c . <<<"$stderr")" -eq 1 ]
    [[ "$stderr" == *"libdebuginfod.so.1"* ]]
}

@test "debuginfod: a real server" {
    needs debuginfod curl
    build -g
    mkdir served
    objcopy --only-keep-debug part.so served/part.debug
    strip -s part.so
    port=$((20000 + RANDOM % 20000))
    debuginfod -p $port -d :memory: -F served >server.log 2>&1 &
    server=$!
    for ((i = 0; i < 100; i++)); do
        curl -sf "http://127.0.0.1:$port/buildid/$id/debuginfo" >/dev/null && break
        sleep 0.1
    done
    export DEBUGINFOD_URLS=http://127.0.0.1:$port DEBUGINFOD_CACHE_PATH=$PWD/client
    symbolize --debuginfod
    kill $server
    has_all
}
