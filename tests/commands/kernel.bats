#!/usr/bin/env bats
# Where in the kernel time goes.

load helpers

teardown() {
    [ -z "${open-}" ] || rm -rf "$open"
}

# kernel DIR COMMAND...: recorded with frames of the kernel, or the reason why there are none.
kernel() {
    local directory=$1
    shift
    "$PROFINJECT" record -q --clock perf --kernel -o "$directory" -- "$@"
    local reason
    reason=$("$PROFINJECT" info --json "$directory" |
        jq -r '.per_process[0].properties | .kernel_frames_reason // empty')
    [ -z "$reason" ] || skip "no frames of the kernel: $reason"
}

@test "a loop of system calls: the kernel's functions stand under the call" {
    kernel recording "$PROGRAMS/getppid" 3000000
    "$PROFINJECT" folded recording >stacks
    if grep -q '\[kernel\]' stacks; then skip "the kernel hides its names"; fi
    # All of the kernel's frames, under `ask`, and most of the time in them.
    run -0 awk '{ all += $NF } /_\[k\]/ { kernel += $NF }
        /;ask;.*do_syscall_64_\[k\];.*getppid_\[k\]/ { known += $NF }
        /_\[k\];[^ ]*;ask;/ { wrong++ }
        END { print all, kernel, known; exit wrong || kernel < all / 2 || known < kernel / 4 }' stacks
    # None of it counts twice.
    run -0 jq -e '(.sampled_ns - .measured_ns | fabs) < 0.02 * .measured_ns + 4e6' \
        <("$PROFINJECT" info --json recording)
    run -0 "$PROFINJECT" info recording
    [[ "$output" =~ "kernel frames"\ +on ]]
    "$PROFINJECT" flamegraph -o flame.svg recording
    grep -q 'do_syscall_64_\[k\]' flame.svg
    [ "$(stat -c %a recording/kernel.symbols)" = 600 ]
}

@test "time outside the kernel has no frames of it" {
    kernel recording "$PROGRAMS/spin" 0.5
    "$PROFINJECT" folded --metric samples recording >stacks
    run -0 awk '{ all += $NF } /_\[k\]|\[kernel\]/ { kernel += $NF } END { exit kernel > all / 10 }' stacks
}

@test "threads keep their frames apart, and the processes of a tree" {
    kernel recording bash -c "'$PROGRAMS/getppid' 500000 & '$PROGRAMS/spin' 0.3; wait"
    run -0 bash -c "'$PROFINJECT' folded recording | grep '^spin;' | grep -c getppid_ || true"
    [ "$output" = 0 ]
}

@test "where they are not to be had it is said, and the recording goes on" {
    "$PROFINJECT" record -q --kernel -o recording -- "$PROGRAMS/spin" 0.2
    grep -qx 'no frames of the kernel: --clock perf takes them' recording/messages
    [ "$(sampled recording)" -ge 100 ]
    run -0 "$PROFINJECT" info recording
    [[ "$output" =~ "kernel frames"\ +"unavailable (--clock perf takes them)" ]]
    run -0 "$PROFINJECT" record -q --force -o recording -- "$PROGRAMS/spin" 0.1
    [ ! -s recording/messages ]
}

@test "without rights to the kernel's frames: perf goes on without them" {
    [ "$(id -u)" -eq 0 ] || skip "only root can give rights away"
    [ "$(cat /proc/sys/kernel/perf_event_paranoid)" -ge 2 ] || skip "everybody may here"
    open=$(mktemp -d) # others may not enter the directory of a test
    chmod 777 "$open"
    cd "$open"
    cp "$PROGRAMS/getppid" .
    run -0 setpriv --reuid 65534 --regid 65534 --clear-groups "$PROFINJECT" record -q \
        --clock perf --kernel -o recording -- ./getppid 2000000
    [ "$(fact clock recording)" = perf ] || skip "no perf clock for others"
    grep -q 'no frames of the kernel: kernel.perf_event_paranoid is [2-4], 1 or less is needed' recording/messages
    run -1 grep -c '_\[k\]' <("$PROFINJECT" folded recording)
}
