/*
 * Stands for NVIDIA's libnvidia-ml.so.1: two cards with known values, the second of which does
 * not tell most of them. NVML_DOUBLE in the environment says what goes wrong:
 * hang (in nvmlInit_v2), late (it hangs at the third reading), crash, refuse, lacks permission.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUCCESS 0
#define NOT_SUPPORTED 3
#define NO_PERMISSION 4
#define DRIVER_NOT_LOADED 9

static int goes_wrong(const char *how)
{
    const char *wanted = getenv("NVML_DOUBLE");
    return wanted && strcmp(wanted, how) == 0;
}

static void hang(void)
{
    for (;;)
        pause();
}

int nvmlInit_v2(void)
{
    if (goes_wrong("hang"))
        hang();
    if (goes_wrong("crash"))
        abort();
    return goes_wrong("refuse") ? DRIVER_NOT_LOADED : SUCCESS;
}

int nvmlDeviceGetCount_v2(unsigned *count)
{
    static int rounds;
    if (goes_wrong("late") && ++rounds == 3)
        hang();
    *count = 3;
    return SUCCESS;
}

/* The third is not ours, as in containers that have some of a machine's cards. */
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device)
{
    static int cards[2];
    if (index >= 2)
        return NO_PERMISSION;
    *device = &cards[index];
    cards[index] = (int)index;
    return SUCCESS;
}

static int is_second(void *device)
{
    return *(int *)device == 1;
}

int nvmlDeviceGetName(void *device, char *name, unsigned size)
{
    strncpy(name, is_second(device) ? "Second <Card>" : "Double 9000", size);
    return SUCCESS;
}

int nvmlDeviceGetUtilizationRates(void *device, unsigned utilization[2])
{
    utilization[0] = 42;
    utilization[1] = 7;
    return is_second(device) ? NOT_SUPPORTED : SUCCESS;
}

int nvmlDeviceGetMemoryInfo(void *device, unsigned long long memory[3])
{
    memory[0] = 16ull << 30;
    memory[1] = 12ull << 30;
    memory[2] = is_second(device) ? 1ull << 30 : 4ull << 30;
    return SUCCESS;
}

int nvmlDeviceGetTemperature(void *device, int sensor, unsigned *degrees)
{
    *degrees = 66;
    return is_second(device) || sensor != 0 ? NOT_SUPPORTED : SUCCESS;
}

int nvmlDeviceGetPowerUsage(void *device, unsigned *milliwatts)
{
    *milliwatts = 123456;
    return is_second(device) ? NOT_SUPPORTED : SUCCESS;
}

int nvmlDeviceGetClockInfo(void *device, int clock, unsigned *megahertz)
{
    *megahertz = clock == 1 ? 1755 : 0;
    return is_second(device) ? NOT_SUPPORTED : SUCCESS;
}
