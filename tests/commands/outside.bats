# The servant outside: under record the target has no thread of ours, and who does the work
# for it may die, be late, or outlive record.

load helpers

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
    for ((i = 0; i < 600; i++)); do lives "$1" || return 0; sleep 0.1; done
    return 1
}

@test "a program with one thread has one, but in the bare form" {
    [ "$(threads_of record r)" = 1 ]
    [ "$(threads_of preloaded q)" = 2 ]
    record t "$PROGRAMS/spin" 0.3
    "$PROFINJECT" info t | grep -q 'servant  *outside'
    "$PROFINJECT" record -q -o w --clock wall -- "$PROGRAMS/spin" 0.3 # needs a thread
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
    local status=0
    wait "$record" || status=$?
    [ "$status" -eq 9 ]
    [ "$(fact exit r)" = "exit 9" ]
    [ "$(fact samples r)" -gt 20 ]
}

@test "exact recording ends, and says so, when the keeper is killed" {
    cat >blocks.py <<'P'
import time
end = time.process_time() + 3
while time.process_time() < end: [i * "x" for i in range(1000, 2000)]
P
    "$PROFINJECT" record -q -o r --heap exact --heap-buffer 1M -- /usr/bin/python3 blocks.py &
    local record=$!
    for ((i = 0; i < 100; i++)); do [ -n "$(find r -name '*.pinj' -size +0 2>/dev/null)" ] && break; sleep 0.1; done
    kill -9 "$(keeper_of r)"
    wait "$record"
    grep -q 'heap events are missing from some moment on' r/messages
    run -0 "$PROFINJECT" report r
}

@test "of a program that is killed everything is there, up to the last moment" {
    run -137 "$PROFINJECT" record -q -o r -- bash -c 'while [ $SECONDS -lt 2 ]; do :; done; kill -9 $$'
    [ "$(fact exit r)" = "signal 9" ]
    # as much CPU time is in samples as the thread was seen to use, and a moment more
    "$PROFINJECT" info --json r | jq -e '.samples > 20 and .measured_ns > 1e8 and
        .sampled_ns > 0.9 * .measured_ns'
    run find /dev/shm -maxdepth 1 -name "profinject.$(sed -n 's/^id=//p' r/manifest).*"
    [ -z "$output" ]
}

