/*
 * What is used of NVML, NVIDIA's management library, by its public documentation ("NVML API
 * Reference Guide"): it is opened at run time, where it is, and nothing of it is needed to build.
 * Declarations only.
 */
#ifndef PROFINJECT_RECORD_NVML_API_H
#define PROFINJECT_RECORD_NVML_API_H

#define NVML_LIBRARY "libnvidia-ml.so.1"

enum nvml_return {
    NVML_RETURN_SUCCESS = 0,
    NVML_RETURN_NOT_SUPPORTED = 3,
    NVML_RETURN_NO_PERMISSION = 4,
    NVML_RETURN_DRIVER_NOT_LOADED = 9,
    NVML_RETURN_TIMEOUT = 10,
    NVML_RETURN_GPU_IS_LOST = 15,
    NVML_RETURN_VERSION_MISMATCH = 18,
};

typedef void *nvml_device;

struct nvml_utilization {
    unsigned gpu, memory; /* per cent of the time, over the driver's own last period */
};

struct nvml_memory {
    unsigned long long total, free, used; /* bytes */
};

#define NVML_TEMPERATURE_OF_GPU 0
#define NVML_CLOCK_OF_SM 1

struct nvml_api {
    int (*init)(void);
    int (*count)(unsigned *count);
    int (*handle)(unsigned index, nvml_device *device);
    int (*name)(nvml_device device, char *name, unsigned size);
    int (*utilization)(nvml_device device, struct nvml_utilization *utilization);
    int (*memory)(nvml_device device, struct nvml_memory *memory);
    int (*temperature)(nvml_device device, int sensor, unsigned *degrees);
    int (*power)(nvml_device device, unsigned *milliwatts);
    int (*clock)(nvml_device device, int clock, unsigned *megahertz);
};

#endif
