#!/usr/bin/env bats
# Known answers: each program here knows what its profile must say.

load helpers

@test "CPU time is split over functions and threads as it was spent" {
    record recording "$PROGRAMS/cpu_split" 12 >truth.json
    "$PROFINJECT" folded --metric samples --by-thread -o samples.folded recording
    "$PROFINJECT" folded --metric cpu --by-thread -o cpu.folded recording
    run -0 python3 "$CHECKS/check_split.py" truth.json samples.folded cpu.folded \
        recording/cpu_split.*.pinj
}

@test "CPU time is split as it was spent in the bare LD_PRELOAD form, with allocations" {
    preloaded "$PWD/recording" "$PROGRAMS/cpu_split" 12 alloc >truth.json
    "$PROFINJECT" folded --metric samples --by-thread -o samples.folded recording
    "$PROFINJECT" folded --metric cpu --by-thread -o cpu.folded recording
    run -0 python3 "$CHECKS/check_split.py" truth.json samples.folded cpu.folded \
        recording/cpu_split.*.pinj
}

@test "all CPU time is there: sampled time agrees with the process's CPU clock" {
    record recording "$PROGRAMS/spin" 3
    "$PROFINJECT" folded recording >cpu.folded
    sampled=$(awk '{ sum += $NF } END { printf "%.0f", sum }' cpu.folded)
    clock=$(fact cpu_ns recording)
    echo "sampled $sampled, clock $clock"
    # 3 s in periods of at most 10 ms: 2 % covers the first and the last one.
    [ $((sampled * 100)) -ge $((clock * 98)) ]
    [ $((sampled * 100)) -le $((clock * 102)) ]
    [ "$clock" -ge 3000000000 ]
}

@test "allocations are counted exactly, per thread, for every entry of the allocator" {
    record recording "$PROGRAMS/alloc_exact" 300 >truth.json
    "$PROFINJECT" export --format json -o profile.json recording
    run -0 python3 "$CHECKS/check_allocations.py" truth.json profile.json
}

@test "allocations are counted exactly for every form of operator new and delete" {
    record recording "$PROGRAMS/alloc_cxx" 2000 >truth.json
    "$PROFINJECT" export --format json -o profile.json recording
    run -0 python3 "$CHECKS/check_allocations.py" truth.json profile.json
}

@test "counts stay exact while four threads allocate and are sampled" {
    record recording "$PROGRAMS/alloc_exact" 6000 >truth.json
    "$PROFINJECT" export --format json -o profile.json recording
    run -0 python3 "$CHECKS/check_allocations.py" truth.json profile.json
}

@test "--heap off counts nothing and says so" {
    record_off() { "$PROFINJECT" record -q --heap off -o recording -- "$PROGRAMS/spin" 0.3; }
    record_off
    run -1 --separate-stderr "$PROFINJECT" folded --metric memory-delta recording
    [ -z "$output" ]
    [ "${#stderr_lines[@]}" -eq 1 ]
}

@test "a recursion 500 deep is complete" {
    record recording "$PROGRAMS/recurse" 500 1
    "$PROFINJECT" folded recording >cpu.folded
    # Every stack that ends in burn_leaf holds main and 500 times descend.
    run -0 awk '
        / [0-9]+$/ && /;burn_leaf/ {
            seen += $NF
            if (gsub(/;descend/, "&") != 500 || !/(^|;)main;/) { print; wrong++ }
        }
        END { print seen " ns"; exit wrong || seen < 800e6 }' cpu.folded
    [ "$(fact truncated recording)" -eq 0 ]
    [ "$(fact guessed recording)" -eq 0 ]
}

@test "--max-depth keeps the leaf side under [truncated] and counts it" {
    "$PROFINJECT" record -q --max-depth 64 -o recording -- "$PROGRAMS/recurse" 500 0.5
    "$PROFINJECT" folded recording >cpu.folded
    run -0 awk '
        /;burn_leaf/ {
            seen += $NF
            if (!/^\[truncated\];descend;/ || gsub(/;descend/, "&") > 64) { print; wrong++ }
        }
        END { exit wrong || seen < 400e6 }' cpu.folded
    [ "$(fact 'truncated >= 0.8 * .samples' recording)" = true ]
}

@test "exec that fails before it succeeds, as along PATH, stops nothing" {
    PATH="/nowhere:/not/there:$PROGRAMS:$PATH" run -0 "$PROFINJECT" record -q -o recording -- \
        sh -c 'exec spin 0.01'
    [ ! -s recording/messages ]
}

@test "a tree of fork, vfork, exec and posix_spawn is followed: one trace per process image" {
    record recording "$PROGRAMS/fork_tree" 0.4 >roles
    [ "$(wc -l <roles)" -eq 5 ]
    "$PROFINJECT" folded --by-process recording >cpu.folded
    "$PROFINJECT" export --format json -o profile.json recording
    while read -r role pid ppid; do
        # Half of its 0.4 s at least, in the process with that pid and nowhere else. Time, as
        # on a busy machine a stack stands for more periods.
        run -0 awk -v role="burn_$role" -v label="fork_tree ($pid)" '
            index(";" $0, ";" role) {
                split($0, frames, ";")
                if (frames[1] == label) right += $NF; else { print; wrong++ }
            }
            END { print role, right; exit wrong || right < 200000000 }' cpu.folded
        run -0 jq -e --argjson pid "$pid" --argjson ppid "$ppid" \
            '[.processes[] | select(.pid == $pid and .ppid == $ppid)] | length >= 1' profile.json
    done <roles
    # Every trace is another process image.
    traces=$(find recording -name '*.pinj' | wc -l)
    run -0 jq -e --argjson traces "$traces" \
        '(.processes | length) == $traces and
         ([.processes[] | [.pid, .image]] | unique | length) == $traces' profile.json
}