# Of traces in DIR, names and bytes.
bytes_of() {
    cat "$1"/*.pinj 2>/dev/null | sha256sum
}

@test "who reads while the keeper has a killed program's ring neither writes nor counts it" {
    "$PROFINJECT" record -q -o r -- "$PROGRAMS/spin" 20 &
    local record=$! keeper ring program before
    for ((i = 0; i < 100; i++)); do [ -n "$(find r -name '*.pinj' -size +0 2>/dev/null)" ] && break; sleep 0.1; done
    ring=$(find "$(sed -n 's/^rings=//p' r/manifest)" -name "*$(sed -n 's/^id=//p' r/manifest)*")
    [ -n "$ring" ]
    program=$(sed 's/.*\.\([0-9]*\)\.ring/\1/' <<<"$ring")
    computes "$program" 500
    keeper=$(keeper_of r)
    kill -STOP "$keeper"
    before=$(bytes_of r)
    kill -9 "$program"
    for ((i = 0; i < 50; i++)); do grep -q '^exit=' r/manifest && break; sleep 0.1; done
    run -0 --separate-stderr "$PROFINJECT" info r
    [ -z "$stderr" ]
    [ "$(bytes_of r)" = "$before" ]
    [ -e "$ring" ]
    kill -CONT "$keeper"
    wait "$record" || true
    gone "$keeper"
    [ ! -e "$ring" ]
    [ "$(bytes_of r)" != "$before" ]
    # each sample once: they stand for no more than the thread used, but for the last tick
    "$PROFINJECT" info --json r | jq -e '.samples > 20 and .chunks_damaged == 0 and
        .sampled_ns < 1.02 * .measured_ns + 8000000'
    before=$(bytes_of r)
    run -0 "$PROFINJECT" info r
    [ "$(bytes_of r)" = "$before" ]
}

@test "a program that outlives record is recorded to its end" {
    run -5 "$PROFINJECT" record -q -o r -- \
        bash -c "(setsid '$PROGRAMS/spin' 3 >/dev/null 2>&1 &) ; sleep 1; exit 5"
    local keeper
    keeper=$(keeper_of r)
    lives "$keeper"
    gone "$keeper"
    "$PROFINJECT" info --json r | jq -e '.per_process[] | select(.comm == "spin") |
        .cpu_ns > 2.9e9 and .sampled_ns > 2.8e9 and .exit == "exit 0"'
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
    record r /usr/bin/python3 execs.py
    [ "$("$PROFINJECT" folded --metric cpu r | awk '{ s += $NF } END { print (s > 1.1e9) }')" = 1 ]
}

@test "what a program does after an exec that failed is there, though it is killed" {
    touch garbage && chmod +x garbage # which the kernel does not take
    cat >execs.py <<'P'
import os, signal, sys, time
def spin(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end: pass
spin(0.4)
try: os.execv(sys.argv[1], ["x"])
except OSError: pass
spin(0.2)
os.kill(os.getpid(), signal.SIGKILL)
P
    local form program
    for program in /no/such/program ./garbage; do
        for form in record preloaded; do
            "$form" "$form" /usr/bin/python3 execs.py "$program" || true
            "$PROFINJECT" folded --metric cpu "$form" 2>/dev/null |
                awk '{ s += $NF } END { exit !(s > 0.57e9) }'
            rm -rf "$form"
        done
    done
    "$PROFINJECT" record -q --heap exact -o r -- /usr/bin/python3 execs.py ./garbage || true
    "$PROFINJECT" folded --metric cpu r | awk '{ s += $NF } END { exit !(s > 0.57e9) }'
}

@test "threads that leave from a handler, wherever it came, take nothing of ours with them" {
    timeout -s KILL 60 "$PROFINJECT" record -q -o r -- \
        timeout -s KILL 50 "$PROGRAMS/left_by_handler" 3000 >got.out
    [ "$(cat got.out)" = "3000 threads" ]
}

@test "a program that hides from others of its user has a thread, and its functions names" {
    cat >hides.c <<'C'
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>
volatile double number = 1;
__attribute__((noinline)) void compute(double seconds)
{
    while (clock() < seconds * CLOCKS_PER_SEC) number = number * 1.5 + 1;
}
int main(void)
{
    char line[256];
    compute(0.2);
    prctl(PR_SET_DUMPABLE, 0);
    compute(0.5);
    FILE *status = fopen("/proc/self/status", "r");
    while (fgets(line, sizeof line, status))
        if (strncmp(line, "Threads:", 8) == 0)
            fputs(line + 9, stdout);
    return 0;
}
C
    ${CC:-cc} -D_GNU_SOURCE -O1 -g -o hides hides.c
    [ "$(record r ./hides)" = 2 ]
    [ "$("$PROFINJECT" folded r | awk '/;compute/ { s += $NF } END { print (s > 0.45e9) }')" = 1 ]
}

# Where nobody else computes, its threads do the keeper's work; whoever hangs in it is killed.
trapped() {
    timeout -s KILL 60 "$PROFINJECT" record -q -o r -- timeout -s KILL 50 "$PROGRAMS/chores_traps" "$@"
}

@test "children of vfork that allocate do nothing for the keeper: threads go on being sampled" {
    trapped vfork 1 >used
    "$PROFINJECT" info --json r | jq -e --argjson used "$(cat used)" '.sampled_ns > 0.9e9 * $used'
}

@test "work for the keeper waits while a library before the C library's holds a lock it needs" {
    LD_PRELOAD=$PROGRAMS/locks_preload_other.so trapped open 1
    [ "$(fact exit r)" = "exit 0" ]
    [ "$(fact samples r)" -gt 20 ]
}

@test "outside: the target has no descriptor that is not its own, nor comes to have one" {
    cat >look.py <<'PY'
import os
kept = [bytearray(1000 + i) for i in range(20000)]
print([sum(i * i for i in range(3000000)), sorted(os.listdir("/proc/self/fd"))])
PY
    python3 -S look.py >bare.out
    for heap in sampled exact; do
        "$PROFINJECT" record -q --force --heap "$heap" -o recording -- python3 -S look.py >got.out
        diff bare.out got.out
    done
}
