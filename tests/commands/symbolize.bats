#!/usr/bin/env bats
# Names without a recording: `profinject symbolize`.

load helpers

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    cat >part.c <<'EOF'
static inline __attribute__((always_inline)) int inner(volatile int *p)
{
    return *p + 1;
}
int outer(volatile int *p)
{
    return inner(p);
}
EOF
    gcc -g -O1 -shared -fPIC -nostartfiles -o part.so part.c
    outer=$(nm part.so | awk '$3 == "outer" { print $1 }')
}

@test "symbolize: functions and lines, inlined ones too, in the order asked" {
    run -0 "$PROFINJECT" symbolize part.so "$outer" 0
    [ "${lines[0]}" = inner ]
    [[ "${lines[1]}" == */part.c:3 ]]
    [ "${lines[2]}" = outer ]
    [[ "${lines[3]}" == */part.c:7 ]]
    [ "${lines[4]}" = '??' ]
    [ "${lines[5]}" = '??:0' ]
    run -0 "$PROFINJECT" symbolize --no-inlines part.so "$outer"
    [ "${lines[0]}" = outer ]
    [ "${#lines[@]}" -eq 2 ]
}

@test "symbolize: addresses from standard input, one twice, say what llvm-symbolizer says" {
    printf '0x%s\n%s\n\n 0x%x\n' "$outer" "$outer" "$((0x$outer + 2))" >addresses
    "$PROFINJECT" symbolize part.so <addresses >ours
    grep -v '^$' addresses | sed 's/^ *\(0x\)\{0,1\}/0x/' |
        llvm-symbolizer --no-demangle --inlines -e part.so | sed 's/:[0-9]*$//' >theirs
    diff ours theirs
}

@test "symbolize: what cannot be done is said in one line" {
    run -2 "$PROFINJECT" symbolize
    [ "$output" = "profinject symbolize: FILE is missing: see 'profinject symbolize --help'" ]
    run -2 "$PROFINJECT" symbolize part.so 12 xyz
    [ "$output" = "profinject symbolize: 'xyz': not an address in hexadecimal" ]
    run -1 --separate-stderr "$PROFINJECT" symbolize missing 12
    [ "$stderr" = "profinject symbolize: cannot open 'missing': No such file or directory" ]
    strip part.so
    run -1 --separate-stderr "$PROFINJECT" symbolize part.so 0
    [[ "$stderr" == *"/part.so' is stripped: "* ]]
    run -0 "$PROFINJECT" symbolize --help
}

@test "symbolize: object and core files, whose addresses name nothing, are told as such" {
    gcc -g -O1 -ffunction-sections -c part.c
    run -1 --separate-stderr "$PROFINJECT" symbolize part.o 0
    [ -z "$output" ]
    [ "$stderr" = "profinject symbolize: cannot use symbols of 'part.o': an object file, whose sections all begin at address 0; link it first" ]
    cp part.so part.core
    printf '\4' | dd of=part.core bs=1 seek=16 conv=notrunc status=none
    run -1 --separate-stderr "$PROFINJECT" symbolize part.core 0
    [ -z "$output" ]
    [[ "$stderr" == *"a core file, which has none; name the program or library it is of" ]]
}

@test "names: --shorten makes one of what differs in template arguments alone, exports keep all" {
    cat >part.cc <<'EOF'
#include <time.h>
template <class T> struct box {
    __attribute__((noinline)) T spin(T n)
    {
        for (volatile T i = 0; i < n; i = i + 1)
            ;
        return n;
    }
};
int main()
{
    const clock_t end = clock() + CLOCKS_PER_SEC / 2;
    while (clock() < end) {
        box<int>().spin(100000);
        box<long>().spin(100000);
    }
}
EOF
    g++ -g -O1 -o part part.cc
    record recording ./part
    "$PROFINJECT" folded recording >full
    grep -q ';box<int>::spin(int)[; ]' full
    grep -q ';box<long>::spin(long)[; ]' full
    "$PROFINJECT" folded --shorten recording >short
    grep -q ';box<…>::spin(int)[; ]' short
    grep -q ';box<…>::spin(long)[; ]' short
    [ "$(awk '{ s += $NF } END { print s }' full)" = "$(awk '{ s += $NF } END { print s }' short)" ]
    "$PROFINJECT" report --shorten recording | grep -q 'box<…>::spin(int)'
    run -2 "$PROFINJECT" export --format json --shorten recording
}

@test "names: --debug-dir takes several directories, the first that has it counts" {
    mkdir -p empty a/.build-id
    id=$(readelf -n part.so | sed -n 's/.*Build ID: //p')
    mkdir "a/.build-id/${id:0:2}"
    objcopy --only-keep-debug part.so "a/.build-id/${id:0:2}/${id:2}.debug"
    strip part.so
    run -0 "$PROFINJECT" symbolize --debug-dir "empty:$PWD/a" part.so "$outer"
    [ "${lines[0]}" = inner ]
    run --separate-stderr "$PROFINJECT" symbolize --debug-dir empty part.so "$outer"
    [ "${lines[1]}" = '??:0' ]
}

# Names of files and of functions are whatever somebody wrote.
@test "symbolize: what is in names stays on its line, and no terminal obeys it" {
    name=$'line\nred\e[31m'
    echo 'int part(int x) { return x + 1; }' >part.c
    gcc -shared -nostdlib -o part.so part.c
    address=$(nm part.so | awk '$3 == "part" { print $1 }')
    objcopy --redefine-sym part=$'a\nb' part.so "$name"
    strip -R .dynsym --keep-symbol $'a\nb' "$name"
    run -0 --separate-stderr "$PROFINJECT" symbolize "$name" "$address"
    [ "${#lines[@]}" = 2 ]
    [[ "${lines[0]}" == a*b ]]
    strip "$name"
    run --separate-stderr "$PROFINJECT" symbolize "$name" "$address"
    [ "${#stderr_lines[@]}" = 1 ]
    [[ "$stderr" != *$'\e'* ]]
}

@test "names: that there is debug information which cannot be had is told" {
    cat >spin.c <<'EOF'
static inline __attribute__((always_inline)) void inner(volatile int *p)
{
    *p = *p + 1;
}
int main(void)
{
    volatile int n = 0;
    while (n < 200000000)
        inner(&n);
}
EOF
    gcc -g -gsplit-dwarf -O1 -o spin spin.c
    record recording ./spin
    run -0 --separate-stderr "$PROFINJECT" folded recording
    [[ "$output" == *";main;inner "* ]]
    [ -z "$stderr" ]
    mv ./*.dwo gone
    run -0 --separate-stderr "$PROFINJECT" folded recording
    [[ "$output" == *";main "* ]]
    [[ "$stderr" == *"less is known of "*"debug information of '"*"/spin' is in separate files"*"is not there"* ]]
    [ "${#stderr_lines[@]}" -eq 1 ]
}
