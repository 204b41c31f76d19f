"""Run by gdb: compares its own stack with that of differ.so at every checkpoint.

    gdb -batch -nx -x gdb_compare.py --args PROGRAM...

DIFFER_WRAP holds the variables PROGRAM gets (it preloads differ.so), DIFFER_STOPS how many
checkpoints are looked at. Adds one line to the file DIFFER_REPORT:
`checkpoints N frames N differ N`, and before it each difference.
"""

import os

import gdb

CAPTURE = "differ_checkpoint"
SIGNALS = "SIGPROF SIG43"


def pcs_of_gdb():
    """What gdb sees above the handler: (pcs, whether it reached an end it knows)."""
    frame = gdb.newest_frame()
    while frame is not None and frame.type() != gdb.SIGTRAMP_FRAME:
        frame = frame.older()
    frame = frame.older() if frame is not None else None
    pcs = []
    while frame is not None:
        if frame.type() != gdb.INLINE_FRAME:
            pcs.append(frame.pc())
            reason = frame.unwind_stop_reason()
        frame = frame.older()
    return pcs, gdb.frame_stop_reason_string(reason) if pcs else "nothing"


def pcs_of_ours():
    depth = int(gdb.parse_and_eval("differ_depth"))
    return [int(gdb.parse_and_eval(f"differ_pcs[{i}]")) for i in range(depth)]


def main():
    for command in ("set pagination off", "set confirm off", "set breakpoint pending on",
                    "set backtrace past-main on", "set backtrace past-entry on",
                    "set backtrace limit 3000", "set exec-wrapper env " + os.environ["DIFFER_WRAP"],
                    f"break {CAPTURE}"):
        gdb.execute(command, to_string=True)
    for name in SIGNALS.split():
        gdb.execute(f"handle {name} nostop noprint pass", to_string=True)
    wanted = int(os.environ.get("DIFFER_STOPS", "50"))
    checked = frames = differ = 0
    report = open(os.environ["DIFFER_REPORT"], "a", encoding="utf-8")
    gdb.execute("run", to_string=True)
    while checked < wanted and gdb.selected_thread() is not None:
        theirs, why = pcs_of_gdb()
        ours = pcs_of_ours()
        checked += 1
        frames += len(ours)
        if theirs != ours:
            differ += 1
            at = next((i for i, (a, b) in enumerate(zip(theirs, ours)) if a != b),
                      min(len(theirs), len(ours)))
            print(f"frame {at} of {len(ours)}: gdb {[hex(p) for p in theirs[at - 1:at + 3]]} ({why}), "
                  f"ours {[hex(p) for p in ours[at - 1:at + 3]]}", file=report)
            for pc in {*theirs[at - 1:at + 2], *ours[at - 1:at + 2]}:
                print("  ", gdb.execute(f"info symbol {pc}", to_string=True).strip(), hex(pc), file=report)
        gdb.execute("continue", to_string=True)
    print(f"checkpoints {checked} frames {frames} differ {differ}", file=report)
    report.close()
    if gdb.selected_thread() is not None:
        gdb.execute("kill", to_string=True)


main()
