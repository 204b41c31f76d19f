# `profinject archive`: a recording that is read the same where nothing of it is left, and
# archives that are not what they should be. And the cache of symbols, with which it must not matter.
load helpers

# program: compiles ./program from program.c, with arguments for the compiler.
program() {
    cat >program.c <<'END'
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
static pthread_mutex_t big_lock = PTHREAD_MUTEX_INITIALIZER;
char *kept[64];
static inline __attribute__((always_inline)) unsigned inner(unsigned x)
{
    for (int i = 0; i < 1000; i++)
        x = x * 33 + (unsigned)i;
    return x;
}
__attribute__((noinline)) unsigned work(unsigned x)
{
    return inner(x) ^ 1;
}
__attribute__((noinline)) void keep(unsigned x)
{
    free(kept[x % 64]);
    kept[x % 64] = malloc(100000 + x % 1000);
    memset(kept[x % 64], 1, 1000);
}
static void *waits(void *unused)
{
    for (int i = 0; i < 10; i++) {
        pthread_mutex_lock(&big_lock);
        nanosleep(&(struct timespec){0, 10000000}, NULL);
        pthread_mutex_unlock(&big_lock);
    }
    return unused;
}
int main(void)
{
    pthread_t thread;
    unsigned x = 1;
    pthread_create(&thread, NULL, waits, NULL);
    unsigned round = 0;
    for (clock_t end = clock() + CLOCKS_PER_SEC / 3; clock() < end;) {
        x = work(x);
        keep(x);
        if (++round % 1024 == 0) {
            pthread_mutex_lock(&big_lock);
            pthread_mutex_unlock(&big_lock);
        }
    }
    pthread_join(thread, NULL);
    return 0;
}
END
    gcc -O2 -g -pthread "$@" -o program program.c
}

# outputs DIRECTORY RECORDING...: what the reading commands say, messages too.
outputs() {
    local to=$1 number=0 command
    shift
    mkdir "$to"
    for command in 'report --all' 'report --all --json' folded 'folded --no-inlines' \
        'folded --metric lock-wait' 'folded --metric alloc-bytes' 'report --leaks' flamegraph \
        'export --format json' 'info --json'; do
        number=$((number + 1))
        # shellcheck disable=SC2086  # a command and its options
        "$PROFINJECT" $command "$@" >"$to/$number" 2>"$to/$number.messages"
    done
    sed -i '/^ *"trace": /d' "$to/10" # where it lies
}

# members ARCHIVE
members() {
    tar --zstd -tf "$1"
}

# repacked ARCHIVE COMMAND...: unpacks it into ./unpacked, runs COMMAND there, packs it again.
repacked() {
    rm -rf unpacked
    mkdir unpacked
    tar --zstd -C unpacked -xf "$1"
    (cd unpacked && shift && "$@")
    (cd unpacked && tar --format=ustar --zstd -cf "../$1" profinject-archive \
        $(find . -mindepth 2 -type f | sed 's|^\./||' | sort))
}

# one_line: the last command said one line, of an archive command or a reading one.
one_line() {
    [ "$(wc -l <<<"$stderr")" -eq 1 ] || { echo "$stderr"; return 1; }
    [[ "$stderr" == "profinject "* ]]
}

@test "archive: reads the same without the program, the cache and a home" {
    program -Wl,--build-id
    "$PROFINJECT" record -q --no-args -o recording ./program
    outputs before recording
    grep -q 'inner' before/1
    grep -q 'big_lock' before/1
    run -0 --separate-stderr "$PROFINJECT" archive recording -o trace.archive
    rm -r recording program "$XDG_CACHE_HOME"
    mkdir -p elsewhere/tmp
    cd elsewhere
    export TMPDIR=$PWD/tmp
    unset HOME XDG_CACHE_HOME
    outputs after ../trace.archive
    diff -r ../before after
    [ -z "$(ls tmp)" ]
}

