#!/usr/bin/env bats
# Row 17: targets that cannot be injected or not be run: one line says why, and the way out.

load hostile

# says TEXT COMMAND...: the command runs as bare under record, and the only remark that
# there is no profile has TEXT in it.
says() {
    local text=$1 status=0 got=0
    shift
    "$@" >bare.out 2>bare.err || status=$?
    "$PROFINJECT" record -o "says" -- "$@" >got.out 2>got.err || got=$?
    [ "$got" -eq "$status" ] && cmp bare.out got.out || return 1
    cat got.err
    # What the command or exec itself says stays.
    grep -vxFf bare.err got.err >remarks || cp got.err remarks
    [ "$(grep -c "^profinject: '" remarks)" -eq 1 ] && grep -q "$text" remarks
    ! grep -q 'no samples\|was not loaded' remarks
    rm -rf says
}

# headers NAME CLASS MACHINE LOADER: an ELF file of nothing but headers.
headers() {
    python3 - "$@" <<'PYTHON'
import os, struct, sys
name, bits, machine, loader = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4].encode() + b"\0"
with open(name, "wb") as out:
    out.write(b"\x7fELF" + bytes([bits, 1, 1]) + bytes(9))
    out.write(struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0))
    out.write(struct.pack("<IIQQQQQQ", 3, 4, 120, 120, 120, len(loader), len(loader), 1) + loader)
os.chmod(name, 0o755)
PYTHON
}

# refused_with TEXT COMMAND: the kernel or the shell that execvp() then tries does not run
# the file; of ours there is one line, with TEXT in it.
refused_with() {
    "$PROFINJECT" record -o r -- "$2" 2>err || [ $? -ge 1 ]
    cat err
    [ "$(grep -c ^profinject err)" -eq 1 ] && grep -q "$1" err
}

@test "row 17: a static program" {
    echo 'int main(void) { return 5; }' >static.c
    cc -static -o static static.c 2>cc.err || skip "no static libc: $(tail -n 1 cc.err)"
    says 'statically linked.*link it dynamically' ./static
}

@test "row 17: a script whose interpreter is static" {
    printf '#include <stdio.h>\nint main(void) { return puts("run") < 0; }\n' >static.c
    cc -static -o static static.c 2>cc.err || skip "no static libc: $(tail -n 1 cc.err)"
    printf '#!%s/static\n' "$PWD" >script
    chmod +x script
    says "/static' is statically linked" ./script
}

@test "row 17: a script whose interpreter is ordinary is profiled" {
    printf '#!/bin/bash\nfor ((i = 0; i < 100000; i++)); do :; done\n' >script
    chmod +x script
    run -0 "$PROFINJECT" record -q -o r -- ./script
    [ "$(fact samples r)" -gt 0 ]
}

@test "row 17: a setuid program" {
    [ "$(id -u)" -eq 0 ] || skip "needs root to make one"
    chmod 755 . .. && cp /usr/bin/id id && chown nobody id && chmod 4755 id
    says 'setuid.*run record as the user it changes to' ./id -u
}

@test "row 17: a 32-bit program" {
    echo 'int main(void) { return 5; }' >narrow.c
    if cc -m32 -o narrow narrow.c 2>cc.err; then
        says 'another machine or word size.*64-bit' ./narrow
    else
        headers narrow 1 3 /lib/ld-linux.so.2
        refused_with 'another machine or word size.*64-bit' ./narrow
    fi
}

@test "row 17: a program for another machine" {
    headers arm 2 183 /lib/ld-linux-aarch64.so.1
    refused_with 'another machine or word size.*for this machine' ./arm
}

@test "row 17: a program of musl's" {
    echo 'int main(void) { return 5; }' >musl.c
    if command -v musl-gcc >where && musl-gcc -o musl musl.c; then
        says 'uses musl.*build it with glibc' ./musl
    else
        headers musl 2 62 /lib/ld-musl-x86_64.so.1
        refused_with 'musl' ./musl
    fi
}

@test "row 17: a program that is not executable" {
    echo text >plain
    run -126 --separate-stderr "$PROFINJECT" record -o r -- ./plain
    [ "$stderr" = "profinject record: cannot run './plain': Permission denied: make it executable: chmod +x" ]
    [ ! -e r ]
}

@test "row 17: a program that is not found" {
    run -127 --separate-stderr "$PROFINJECT" record -o r -- no_such_program
    [[ $stderr = "profinject record: cannot run 'no_such_program': No such file or directory: "*PATH* ]]
    printf '#!/no/such/interpreter\n' >script
    chmod +x script
    run -127 --separate-stderr "$PROFINJECT" record -o r -- ./script
    [[ $stderr = "profinject record: cannot run './script': No such file or directory: "*"'/no/such/interpreter'"* ]]
    [ ! -e r ]
}
