#!/usr/bin/env bats
# Exceptions are found by the tables and the lock-free lookup the handler reads as well; a
# library that brought another unwinder into the scope would take them over.

load hostile

@test "row 1: a C++ program throws and catches in a loop" {
    as_bare "$PROGRAMS/throw" count 300000
    [ "$(cat bare.out)" = 300000 ]
}

@test "row 1: a C program throws in a C++ plugin it loaded" {
    as_bare "$PROGRAMS/plugin_host" "$PROGRAMS/plugin.so" count 300000
    [ "$(cat bare.out)" = 300000 ]
}

@test "row 1: an exception nobody catches ends the program as it would" {
    cat >uncaught.cc <<'CC'
#include <ctime>
#include <stdexcept>
int main()
{
    while (clock() < 2 * CLOCKS_PER_SEC)
        continue;
    throw std::runtime_error("nobody");
}
CC
    g++ -o uncaught uncaught.cc
    as_bare ./uncaught
    grep -q nobody bare.err
    limited "of a process ended by a signal the last second or so may be missing"
}
