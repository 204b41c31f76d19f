#!/usr/bin/env bats
# `make install`, and what is installed at work.

load helpers

install_here() {
    env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL \
        make -s -C "$ROOT" BUILD="$BUILD" DESTDIR="$PWD/root" PREFIX=/usr install
}

@test "make install puts the command, the library, the header, schemas and completion in place" {
    install_here
    run -0 bash -c 'cd root && find . -type f -printf "%m %P\n" | sort'
    [ "$output" = "644 usr/include/profinject.h
644 usr/lib/profinject/libprofinject.so
644 usr/share/bash-completion/completions/profinject
644 usr/share/fish/vendor_completions.d/profinject.fish
644 usr/share/profinject/profinject-1.schema.json
644 usr/share/profinject/profinject-correlate-1.schema.json
644 usr/share/profinject/profinject-diff-1.schema.json
644 usr/share/profinject/profinject-report-1.schema.json
644 usr/share/zsh/site-functions/_profinject
755 usr/bin/profinject" ]
    root/usr/bin/profinject completion zsh | cmp - root/usr/share/zsh/site-functions/_profinject
}

@test "the installed command finds the installed library" {
    install_here
    run -0 root/usr/bin/profinject record -q -o recording -- "$PROGRAMS/spin" 0.2
    run -0 bash -c 'root/usr/bin/profinject folded --metric samples recording | grep -c spin_here'
}

@test "profinject.h compiles alone, in C and C++, and controls a preloaded program" {
    install_here
    cat >control.c <<'C'
#include <profinject.h>
#include <stdio.h>
int main(void)
{
    printf("%d\n", profinject_state());
    return 0;
}
C
    cp control.c control.cc
    gcc -std=c99 -pedantic -Wall -Wextra -Werror -Iroot/usr/include -o control control.c \
        "$PWD/root/usr/lib/profinject/libprofinject.so"
    g++ -std=c++11 -pedantic -Wall -Wextra -Werror -Iroot/usr/include -c -o control.o control.cc
    run -0 record recording ./control
    [ "$output" = 1 ]
}