@test "archive: reads the same in a system that has nothing but profinject" {
    [ "$(id -u)" -eq 0 ] || skip "chroot is root's"
    program -Wl,--build-id
    "$PROFINJECT" record -q --no-args -o recording ./program
    "$PROFINJECT" archive recording -o trace.archive
    mkdir -p root/tmp root/own
    cp "$PROFINJECT" trace.archive root
    ldd "$PROFINJECT" | grep -o '/[^ ]*' | xargs -I{} cp {} root/own
    bare() {
        env -u XDG_CACHE_HOME -u HOME chroot root "/own/$(basename "$(ldd "$PROFINJECT" | grep -o '/[^ ]*ld-[^ ]*')")" \
            --library-path /own /profinject "$@"
    }
    for command in 'report --all' folded 'folded --metric lock-wait' flamegraph; do
        # shellcheck disable=SC2086  # a command and its options
        cmp <("$PROFINJECT" $command recording 2>&1) <(bare $command trace.archive 2>&1)
    done
    [ -z "$(ls root/tmp)" ]
}

@test "archive: is not misled by another program where that one was" {
    program -Wl,--build-id
    "$PROFINJECT" record -q --no-args -o recording ./program
    outputs before recording
    "$PROFINJECT" archive recording -o trace.archive
    sed 's|inner|other|g; s|work|wrong|g' program.c >other.c
    gcc -O2 -g -pthread -Wl,--build-id -o program other.c
    outputs after trace.archive
    diff -r before after
}

@test "archive: programs without a build-id are known by their path there, and only there" {
    program -Wl,--build-id=none
    "$PROFINJECT" record -q --no-args -o recording ./program
    outputs before recording
    "$PROFINJECT" archive recording -o trace.archive
    members trace.archive | grep -q '^symbols/none-'
    sed 's|inner|other|g; s|work|wrong|g' program.c >other.c
    gcc -O2 -g -pthread -Wl,--build-id=none -o program other.c
    outputs after trace.archive
    diff -r before after
    repacked trace.archive sh -c 'rm symbols/none-*'
    "$PROFINJECT" folded trace.archive >folded
    run -1 grep -E 'wrong|other' folded
    "$PROFINJECT" report trace.archive 2>&1 | grep -q "the archive has no symbols of '$PWD/program'"
}

@test "archive: a program without a build-id that was built anew names nothing, and is told" {
    program -Wl,--build-id=none
    "$PROFINJECT" record -q --no-args -o recording ./program
    sed 's|inner|strange|g; s|work|wrong|g; s|big_lock|small_lock|g' program.c >other.c
    gcc -O2 -g -pthread -Wl,--build-id=none -o new other.c
    # Times of change come along, as packages bring them.
    touch -d 2020-01-01 new
    mv new program
    "$PROFINJECT" archive recording -o trace.archive 2>said
    grep -q "'$PWD/program': it changed after it was recorded, and has no build-id" said
    for what in recording trace.archive; do
        "$PROFINJECT" report --all $what >report 2>said
        run -1 grep -E 'wrong|strange|inner|small_lock|big_lock' report
        grep -q "'$PWD/program': it changed after it was recorded, and has no build-id" said
    done
}

@test "archive: has no arguments, unless asked" {
    program -Wl,--build-id
    "$PROFINJECT" record -q -o recording ./program secret_argument
    "$PROFINJECT" archive recording -o without
    "$PROFINJECT" archive --with-args recording -o with
    "$PROFINJECT" report with | grep -q secret_argument
    run -1 grep -q secret_argument <("$PROFINJECT" report --all without)
    mkdir unpacked
    tar --zstd -C unpacked -xf without
    run -1 grep -r secret_argument unpacked
    run -1 grep -E '^(rings|servant|command)=' unpacked/1/manifest
}

@test "archive: a program that was built anew meanwhile is told, and nothing wrong is named" {
    program -Wl,--build-id
    "$PROFINJECT" record -q --no-args -o recording ./program
    sed -i 's|inner|other|g; s|work|wrong|g' program.c
    gcc -O2 -g -pthread -Wl,--build-id -o program program.c
    run -0 --separate-stderr "$PROFINJECT" archive recording -o trace.archive
    grep -q "cannot use symbols of '$PWD/program': it is not the file that was recorded" <<<"$stderr"
    "$PROFINJECT" folded trace.archive >folded
    run -1 grep -E 'wrong|other|inner' folded
    grep -q libc_start folded # the others are sound
    "$PROFINJECT" report trace.archive 2>&1 | grep -q 'it is not the file that was recorded'
}

