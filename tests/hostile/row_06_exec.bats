#!/usr/bin/env bats
# Row 6: every way to start a program, with an environment made by hand.

load hostile

WAYS="execve execle execvpe fexecve execveat syscall null posix_spawn posix_spawnp vfork clearenv execl execlp system popen"

# The commands recorded in the directories given.
commands() {
    local trace
    for trace in "$@"; do
        basename "$trace" | sed 's/\.[0-9.]*pinj$//'
    done | sort | uniq
}

@test "row 6: a program started with a made-up environment sees just that" {
    for way in $WAYS; do
        rm -rf cpu.* perf.*
        as_bare "$PROGRAMS/exec_ways" "$way" /usr/bin/env || { echo "$way"; return 1; }
        ! grep -E 'PROFINJECT|PRELOAD' got.out
    done
}

@test "row 6: no tick of the program before ends the next one" {
    for clock in $CLOCKS; do
        clock_works "$clock" || continue
        for way in execve syscall; do
            run -0 injected "$clock" "$PWD/$clock.$way" env PROFINJECT_FREQUENCY=10000 \
                "$PROGRAMS/exec_again" 100 "$way"
            [ "$output" = there ]
            [ "$(ls "$clock.$way"/exec_again.*.pinj | wc -l)" -eq 101 ]
        done
    done
}

@test "row 6: it is followed all the same, and so is what it starts" {
    for way in $WAYS; do
        injected cpu "$PWD/$way" "$PROGRAMS/exec_ways" "$way" "$PROGRAMS/exec_ways" execve "$PROGRAMS/spin" 0.05
        commands "$way"/*.pinj >got
        # A program's comm is not its name where it is started by a descriptor.
        [ "$way" = fexecve ] || grep -qx spin got || { echo "$way: $(cat got)"; return 1; }
        [ "$("$PROFINJECT" info --json "$way" | jq .samples)" -gt 0 ]
    done
}

@test "row 6: the user's own preloaded library is kept, ours is there once" {
    env -i LD_PRELOAD="$LIBRARY:$PROGRAMS/preload_other.so" PROFINJECT_OUTPUT="$PWD/own" \
        "$PROGRAMS/exec_ways" execve /usr/bin/env >out 2>err
    ! grep LD_PRELOAD out
    env -i LD_PRELOAD="$LIBRARY" PROFINJECT_OUTPUT="$PWD/both" /usr/bin/env \
        LD_PRELOAD="$PROGRAMS/preload_other.so" /bin/bash -c 'echo "$LD_PRELOAD"' >out 2>err
    grep -x "$PROGRAMS/preload_other.so" out
    grep -q 'preload_other: called' err
    commands both/*.pinj | grep -qx bash
    env -i LD_PRELOAD="$LIBRARY" PROFINJECT_OUTPUT="$PWD/given" /bin/sh -c /usr/bin/env >out
    [ "$(grep -o libprofinject out | wc -l)" -eq 1 ]
}

@test "row 6: with --no-children nobody is followed" {
    "$PROFINJECT" record -q --no-children -o alone -- "$PROGRAMS/exec_ways" vfork "$PROGRAMS/spin" 0.05
    run -0 commands alone/*.pinj
    [ "$output" = exec_ways ]
}

@test "row 6: a program that execs by an instruction is not called any more" {
    run -0 --separate-stderr timeout 60 "$PROFINJECT" record --quiet --output recording -- "$PROGRAMS/raw_exec"
    [ "$output" = survived ]
}
