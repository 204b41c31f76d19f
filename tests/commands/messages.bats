#!/usr/bin/env bats
# What the profiler said while recording reaches the user, and once.

load helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    "$PROFINJECT" record -q -o recording -- "$PROGRAMS/spin" 0.2
    echo 'the disk is full' >recording/messages
}

RECORDING=$BATS_FILE_TMPDIR/recording

# on_terminal COMMAND...: its output on a terminal, how often the message is in it.
on_terminal() {
    script -qec "$(printf '%q ' "$@")" /dev/null </dev/null | grep -c 'the disk is full'
}

@test "a result that shows messages does not have them repeated on its terminal" {
    command -v script >/dev/null || skip "needs script"
    for command in info "info --json" "report --all" "report --json" report folded; do
        # shellcheck disable=SC2086  # a command with its options
        [ "$(on_terminal "$PROFINJECT" $command "$RECORDING")" -eq 1 ]
    done
}

@test "where the result goes elsewhere, stderr tells" {
    for command in info "info --json" "report --all" "report --json" report folded; do
        # shellcheck disable=SC2086  # a command with its options
        run -0 --separate-stderr "$PROFINJECT" $command -o out "$RECORDING"
        [ "$stderr" = "profinject ${command%% *}: the disk is full" ]
    done
}

@test "info says in one line whether memory was counted" {
    run -0 bash -c "'$PROFINJECT' info '$RECORDING' 2>/dev/null | grep '^  memory '"
    [[ "$output" == *"exact counters" ]]
    "$PROFINJECT" record -q --heap off -o without -- "$PROGRAMS/spin" 0.2
    run -0 bash -c "'$PROFINJECT' info without | grep '^  memory '"
    [[ "$output" == *"unavailable (--heap off)" ]]
}

# on_small_disk COMMAND: in a file system of 256 KiB, the current directory of COMMAND.
on_small_disk() {
    local user=-r
    [ "$(id -u)" -ne 0 ] || user=
    mkdir disk
    # shellcheck disable=SC2086  # no option for root
    unshare $user -m mount -t tmpfs none disk 2>why || skip "needs a mount: $(tail -n 1 why)"
    # shellcheck disable=SC2086
    run -0 --separate-stderr unshare $user -m sh -c \
        'mount -t tmpfs -o size=256k none disk && cd disk && eval "$0"' "$1"
    echo "$output / $stderr"
}

@test "a disk that fills is told, whether there is a profile or not" {
    # shellcheck disable=SC2016  # for the inner shell
    on_small_disk '"$PROFINJECT" record --only spin -o r sh -c "cat /dev/zero >fill 2>&-; \"\$PROGRAMS/spin\" 0.2"'
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ "$stderr" == "profinject: no profile: "*": No space left on device" ]]
    rmdir disk
    # The first trace is there before the disk is full: a process waits 2 s for it at most.
    # shellcheck disable=SC2016
    on_small_disk '"$PROFINJECT" record --only spin -o r sh -c "
            \"\$PROGRAMS/spin\" 0.2; for n in \$(seq 100); do [ -s r/spin.*.pinj ] || sleep 0.1; done
            cat /dev/zero >fill 2>&-; \"\$PROGRAMS/spin\" 0.2" &&
        "$PROFINJECT" info r >/dev/null'
    [ "${#stderr_lines[@]}" -ge 4 ]
    [[ "${stderr_lines[1]}" == "profinject: recording in r; it says: "*": No space left on device" ]]
    [[ "${stderr_lines[3]}" == "profinject info: "*": No space left on device" ]]
}
