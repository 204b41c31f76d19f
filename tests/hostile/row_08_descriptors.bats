#!/usr/bin/env bats
# Row 8: the target closes every descriptor and takes their numbers again.
# Alone: how much of its time is sampled is asked for.

load hostile

@test "row 8: no file of the target holds bytes of ours, and the trace is whole" {
    cat >close.py <<'PY'
import os, time
files = []
end = time.thread_time() + 1.5
while time.thread_time() < end:
    os.closerange(3, 1024)
    files = [os.open("own", os.O_RDWR | os.O_CREAT) for _ in range(200)]
print(os.path.getsize("own"), files[0])
PY
    as_bare /usr/bin/python3 close.py
    [ ! -s own ]
    # Its own time: the process's clock has that of our thread as well.
    # On a busy machine a stack stands for many periods: what counts is the time.
    "$PROFINJECT" info --json cpu.1 >info.json
    jq -e '.samples > 20 and .sampled_ns >= 0.9 * .measured_ns and .measured_ns >= 1.5e9 and
        .lost == 0 and .chunks_damaged == 0' info.json || { cat info.json; return 1; }
}
