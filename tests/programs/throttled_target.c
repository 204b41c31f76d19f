/*
 * Runs while processors are slowed down in a known rhythm: throttled_target ROOT SECONDS ROUNDS.
 * Writes the frequencies itself that a simulated machine below ROOT shows
 * (sys/devices/system/cpu/cpuN/cpufreq/scaling_cur_freq). In each round, for so much CPU time each:
 *   fast_phase   at 3000 MHz
 *   slow_phase   at 1200 MHz
 *   mixed_phase  at 1200 MHz, from the half of it on at 3000 MHz
 */
#include "burn.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PROCESSORS_MOST 256

static int files[PROCESSORS_MOST];
static int count;

static void open_files(const char *root)
{
    char path[4096];

    for (; count < PROCESSORS_MOST; count++) {
        snprintf(path, sizeof(path), "%s/sys/devices/system/cpu/cpu%d/cpufreq/scaling_cur_freq",
                 root, count);
        files[count] = open(path, O_WRONLY);
        if (files[count] < 0)
            return;
    }
}

/* In place and of one length: whoever reads meanwhile has one or the other. */
static void set(const char *khz)
{
    for (int i = 0; i < count; i++)
        if (pwrite(files[i], khz, 8, 0) != 8)
            abort();
}

BURN_FUNCTION(fast_phase)
BURN_FUNCTION(slow_phase)
BURN_FUNCTION(mixed_phase)

int main(int argc, char **argv)
{
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 1;
    int rounds = argc > 3 ? atoi(argv[3]) : 1;

    if (argc > 1)
        open_files(argv[1]);
    if (count == 0)
        return 2;
    while (rounds-- > 0) {
        set("3000000\n");
        fast_phase(seconds);
        set("1200000\n");
        slow_phase(seconds);
        mixed_phase(seconds / 2);
        set("3000000\n");
        mixed_phase(seconds / 2);
    }
    return 0;
}
