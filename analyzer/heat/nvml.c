/*
 * The three functions of libnvidia-ml that a sensor needs. Its own file because only here a
 * library is opened at run time.
 */
#include "analyzer/heat/nvml.h"

#include <dlfcn.h>
#include <math.h>
#include <stdio.h>

/* As in nvml.h of the driver: results are 0 or an error, 0 is the sensor of the chip. */
struct library {
    int (*init)(void);
    int (*card)(unsigned, void **);
    int (*name)(void *, char *, unsigned);
    int (*temperature)(void *, int, unsigned *);
};

static const struct library *library(void)
{
    static struct library found;
    static bool looked, works;

    if (looked)
        return works ? &found : NULL;
    looked = true;
    void *handle = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL)
        return NULL;
    *(void **)&found.init = dlsym(handle, "nvmlInit_v2");
    *(void **)&found.card = dlsym(handle, "nvmlDeviceGetHandleByIndex_v2");
    *(void **)&found.name = dlsym(handle, "nvmlDeviceGetName");
    *(void **)&found.temperature = dlsym(handle, "nvmlDeviceGetTemperature");
    works = found.init != NULL && found.card != NULL && found.name != NULL &&
            found.temperature != NULL && found.init() == 0;
    return works ? &found : NULL;
}

bool nvml_name(unsigned card, char *name, size_t size)
{
    const struct library *nvml = library();
    void *handle;

    name[0] = '\0';
    if (nvml == NULL || nvml->card(card, &handle) != 0)
        return false;
    if (nvml->name(handle, name, (unsigned)size) != 0)
        snprintf(name, size, "NVIDIA card %u", card);
    name[size - 1] = '\0';
    return true;
}

struct sensor_reading nvml_read(unsigned card)
{
    const struct library *nvml = library();
    struct sensor_reading reading = {.fault = SENSOR_MISSING, .celsius = NAN};
    unsigned celsius;
    void *handle;

    if (nvml == NULL || nvml->card(card, &handle) != 0 ||
        nvml->temperature(handle, 0, &celsius) != 0)
        return reading;
    reading.celsius = celsius;
    reading.fault = celsius >= 1 && celsius <= 126 ? SENSOR_SOUND : SENSOR_ABSURD;
    return reading;
}
