#!/usr/bin/env python3
"""Types lines into an interactive zsh, each with a Tab behind it, and prints the line and what it
is completed to: type_in_zsh.py SCRIPT LINE... Its own file because zsh completes on a terminal alone.

What is completed is taken where it is made, from `compadd`: a terminal shows it only as long as
nothing more is typed."""

import os
import pty
import select
import subprocess
import sys
import tempfile
import time

LONGEST_S = 15
CATCH = """
compadd() {
    local -a caught
    if [[ -z ${(M)@:#-[OAD]*} ]]; then
        builtin compadd -O caught "$@"
        print -rl -- $caught >>$CAUGHT
    fi
    builtin compadd "$@"
}
unsetopt prompt_sp list_beep
PS1=now-type:
autoload -U compinit
compinit -u -D
"""


def read_until(terminal, mark):
    text = b""
    end = time.monotonic() + LONGEST_S
    while mark not in text:
        if not select.select([terminal], [], [], max(0, end - time.monotonic()))[0]:
            raise TimeoutError(f"no {mark} from zsh: {text[-500:]!r}")
        text += os.read(terminal, 65536)


def type_lines(terminal, setup, lines):
    # What comes before the prompt the terminal takes for itself, ^U above all.
    os.write(terminal, b"source " + os.fsencode(setup) + b"\n")
    read_until(terminal, b"now-type:\x1b[?2004h")
    for line in lines:
        os.write(terminal, line.encode() + b"\t\x15print -r -- '==' >>$CAUGHT\n")
        read_until(terminal, b"\rnow-type:\x1b[?2004h")


def main():
    script, lines = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory() as scratch:
        setup, caught = scratch + "/setup", scratch + "/caught"
        with open(setup, "w", encoding="utf-8") as out:
            out.write(CATCH + "source " + script + "\n")
        terminal, inside = pty.openpty()
        environment = dict(os.environ, TERM="dumb", CAUGHT=caught)
        shell = subprocess.Popen(["zsh", "-f", "-i"], stdin=inside, stdout=inside, stderr=inside,
                                 env=environment, start_new_session=True)
        os.close(inside)
        try:
            type_lines(terminal, setup, lines)
        finally:
            shell.kill()  # interactive, it ignores SIGTERM
            shell.wait()
        with open(caught, encoding="utf-8") as found:
            for line, words in zip(lines, found.read().split("==\n")):
                for word in words.split("\n"):
                    print(f"{line}|{word}")


main()
