#!/usr/bin/env bats
# Row 15: every way to end, a thread of the target still running.

load hostile

# ends WAY [EXIT [SECONDS]]: as bare, the trace readable, and closed with EXIT.
ends() {
    as_bare timeout -s KILL 20 "$PROGRAMS/ends" "$1" "${3:-0.1}"
    for recording in cpu.1 perf.1; do
        [ -d "$recording" ] || continue
        "$PROFINJECT" info --json "$recording" >info.json
        jq -e '.samples >= 5 and .chunks_damaged == 0' info.json || { cat info.json; return 1; }
        [ -z "${2-}" ] || [ "$(jq -r .exit info.json)" = "$2" ]
    done
}

@test "row 15: exit" { ends exit "exit 3"; }
@test "row 15: _exit" { ends _exit "exit 4"; }
@test "row 15: _Exit" { ends _Exit "exit 5"; }
@test "row 15: quick_exit" { ends quick_exit "exit 6"; }
@test "row 15: return from main" { ends return "exit 7"; }
@test "row 15: exit from another thread" { ends thread "exit 9"; }
@test "row 15: pthread_exit of main" { ends pthread_exit "exit 0"; }
@test "row 15: exec" { ends exec; }
@test "row 15: a signal" { ends signal "" 0.6; }
@test "row 15: kill -9" { ends kill "" 0.6; }
@test "row 15: abort" { ends abort "" 0.6; }

# ends_bare EXIT WHO HOW: by the system call itself; the trace says EXIT.
ends_bare() {
    local expected=$1
    shift
    rm -rf cpu.* perf.*
    as_bare timeout -s KILL 20 "$PROGRAMS/bare_exit" "$@" || { echo "$*"; return 1; }
    [ "$(fact exit cpu.1)" = "$expected" ]
    [ "$(fact samples cpu.1)" -gt 0 ]
    nothing_left cpu.1 bare_exit
}

@test "row 15: the last thread ends by the system call exit, which the C library does not see" {
    for how in number own; do
        for who in only child last; do
            ends_bare "exit 7" "$who" "$how"
        done
    done
    ends_bare "exit 8" first number
    run -7 "$PROFINJECT" record -q -o r -- "$PROGRAMS/bare_exit" only own
    [ "$(fact exit r)" = "exit 7" ]
}

@test "row 15: the last thread is killed by a filter that kills threads" {
    # `timeout` ends itself by the signal that ended its child; of that nobody is left to tell.
    for who in only child; do
        ends_bare "signal 31" "$who" filter
        "$PROFINJECT" info --json cpu.1 | jq -e '[.per_process[] | select(.comm == "bare_exit")] |
            length >= 1 and all(.exit == "unknown")'
    done
}

@test "row 15: under record a killed target loses nothing of what was sampled" {
    for way in kill abort signal; do
        run "$PROFINJECT" record -q --force -o killed -- "$PROGRAMS/ends" "$way" 0.5
        [ "$status" -gt 128 ]
        "$PROFINJECT" folded killed >stacks
        # Half a second in the first thread.
        run -0 awk '/;main;burn/ { ns += $NF } END { print ns; exit !(ns > 0.42e9 && ns < 0.55e9) }' stacks
        [ "$(fact chunks_damaged killed)" -eq 0 ]
        [ -z "$(find "$(sed -n 's/^rings=//p' killed/manifest)" -name "*$(sed -n 's/^id=//p' killed/manifest)*")" ]
    done
}

@test "row 15: a deadlock at exit is the target's own, and ended from outside" {
    as_bare timeout -s TERM 1 "$PROGRAMS/ends" deadlock
    [ "$(fact samples cpu.1)" -ge 5 ]
}

@test "row 15: the end is not delayed" {
    # The median of eleven pairs, in microseconds; the bound of the matrix is 50 ms.
    run -0 python3 - "$LIBRARY" "$PROGRAMS/ends" <<'PYTHON'
import os, statistics, subprocess, sys, time
library, program = sys.argv[1:]

def after_the_last_word(extra):
    with subprocess.Popen([program, "exit"], stdout=subprocess.PIPE, env={**os.environ, **extra}) as process:
        process.stdout.readline()
        began = time.monotonic()
        process.wait()
    return time.monotonic() - began

pairs = []
for turn in range(11):
    bare = after_the_last_word({})
    pairs.append(after_the_last_word({"LD_PRELOAD": library, "PROFINJECT_OUTPUT": f"d{turn}"}) - bare)
print(f"end delayed by {statistics.median(pairs) * 1000:.1f} ms")
sys.exit(statistics.median(pairs) > 0.05)
PYTHON
    echo "$output"
}
