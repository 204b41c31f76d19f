#!/usr/bin/env bats
# Code that is made at run time has names: perf maps and jitdumps are taken into the recording, and
# an address is called what it was called at the time.

load helpers

teardown() {
    local recording
    for recording in */; do
        if [ -d "$recording" ]; then remove_map "${recording%/}"; fi
    done
}

samples_of() {
    "$PROFINJECT" folded --metric samples "$@"
}

# has RECORDING FRAME: some stack has that frame.
has() {
    samples_of "$1" | grep -q ";$2[; ]"
}

# remove_map RECORDING: the maps of its processes go, as with the machine.
remove_map() {
    local trace
    for trace in "$1"/*.pinj; do
        if [[ $trace =~ \.([0-9]+)(\.[0-9]+)?\.pinj$ ]]; then
            rm -f "/tmp/perf-${BASH_REMATCH[1]}.map"
        fi
    done
}

# check WAY HOW STEP...: shares of names in a profile made so.
check() {
    local way=$1
    shift
    "$way" r "$PROGRAMS/jit_code" "$@" >truth
    remove_map r
    rm -f jit-*.dump
    samples_of r >samples
    python3 "$CHECKS/check_jit.py" truth samples
}

@test "one address, two names: each has its share, by a perf map" {
    check record map f=450 g=1050
}

@test "likewise in the bare form" {
    check preloaded map f=450 g=1050
}

@test "likewise by a jitdump, whose code is moved in between, with lines" {
    check record dump f=450 g=600 move=450
    run -0 "$PROFINJECT" report r
    [[ "$output" == *"f "*"made.c:11"* ]]
    [[ "$output" == *"g "*"made.c:12"* ]]
}

@test "a jitdump in the bare form" {
    check preloaded dump f=300 g=700
}

@test "names come back: f, g and f again" {
    check record map f=400 g=400 f=400
}

@test "a process that is killed leaves its names" {
    for way in record preloaded; do
        run "$way" "$way" "$PROGRAMS/jit_code" map f=300 g=300 kill
        [ "$status" -eq 137 ]
        has "$way" f
        has "$way" g
        remove_map "$way"
        has "$way" f
        has "$way" g
    done
}

@test "a map that begins anew: what it said before was true until then" {
    check record map f=450 anew g=1050
}

@test "likewise where it has more than before when it is looked at next" {
    check record map f=450 anew g=20 g=20 g=1000
}

@test "after exec names are those of the new image alone" {
    record r "$PROGRAMS/jit_code" map f=300 exec none again=300 >truth
    remove_map r
    samples_of r --by-process >samples
    has r f
    run ! grep -E 'none|call_made;g' samples
    grep -q 'call_made;\[anonymous code\] ' samples
}

@test "a fork child runs code that its parent named" {
    for way in record preloaded; do
        "$way" "$way" "$PROGRAMS/jit_code" map f=300 g=150 fork again=450 >truth
        remove_map "$way"
        run -0 samples_of "$way"
        [[ "$output" != *anonymous* ]]
        samples_of "$way" >samples
        python3 "$CHECKS/check_jit.py" truth samples
    done
}

@test "a private /tmp: the process's own map is read, also of its own pids" {
    unshare --mount true 2>/dev/null || skip "no mount namespaces here"
    away=/var/tmp/profinject-jit.$$
    # What is tested may lie in /tmp itself.
    mkdir "$away.build"
    cat >apart <<END
mount --bind '$BUILD' '$away.build' && mount -t tmpfs none /tmp && mkdir -p '$BUILD' &&
    mount --bind '$away.build' '$BUILD' && exec "\$@"
END
    cp "$PROGRAMS/jit_code" "$away.program"
    for namespaces in "--mount" "--mount --pid --fork --mount-proc"; do
        rm -rf "$away"
        # shellcheck disable=SC2086
        record "$away" unshare $namespaces sh "$PWD/apart" "$away.program" map f=300 g=300 >truth
        has "$away" f
        has "$away" g
    done
    rm -rf "$away" "$away.program"
    rmdir "$away.build"
}

@test "code that nobody names is one frame, and the report says how names are had" {
    record r "$PROGRAMS/jit_code" none again=400 >truth
    has r '\[anonymous code\]'
    run -0 --separate-stderr "$PROFINJECT" report r
    [[ "$stderr" == *"no names for "*"--perf-basic-prof"* ]]
    [[ "$output" == *"[anonymous code]"* ]]
}

@test "with names nothing is said" {
    record r "$PROGRAMS/jit_code" map f=400 >truth
    run -0 --separate-stderr "$PROFINJECT" report r
    [ -z "$stderr" ]
}

@test "a clean export has the names" {
    record r "$PROGRAMS/jit_code" map f=300 g=300 >truth
    remove_map r
    "$PROFINJECT" export --format pinj -o clean.pinj r
    cmp <(samples_of r) <(samples_of clean.pinj)
    has clean.pinj g
}

@test "processes with names of their own at one address are told apart" {
    record r sh -c "'$PROGRAMS/jit_code' map f=300 & '$PROGRAMS/jit_code' map g=300; wait" >truth
    remove_map r
    samples_of r >samples
    python3 "$CHECKS/check_jit.py" truth samples
}

@test "info counts names, and says why there are none" {
    record r "$PROGRAMS/jit_code" map f=300 g=300 >truth
    [ "$(fact 'per_process[0].made_code.perf_map_names' r)" -eq 2 ]
    run -0 "$PROFINJECT" info r
    [[ "$output" == *"2 from a perf map"* ]]
}

@test "a program without made code: nobody looks for a map" {
    command -v strace >/dev/null || skip "no strace here"
    strace -f -o calls -e trace=%file env LD_PRELOAD="$LIBRARY" PROFINJECT_OUTPUT=r \
        "$PROGRAMS/spin" 0.5 || skip "strace may not trace here"
    run ! grep -E 'perf-[0-9]+\.map' calls
    strace -f -o calls -e trace=%file "$PROFINJECT" record -q -o q -- "$PROGRAMS/spin" 0.5
    run ! grep -E 'perf-[0-9]+\.map|root/tmp' calls
}

@test "node: names of functions, and stacks that reach main" {
    command -v node >/dev/null || skip "no node here"
    cat >hot.js <<'END'
function hot(n) { let s = 0; for (let i = 0; i < n; i++) s += i % 7; return s; }
function caller() { let t = 0; for (let k = 0; k < 40; k++) t += hot(1e7); return t; }
console.log(caller());
END
    for option in --perf-basic-prof --perf-prof; do
        rm -rf r
        record r node $option --interpreted-frames-native-stack hot.js
        remove_map r
        samples_of r >samples
        awk '/;JS:[*^~+]?hot [^;]*hot.js:1:[0-9]+ [0-9]+$/ { hot += $NF }
             /^_start;.*main.*caller [^;]*;JS:[*^~+]?hot / { whole += $NF }
             { all += $NF }
             END { print hot, whole, all; exit !(hot > all / 2 && whole > hot * 0.9) }' samples
        run -0 "$PROFINJECT" report r
        [[ "$output" == *"hot.js:1"* ]]
    done
}

@test "java: names from the map that it writes at its end" {
    command -v java >/dev/null && command -v javac >/dev/null || skip "no java here"
    cat >Hot.java <<'END'
public class Hot {
    static long hot() { long s = 0; for (long i = 0; i < 100000000L; i++) s += i % 7; return s; }
    public static void main(String[] a) { long t = 0; for (int k = 0; k < 5; k++) t += hot(); System.out.println(t); }
}
END
    javac Hot.java
    for way in record preloaded; do
        "$way" "$way" java -XX:+UnlockDiagnosticVMOptions -XX:+DumpPerfMapAtExit \
            -XX:+PreserveFramePointer Hot
        remove_map "$way"
        samples_of "$way" | grep -q 'long Hot.hot()'
    done
}

@test "python 3.12 and later: names of functions" {
    python=$(type -P python3.13 || type -P python3.12 || type -P python3) || skip "no python here"
    "$python" -c 'import sys; assert sys.version_info >= (3, 12)' 2>/dev/null ||
        skip "no python 3.12 here"
    cat >hot.py <<'END'
def hot(n):
    return sum(i % 7 for i in range(n))
print([hot(1000000) for _ in range(8)][0])
END
    PYTHONPERFSUPPORT=1 record r "$python" hot.py
    remove_map r
    has r 'py::hot:.*'
}
