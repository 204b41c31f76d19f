#!/usr/bin/env bats
# Files with names for code that are not what they should be: the program runs as ever, the recording
# is whole, and nothing is believed.

load helpers

teardown() {
    rm -rf -- /tmp/perf-"$(cat pid 2>/dev/null || echo none)".map
}

# plant COMMAND...: what makes the map, as $map, of a program that makes code and tells no names.
plant() {
    rm -rf r
    # shellcheck disable=SC2016
    record r sh -c 'map=/tmp/perf-$$.map; export map; echo $$ >pid
        (sleep 0.1; eval "$1") & exec "$2" none again=500' - "$*" "$PROGRAMS/jit_code" >truth
    grep -q '^none [0-9]*$' truth
    "$PROFINJECT" folded --metric samples r >samples
}

reason() {
    fact 'per_process[] | select(.comm == "jit_code") | .made_code.reason' r
}

anonymous() {
    grep -q 'call_made;\[anonymous code\] ' samples
}

@test "a symbolic link is not followed" {
    echo '200000000000 1000 stolen' >elsewhere
    plant 'ln -s "$PWD/elsewhere" "$map"'
    anonymous
    [ "$(reason)" = "it is a symbolic link" ]
}

@test "a pipe and a directory are not opened" {
    plant 'mkfifo "$map"'
    anonymous
    [ "$(reason)" = "it is no regular file" ]
    plant 'mkdir "$map"'
    anonymous
    [ "$(reason)" = "it is no regular file" ]
}

@test "another user's file is not read" {
    [ "$(id -u)" -eq 0 ] || skip "only root can make one"
    plant 'echo "200000000000 1000 stolen" >"$map"; chown 12345 "$map"'
    anonymous
    [ "$(reason)" = "it belongs to another user" ]
}

@test "a file with a second name is not read" {
    plant 'echo "200000000000 1000 stolen" >"$map"; ln "$map" second'
    anonymous
    [ "$(reason)" = "it has several names" ]
}

@test "a map of before the process is another's" {
    plant 'echo "200000000000 1000 stolen" >"$map"; touch -d "1 hour ago" "$map"'
    anonymous
    [ "$(reason)" = null ]
}

@test "10 GB of nothing cost nothing" {
    plant 'truncate -s 10G "$map"'
    anonymous
    [ "$(reason)" = "it is no text" ]
    [ "$(stat -c %s r/*jit_code*.pinj | sort -n | tail -1)" -lt 200000 ]
}

@test "a map larger than may be is cut, and said to be" {
    plant 'yes "300000000000 10 some function with a name of some length" | head -c 3M >"$map"'
    [ "$(reason)" = null ]
    rm -rf r
    # shellcheck disable=SC2016
    "$PROFINJECT" record -q --max-size 1M -o r -- sh -c 'echo $$ >pid; map=/tmp/perf-$$.map
        (sleep 0.1; yes "300000000000 10 some function with a name" | head -c 3M >"$map") &
        exec "$1" none again=500' - "$PROGRAMS/jit_code" >truth
    [ "$(reason)" = "it is longer than there is room for: cut" ]
    [ "$(fact samples r)" -gt 50 ]
    [ "$(fact chunks_damaged r)" -eq 0 ]
}

@test "garbage, and lines that do not end, name nothing" {
    plant 'head -c 300000 /dev/urandom | tr "\0" x >"$map"'
    anonymous
    plant 'head -c 2M /dev/zero | tr "\0" 7 >"$map"'
    anonymous
    plant 'printf "200000000000 1000 begun" >"$map"'
    anonymous
}

@test "lines in any order, that overlap: the last one counts" {
    plant '{ echo "200000001000 1000 above"; echo "200000000000 1000 first";
             echo "1fffffffff00 2000 wide"; echo "200000000000 20 last"; echo "0 ffff low"; } >"$map"'
    grep -q 'call_made;last ' samples
    run ! grep -wE 'above|first|wide|low' samples
}

@test "names of any bytes are shown as text" {
    plant 'printf "200000000000 1000 \033[31m\377<b>;\t name\n" >"$map"'
    python3 -c 'import sys; open("samples", encoding="utf-8").read()'
    run ! grep -P '[\x00-\x08\x0e-\x1f]' samples
    "$PROFINJECT" report r >report 2>messages
    run ! grep -P '[\x00-\x08\x0e-\x1f]' report
    "$PROFINJECT" flamegraph -o f.svg r
    run ! grep '<b>' f.svg
}

@test "a map that shrinks and grows while it is read" {
    plant 'for i in $(seq 60); do echo "200000000000 20 name$i" >"$map"; sleep 0.005
        truncate -s 0 "$map"; done; echo "200000000000 20 last" >"$map"'
    [ "$(fact chunks_damaged r)" -eq 0 ]
    grep -q 'call_made;' samples
}

@test "a jitdump of garbage, and one that is cut off" {
    cat >dump.py <<'END'
import ctypes, mmap, os, struct, sys, time
kind, seconds = sys.argv[1], float(sys.argv[2])
name = f"jit-{os.getpid()}.dump"
header = struct.pack("<IIIIIIQQ", 0x4A695444, 1, 40, 62, 0, os.getpid(), 0, 0)
bodies = {
    "noise": os.urandom(100000),
    "zeros": bytes(100000),
    "cut": header + struct.pack("<IIQ", 0, 100, 0) + bytes(20),
    "huge": header + struct.pack("<IIQ", 0, 0xffffffff, 0) + bytes(10000),
    "liar": header + struct.pack("<IIQIIQQQQ", 0, 80, 0, 0, 0, 0x200000000000, 0x200000000000,
                                 1 << 62, 0) + b"x" * 24,
    "pipe": None,
}
with open(name, "wb") as out:
    out.write(bodies[kind] or header)
with open(name, "rb") as dump:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap(None, 4096, mmap.PROT_READ | mmap.PROT_EXEC, mmap.MAP_PRIVATE, dump.fileno(), 0)
if kind == "pipe":
    os.unlink(name)
    os.mkfifo(name)
end = time.process_time() + seconds
while time.process_time() < end:
    pass
END
    python=$(type -P python3)
    for kind in noise zeros cut huge liar pipe; do
        record "$kind" "$python" dump.py $kind 0.3
        [ "$(fact chunks_damaged $kind)" -eq 0 ]
        [ "$(fact samples $kind)" -gt 10 ]
    done
}
