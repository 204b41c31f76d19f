/*
 * In place of libnvidia-ml.so.1: one graphics card whose temperature stands in the file that
 * NVML_DEGREES names; without that file the card does not answer.
 */
#include <stdio.h>
#include <stdlib.h>

int nvmlInit_v2(void)
{
    return 0;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned card, void **handle)
{
    *handle = handle;
    return card == 0 ? 0 : 2;
}

int nvmlDeviceGetName(void *handle, char *name, unsigned size)
{
    (void)handle;
    snprintf(name, size, "A card for tests");
    return 0;
}

int nvmlDeviceGetTemperature(void *handle, int sensor, unsigned *degrees)
{
    FILE *file = fopen(getenv("NVML_DEGREES"), "r");

    (void)handle;
    if (file == NULL)
        return 15;
    int fields = fscanf(file, "%u", degrees);
    fclose(file);
    return sensor == 0 && fields == 1 ? 0 : 999;
}
