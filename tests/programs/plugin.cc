/*
 * A C++ plugin that throws, for plugin_host.c: a program in C that gets the C++
 * runtime, and libgcc_s with it, by dlopen only.
 */
#include "throw_loop.h"

extern "C" double plugin_run(double seconds)
{
    return throws_per_second(seconds);
}

extern "C" unsigned long plugin_count(unsigned long count)
{
    return throw_times(count);
}