@test "archive: debug symbols that were missing there are found here, by build-id" {
    program -Wl,--build-id
    id=$(readelf -n program | sed -n 's/.*Build ID: //p')
    mkdir -p "dirs/.build-id/${id:0:2}"
    objcopy --only-keep-debug program "dirs/.build-id/${id:0:2}/${id:2}.debug"
    strip program
    "$PROFINJECT" record -q --no-args -o recording ./program
    run -0 --separate-stderr "$PROFINJECT" archive recording -o trace.archive
    grep -q "'$PWD/program' is stripped" <<<"$stderr"
    "$PROFINJECT" folded recording >before
    rm program
    cmp before <("$PROFINJECT" folded trace.archive)
    "$PROFINJECT" folded --debug-dir "$PWD/dirs" trace.archive | grep -q 'work;inner '
}

@test "archive: symbols of another build than the recorded one are refused" {
    program -Wl,--build-id
    "$PROFINJECT" record -q --no-args -o recording ./program
    "$PROFINJECT" archive recording -o trace.archive
    id=$(readelf -n program | sed -n 's/.*Build ID: //p')
    cp trace.archive renamed
    repacked renamed sh -c "mv symbols/$id-* symbols/\$(echo $id | tr 0-9 1-90)-0123456789abcdef"
    run -1 --separate-stderr "$PROFINJECT" folded renamed
    one_line
    grep -q 'of another build' <<<"$stderr"

    sed 's|inner|other|g; s|work|wrong|g' program.c >other.c
    gcc -O2 -g -pthread -Wl,--build-id -o program other.c
    "$PROFINJECT" record -q --no-args -o of_other ./program
    "$PROFINJECT" archive of_other -o other.archive
    mkdir theirs
    tar --zstd -C theirs -xf other.archive
    store=$(ls theirs/symbols | grep "^$(readelf -n program | sed -n 's/.*Build ID: //p')")
    rm program
    repacked trace.archive sh -c "rm symbols/$id-*; cp ../theirs/symbols/$store symbols"
    "$PROFINJECT" folded trace.archive >folded
    run -1 grep -E 'wrong|other|inner' folded
    "$PROFINJECT" report trace.archive 2>&1 |
        grep -q "cannot use the archive's symbols of '$PWD/program': they are of another build"
}

@test "archive: of several recordings, beside others, as every command takes them" {
    program -Wl,--build-id
    for i in 1 2 3; do "$PROFINJECT" record -q --no-args -o "r$i" ./program; done
    "$PROFINJECT" archive r1 r2 -o two
    "$PROFINJECT" archive r3 -o one
    outputs before r1 r2 r3
    rm program
    outputs after two one
    diff -r before after
    [ "$(fact processes two r3)" = 3 ]
    [ "$(fact processes two two)" = 2 ]
    "$PROFINJECT" export --format pinj two -o clean
    [ "$(fact processes clean)" = 2 ]
    run -2 --separate-stderr "$PROFINJECT" archive two -o again
    one_line
    run -2 --separate-stderr "$PROFINJECT" archive r1
    one_line
    [ "$("$PROFINJECT" archive r1 -o - | head -c 4 | od -An -tx1 | tr -d " ")" = 28b52ffd ]
}

