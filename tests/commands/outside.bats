# The servant outside: under record the target has no thread of ours, and who does the work
# for it may die, be late, or outlive record.

load helpers

SAY_THREADS='sed -n "s/^Threads:\t//p" /proc/$PPID/status'

# Of the process that starts it, as it is.
threads_of() {
    "$@" bash -c "echo \$(sed -n 's/^Threads:[[:space:]]*//p' /proc/\$\$/status)"
}

# Pid of the process that drains for recording DIR.
keeper_of() {
    sed -n 's,^servant=/proc/\([0-9]*\)/.*,\1,p' "$1/manifest"
}

# True while there is such a process, and it has not ended.
lives() {
    [ -r "/proc/$1/stat" ] && ! grep -q ') Z ' "/proc/$1/stat"
}

gone() {
    for ((i = 0; i < 100; i++)); do lives "$1" || return 0; sleep 0.1; done
    return 1
}

@test "a program with one thread has one, but in the bare form" {
    [ "$(threads_of record r)" = 1 ]
    [ "$(threads_of preloaded q)" = 2 ]
    record s -F 1000 --clock wall -- true || true
    "$PROFINJECT" record -q -o w --clock wall -- "$PROGRAMS/spin" 0.2
    record t "$PROGRAMS/spin" 0.2
    [ "$("$PROFINJECT" export --format json t | jq -r '.processes[0].properties.servant // empty')" = outside ] ||
        "$PROFINJECT" info t | grep -q 'servant  *outside'
    "$PROFINJECT" info w | grep -q 'servant  *inside'
}

@test "what needs a process with one thread works" {
    unshare -U true 2>/dev/null || skip "no user namespaces here"
    record r unshare -U true
}

@test "a program goes on when its keeper is killed, and what was written is there" {
    "$PROFINJECT" record -q -o r -- bash -c 'while [ $SECONDS -lt 3 ]; do :; done; exit 9' &
    local record=$!
    for ((i = 0; i < 100; i++)); do [ -n "$(find r -name '*.pinj' -size +0 2>/dev/null)" ] && break; sleep 0.1; done
    kill -9 "$(keeper_of r)"
    run -9 wait "$record"
    [ "$(fact exit r)" = "exit 9" ]
    [ "$(fact samples r)" -gt 100 ]
    [ "$("$PROFINJECT" info --json r | jq -r '.per_process[0].exit')" = "exit 9" ]
}

@test "exact recording ends, and says so, when the keeper is killed" {
    "$PROFINJECT" record -q -o r --heap exact --heap-buffer 1M -- "$PROGRAMS/spin_malloc" 3 &
    local record=$!
    for ((i = 0; i < 100; i++)); do [ -n "$(find r -name '*.pinj' -size +0 2>/dev/null)" ] && break; sleep 0.1; done
    kill -9 "$(keeper_of r)"
    run -0 wait "$record"
    grep -q 'heap events are missing from some moment on' r/messages
    run -0 "$PROFINJECT" report r
}

@test "of a program that is killed everything is there, up to the last moment" {
    run -137 "$PROFINJECT" record -q -o r -- bash -c 'while [ $SECONDS -lt 2 ]; do :; done; kill -9 $$'
    [ "$(fact exit r)" = "signal 9" ]
    # all but a tick or two of the CPU time of its thread is in samples
    "$PROFINJECT" info --json r | jq -e '.samples > 100'
    run find /dev/shm -maxdepth 1 -name "profinject.$(sed -n 's/^id=//p' r/manifest).*"
    [ -z "$output" ]
}

@test "a program that outlives record is recorded to its end" {
    run -5 "$PROFINJECT" record -q -o r -- \
        bash -c "(setsid '$PROGRAMS/spin' 1.5 >/dev/null 2>&1 &) ; exit 5"
    local keeper
    keeper=$(keeper_of r)
    lives "$keeper"
    gone "$keeper"
    "$PROFINJECT" info --json r | jq -e '[.per_process[] | select(.comm == "spin")][0] |
        .samples > 200 and .exit == "exit 0"'
    run find /dev/shm -maxdepth 1 -name "profinject.$(sed -n 's/^id=//p' r/manifest).*"
    [ -z "$output" ]
}

@test "record has nobody left behind" {
    record r true
    gone "$(keeper_of r)"
    run -127 "$PROFINJECT" record -q -o n -- ./no-such-command
    [ ! -e n ]
}

@test "a program whose exec failed goes on being recorded" {
    cat >execs.py <<'P'
import os, time
def spin(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end: pass
spin(0.3)
try: os.execv("/no/such/program", ["x"])
except OSError: pass
spin(1.0)
P
    record r python3 execs.py
    "$PROFINJECT" info --json r | jq -e '.per_process[0] | .cpu_seconds // 9 | . > 1'
    [ "$("$PROFINJECT" folded --metric cpu r | awk '{ s += $NF } END { print (s > 1.1e9) }')" = 1 ]
}
