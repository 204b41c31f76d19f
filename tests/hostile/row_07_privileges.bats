#!/usr/bin/env bats
# Row 7: the target changes its user, its root, its namespaces, its session.

load hostile

# changes WAY: as bare, and the time burnt after the change is in the recording.
changes() {
    as_bare "$PROGRAMS/privileges" "$1"
    sleep "${2:-0}" # a daemon goes on when its parent has ended
    for recording in cpu.1 perf.1; do
        [ -d "$recording" ] || continue
        "$PROFINJECT" info --json "$recording" >info.json
        # On a busy machine a stack stands for many periods: what counts is the time.
        jq -e '.cpu_ns >= 200e6 and .samples >= 10 and .sampled_ns >= 0.7 * .measured_ns' info.json || { cat info.json; return 1; }
    done
}

needs_root() {
    [ "$(id -u)" -eq 0 ] || skip "needs root"
}

@test "row 7: drops root" { needs_root; changes setuid; }
@test "row 7: drops capabilities, then changes user" { needs_root; changes capset; }
@test "row 7: unshares the user namespace, which needs a single thread" { changes newuser; }
@test "row 7: asks a hundred times to be the only thread" { changes loop; }
@test "row 7: unshares the mount namespace" { changes newns; }
@test "row 7: unshares the pid namespace" { changes newpid; }
@test "row 7: enters a namespace" { changes setns; }
@test "row 7: changes its root and clears its environment" { changes chroot; }
@test "row 7: forks and makes a session" { changes session; }
@test "row 7: becomes a daemon" { changes daemon 1; }