@test "archive: takes along what lies in a recording, and a trace alone" {
    program -Wl,--build-id
    "$PROFINJECT" record -q --no-args -o recording ./program
    echo 'a map' >recording/program.1.map
    ln -s /etc/passwd recording/link
    mkfifo recording/pipe
    run -0 --separate-stderr "$PROFINJECT" archive recording -o trace.archive
    members trace.archive | grep -qx '1/program.1.map'
    run -1 grep -E 'link|pipe' <(members trace.archive)
    [ "$(grep -c 'is left out' <<<"$stderr")" = 2 ]
    [[ "$stderr" == *"'recording/link' is left out: it is a symbolic link"* ]]
    [[ "$stderr" == *"'recording/pipe' is left out: not a regular file"* ]]
    cp recording/*.pinj alone.pinj
    "$PROFINJECT" archive alone.pinj -o alone.archive
    "$PROFINJECT" folded recording/*.pinj >before
    rm program
    diff before <("$PROFINJECT" folded alone.archive)
    grep -q 'work;inner ' before
}

@test "archive: names of files that a terminal would obey are told as one line" {
    program -Wl,--build-id
    "$PROFINJECT" record -q -o recording ./program
    ln -s nowhere recording/$'line\nred\e[31m'
    run -0 --separate-stderr "$PROFINJECT" archive recording -o trace.archive
    one_line
    [[ "$stderr" != *$'\e'* ]]
}

@test "archive: of a process that was killed, with what its rings hold" {
    program -Wl,--build-id
    sed -i 's|for (clock_t end = .*|for (;;) {|' program.c # never ends
    gcc -O2 -g -pthread -Wl,--build-id -o program program.c
    LD_PRELOAD=$LIBRARY PROFINJECT_OUTPUT=recording PROFINJECT_QUIET=on ./program &
    computes $! 500
    kill -9 $!
    wait $! || true
    "$PROFINJECT" archive recording -o trace.archive
    mv recording gone
    rm program
    [ "$(fact end trace.archive 2>/dev/null)" != '' ]
    "$PROFINJECT" folded trace.archive | grep -q 'work;inner '
}

@test "archive: damage anywhere is told in a line, and leaves nothing behind" {
    program -Wl,--build-id
    "$PROFINJECT" record -q --no-args -o recording ./program
    "$PROFINJECT" archive recording -o trace.archive
    mkdir tmp
    export TMPDIR=$PWD/tmp
    size=$(stat -c %s trace.archive)
    "$PROFINJECT" folded trace.archive >sound
    for ((at = 0; at < size; at += size / 40 + 1)); do
        cp trace.archive damaged
        printf '\x5a\xa5' | dd of=damaged bs=1 seek="$at" conv=notrunc status=none
        cmp -s damaged trace.archive && continue
        run --separate-stderr timeout 60 "$PROFINJECT" folded damaged
        if [ "$status" -eq 0 ]; then
            # It makes no difference, as in the size of a window; or the archive is none any more,
            # and what is sound of the traces in it is found as in any damaged file.
            [[ "$stderr" == *damaged* ]] || diff sound <(printf '%s\n' "$output")
            continue
        fi
        [ "$status" -eq 1 ]
        one_line
        head -c "$at" trace.archive >damaged
        run -1 --separate-stderr timeout 60 "$PROFINJECT" folded damaged
        one_line
    done
    [ -z "$(ls tmp)" ]
    # A copy that was interrupted is told as one, wherever.
    for at in 100 $((size / 2)) $((size - 1)); do
        head -c "$at" trace.archive >damaged
        run -1 --separate-stderr "$PROFINJECT" folded damaged
        grep -q 'the archive is damaged (it ends early)' <<<"$stderr"
    done
    echo 'not an archive' | zstd -q >damaged
    run -1 --separate-stderr "$PROFINJECT" folded damaged
    one_line
    grep -q 'neither a trace nor an archive' <<<"$stderr"
}

@test "archive: hostile ones write nothing elsewhere and no more than they may" {
    mkdir tmp
    export TMPDIR=$PWD/tmp
    python3 - <<'END'
import io, subprocess, tarfile

def make(name, change):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        add(tar, "profinject-archive", b"profinject-archive 1\n")
        add(tar, "1/manifest", b"profinject-recording 1\n")
        change(tar)
    subprocess.run(["zstd", "-q", "-f", "-o", name], input=data.getvalue(), check=True)

def add(tar, name, content=b"x", **fields):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for field, value in fields.items():
        setattr(info, field, value)
    tar.addfile(info, io.BytesIO(content))

names = ["../out", "/tmp/profinject-out", "1/../../out", "1/..", "..", "1/.hidden", "2/../x", "1/a/b",
         "0/x", "01/x", "+1/x", "3/x", "1/new\nline", "1/\x1b[2J", "4294967297/x", "/", "1/", "symbols/x"]
for number, name in enumerate(names):
    make(f"hostile.name.{number}", lambda tar: add(tar, name))
for kind in b"1234567gxLKS":
    make(f"hostile.type.{kind}", lambda tar: add(tar, "1/x", b"", type=bytes([kind]), linkname="/etc/passwd"))
make("hostile.twice", lambda tar: (add(tar, "1/x"), add(tar, "1/x")))
make("hostile.version", lambda tar: None)
many = lambda tar: [add(tar, f"1/{i}", b"") for i in range(120000)]
make("hostile.many", many)
END
    { printf 'profinject-archive 2\n'; } >profinject-archive
    tar --format=ustar --zstd -cf hostile.version profinject-archive
    # A file of some KiB that says it holds 4 GiB of zeros, and does.
    mkdir 1
    truncate -s 4G 1/zeros
    printf 'profinject-archive 1\n' >profinject-archive
    tar --format=ustar -cf - profinject-archive 1/zeros | zstd -q -1 >hostile.bomb
    rm -r 1
    for file in hostile.*; do
        run -1 --separate-stderr timeout 100 "$PROFINJECT" folded "$file"
        one_line || { echo "$file"; return 1; }
        [ -z "$(ls tmp)" ]
    done
    grep -q 'version' <("$PROFINJECT" folded hostile.version 2>&1)
    grep -q 'more than a file of its size may' <("$PROFINJECT" folded hostile.bomb 2>&1)
    [ ! -e out ] && [ ! -e ../out ] && [ ! -e /tmp/profinject-out ]
}

@test "cache: what is said is the same with and without, the first time and the second" {
    program -Wl,--build-id
    strip program
    number=0
    "$PROFINJECT" record -q --no-args -o recording ./program
    sleep 0.1 # files that changed just now are not believed to stand still
    for how in --no-cache '' ''; do
        number=$((number + 1))
        # shellcheck disable=SC2086  # an option or none
        "$PROFINJECT" report --all $how recording >"report$how.$number" 2>&1
        # shellcheck disable=SC2086
        "$PROFINJECT" folded --no-inlines $how recording >"folded$how.$number" 2>&1
        [ -n "$how" ] && [ ! -e "$XDG_CACHE_HOME" ] || [ -n "$(ls "$XDG_CACHE_HOME/profinject/symbols")" ]
    done
    grep -q 'is stripped' report.3
    cmp report--no-cache.1 report.2
    cmp report.2 report.3
    cmp folded--no-cache.1 folded.2
    cmp folded.2 folded.3
}

@test "cache: debug information that is installed later counts, and is missed when it goes" {
    program -Wl,--build-id
    id=$(readelf -n program | sed -n 's/.*Build ID: //p')
    objcopy --only-keep-debug program debug
    strip program
    "$PROFINJECT" record -q -o recording ./program
    sleep 0.1
    "$PROFINJECT" folded --debug-dir dirs recording >without
    run -1 grep -q inner without
    "$PROFINJECT" folded --debug-dir dirs recording >without # which is in the cache now
    mkdir -p "dirs/.build-id/${id:0:2}"
    mv debug "dirs/.build-id/${id:0:2}/${id:2}.debug"
    "$PROFINJECT" folded --debug-dir dirs recording | grep -q 'work;inner '
    sleep 0.1
    "$PROFINJECT" folded --debug-dir dirs recording | grep -q 'work;inner '
    rm -r dirs
    cmp without <("$PROFINJECT" folded --debug-dir dirs recording)
}

@test "cache: what is broken or not the user's is not used, and costs nothing" {
    program -Wl,--build-id
    "$PROFINJECT" record -q -o recording ./program
    sleep 0.1
    "$PROFINJECT" folded recording >good
    for file in "$XDG_CACHE_HOME"/profinject/symbols/*; do echo garbage >"$file"; done
    cmp good <("$PROFINJECT" folded recording)
    cmp good <("$PROFINJECT" folded recording)
    chmod 777 "$XDG_CACHE_HOME/profinject/symbols"
    rm "$XDG_CACHE_HOME"/profinject/symbols/*
    cmp good <("$PROFINJECT" folded recording)
    [ -z "$(ls "$XDG_CACHE_HOME/profinject/symbols")" ]
    cmp good <(env -u HOME -u XDG_CACHE_HOME "$PROFINJECT" folded recording)
    cmp good <(XDG_CACHE_HOME=/proc/nowhere "$PROFINJECT" folded recording)
}

@test "archive: made anew in its own recording, it does not take the former along" {
    program -Wl,--build-id
    "$PROFINJECT" record -q -o recording ./program
    "$PROFINJECT" archive recording -o recording/it.archive
    run -0 --separate-stderr "$PROFINJECT" archive recording -o recording/it.archive
    [[ "$stderr" == *"it.archive"*"it is an archive itself"* ]]
    [ "$(tar --zstd -tf recording/it.archive | grep -c it.archive)" -eq 0 ]
}