@test "--no-children profiles the first process alone" {
    "$PROFINJECT" record -q --no-children -o recording -- "$PROGRAMS/fork_tree" 0.2 >roles
    [ "$(wc -l <roles)" -eq 5 ]
    [ "$(find recording -name '*.pinj' | wc -l)" -eq 1 ]
    "$PROFINJECT" folded --metric samples recording >samples.folded
    grep -q burn_root samples.folded
    run -1 grep -E 'burn_(left|middle|leaf|right)' samples.folded
}

@test "a program that is not position independent is named by its symbols" {
    record recording "$PROGRAMS/spin_nopie" 0.5
    "$PROFINJECT" folded --metric samples recording >samples.folded
    run -0 awk '/main;spin_here( |;)/ { seen += $NF } { all += $NF } END { exit seen < all * 0.95 }' \
        samples.folded
}

@test "a position independent program is named by its symbols, with file and line" {
    record recording "$PROGRAMS/spin" 0.5
    "$PROFINJECT" folded --metric samples recording >samples.folded
    run -0 awk '/main;spin_here( |;)/ { seen += $NF } { all += $NF } END { exit seen < all * 0.95 }' \
        samples.folded
    run -0 "$PROFINJECT" report recording
    [[ "$output" == *spin_here*spin.c:* ]]
}

@test "a stripped program has complete stacks and names made of module and offset" {
    record recording "$PROGRAMS/spin_stripped" 0.5
    "$PROFINJECT" folded --metric samples recording >samples.folded
    run -0 awk '/\[spin_stripped\+0x[0-9a-f]+\]/ { seen += $NF } { all += $NF }
        END { exit seen < all * 0.95 }' samples.folded
    run -1 grep -E 'spin_here|unknown' samples.folded
    [ "$(fact guessed recording)" -eq 0 ]
}

@test "a signal handler's frames stand on those it interrupted" {
    for variant in '' altstack; do
        # shellcheck disable=SC2086  # an empty variant is no argument
        record "recording$variant" "$PROGRAMS/signal_frame" 2 $variant >truth.json
        "$PROFINJECT" folded "recording$variant" >cpu.folded
        # All of in_handler lies above interrupted, and has its share of the time.
        grep ';in_handler' cpu.folded >inside.folded
        run ! grep -v ';interrupted;.*in_handler' inside.folded
        run -0 python3 "$CHECKS/check_share.py" "$(jq '.handler_ns / .total_ns' truth.json)" \
            inside.folded cpu.folded "recording$variant"/*.pinj
    done
}

@test "a program with holes between its segments has complete stacks" {
    # The loader knows each segment of such a program as an object of its own.
    cat >Makefile <<'END'
L := $(shell seq 60000)
twice = $(sort $(foreach i,$(L),$(subst 1,2,$(patsubst %3,%4,$i)$1)))
all: ; @echo $(words $(call twice,a) $(call twice,b) $(call twice,c) $(call twice,d))
END
    record recording make
    run -0 jq -e '.samples >= 20 and .guessed == 0 and .broken == 0' <("$PROFINJECT" info --json recording)
}

@test "of ten thousand threads, eight at a time, none is left out" {
    record recording "$PROGRAMS/many_threads" 10000
    [ "$(fact threads recording)" -eq 10001 ]
    [ ! -s recording/messages ]
}

@test "threads shorter than a tick have their share" {
    record recording "$PROGRAMS/short_threads"
    "$PROFINJECT" folded recording >cpu.folded
    grep ';short_work' cpu.folded >short.folded
    run -0 python3 "$CHECKS/check_share.py" 0.5 short.folded cpu.folded recording/*.pinj
}

@test "--no-children: a shell that hands on the environment it was given starts nobody else's" {
    # bash exports what main got as its third argument.
    bash -c : 2>/dev/null || skip "no bash"
    "$PROFINJECT" record -q --no-children -o recording -- bash -c '/bin/true; seq 3 | tail -1; :'
    [ "$(find recording -name '*.pinj' | wc -l)" -eq 1 ]
    "$PROFINJECT" record -q -o all -- bash -c '/bin/true; seq 3 | tail -1; :'
    [ "$(find all -name '*.pinj' | wc -l)" -ge 4 ]
}

@test "a process ended by a signal has not been sampled more than it ran" {
    for after in 0.5 1.2 1.4; do
        "$PROFINJECT" record -q -o "killed$after" timeout -s TERM "$after" "$PROGRAMS/spin" 5 || true
        "$PROFINJECT" info --json "killed$after" |
            jq -e '.sampled_ns <= 1.05 * .measured_ns and .cpu_ns >= 0.9 * .sampled_ns and .samples > 10'
    done
}

@test "a directory that could not be begun for want of room is not in the way later" {
    [ "$(id -u)" -eq 0 ] || skip "needs root to mount a small file system"
    unshare -m true 2>/dev/null || skip "no mount namespace here"
    mkdir small
    run -0 unshare -m bash -c '
        mount -t tmpfs -o size=64k none small || exit 3
        head -c 100000 /dev/zero >small/fill 2>/dev/null
        "$0" record -q -o small/r -- true 2>small.err && exit 4
        rm small/fill
        "$0" record -q -o small/r -- true' "$PROFINJECT"
    grep -q "No space left" small.err
}

@test "functions have names in a directory with a newline in its own" {
    mkdir $'a\nb'
    cp "$PROGRAMS/spin" $'a\nb/'
    record recording $'a\nb/spin' 0.3
    "$PROFINJECT" folded recording 2>folded.err >samples.folded
    grep -q ';spin_here ' samples.folded
    run ! grep 'cannot open' folded.err
}
