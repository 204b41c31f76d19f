#!/usr/bin/env bats
# Little is left of what a process may have: the target has all of it that it would have
# without us, or nearly, and goes on where the recording cannot.

load hostile

@test "row 16: 8 descriptors: the target has them all" {
    cat >take.py <<'PY'
import os
taken = []
try:
    while True:
        taken.append(os.open("/dev/null", os.O_RDONLY))
except OSError as error:
    print(taken, error.strerror)
kept = [bytearray(1000 + i) for i in range(2000)]
PY
    in_heap_modes as_bare bash -c 'ulimit -n 8; exec /usr/bin/python3 -S ../take.py'
    grep -q 'Too many' "${HEAPS%% *}/bare.out"
}

@test "row 16: 1 GiB of address space, of which the target takes 650 MiB" {
    cat >grow.py <<'PY'
kept = [bytearray(1 << 20) for i in range(650)]
try:
    kept.append(bytearray(1 << 30))
except MemoryError:
    print(len(kept), "and no more")
PY
    in_heap_modes as_bare bash -c 'ulimit -v 1048576; exec /usr/bin/python3 -S ../grow.py'
    grep -q '650 and no more' "${HEAPS%% *}/bare.out"
}

@test "row 16: no further thread or process" {
    [ "$(id -u)" -eq 0 ] || skip "needs root to become somebody who has a limit"
    command -v setpriv >/dev/null || skip "setpriv is not installed"
    cat >alone.py <<'PY'
import os, threading
def attempt(what):
    try:
        return what()
    except (OSError, RuntimeError) as error:
        return error
kept = [bytearray(1000 + i) for i in range(2000)]
print(attempt(threading.Thread(target=print).start), attempt(os.fork))
PY
    chmod 755 ../.. .. . && chmod 644 alone.py
    limits() { # as somebody else, who may have one process
        mkdir -p rings && chmod 777 . rings
        as_bare bash -c 'ulimit -u 1; exec setpriv --reuid=54321 --clear-groups env XDG_RUNTIME_DIR="$PWD/rings" \
            /usr/bin/python3 -S ../alone.py'
        grep -q 'new thread.*unavailable' bare.out
    }
    export PROFINJECT_QUIET=on
    in_heap_modes limits
}

@test "row 16: files of at most 64 KiB: the signal for more is for the target's own" {
    cat >large.py <<'PY'
import signal
signal.signal(signal.SIGXFSZ, lambda *_: print("SIGXFSZ"))
kept = [bytearray(1000 + i) for i in range(20000)]
with open("large", "wb", buffering=0) as file:
    try:
        for i in range(100):
            file.write(bytes(1024))
    except OSError as error:
        print(i, error.strerror)
PY
    export PROFINJECT_QUIET=on
    in_heap_modes as_bare bash -c 'ulimit -f 64; exec /usr/bin/python3 -S ../large.py'
    [ "$(cat "${HEAPS%% *}/bare.out")" = $'SIGXFSZ\n64 File too large' ]
}

@test "row 16: the recording's directory vanishes" {
    cat >vanish.py <<'PY'
import glob, shutil, time
end = time.process_time() + 0.6
kept = []
for path in glob.glob("cpu.*") + glob.glob("perf.*"):
    shutil.rmtree(path)
while time.process_time() < end:
    kept = [bytearray(1000 + i) for i in range(1000)]
print("done")
PY
    vanishes() {
        local clock
        bare /usr/bin/python3 -S ../vanish.py >bare.out 2>bare.err
        for clock in $CLOCKS; do
            clock_works "$clock" || continue
            injected "$clock" "$PWD/$clock.1" /usr/bin/python3 -S ../vanish.py >got.out 2>got.err
            cmp bare.out got.out
            cmp bare.err got.err
        done
    }
    in_heap_modes vanishes
}

@test "row 16: a full disk" {
    [ "$(id -u)" -eq 0 ] || skip "needs root to mount a small file system"
    unshare -m true 2>/dev/null || skip "no mount namespace here"
    full() {
        mkdir small
        injected cpu "$PWD/whole" "$PROGRAMS/heap_sites" 4 2 >bare.out
        PROFINJECT_QUIET=on injected cpu "$PWD/small/recording" unshare -m bash -c '
            mount -t tmpfs -o size=100k none small || exit 3
            "$0" 4 2; : >small/own; ls small' "$PROGRAMS/heap_sites" >got.out 2>got.err
        cat got.out got.err
        [ "$(wc -l <got.out)" -ge "$(wc -l <bare.out)" ]
        [ ! -s got.err ]
    }
    in_heap_modes full
}

# What is queued counts for all of a user's processes; a limit for the one that queues.
@test "row 16: the user's queue of signals is full" {
    cat >queue.py <<'PY'
import os, signal, subprocess, sys
number = signal.SIGRTMIN + 5
signal.pthread_sigmask(signal.SIG_BLOCK, {number})
for _ in range(2000):
    os.kill(os.getpid(), number)
sys.exit(subprocess.run(["bash", "-c", 'ulimit -i 1000; exec "$0" "$@"'] + sys.argv[1:]).returncode)
PY
    export PROFINJECT_QUIET=on
    bare /usr/bin/python3 queue.py "$PROGRAMS/spin" 0.3
    for clock in $CLOCKS; do
        run -0 /usr/bin/python3 queue.py env LD_PRELOAD="$LIBRARY" PROFINJECT_OUTPUT="$PWD/$clock" \
            PROFINJECT_CLOCK="$clock" "$PROGRAMS/spin" 0.3
    done
}

@test "row 16: the user's queue of signals fills while it runs" {
    cat >fill.py <<'PY'
import resource, signal, time
def burn(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass
burn(0.3)
resource.setrlimit(resource.RLIMIT_SIGPENDING, (0, 0))
burn(0.5)
print(signal.getsignal(signal.SIGIO) == signal.SIG_DFL, flush=True)
signal.raise_signal(signal.SIGIO)
PY
    as_bare /usr/bin/python3 -S fill.py
    [ "$(cat bare.out)" = True ]
}
