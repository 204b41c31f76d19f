/*
 * Temperatures of NVIDIA graphics cards, by the driver's own library, opened when first asked for.
 * One thread at a time; the library stays open until the process ends.
 */
#ifndef PROFINJECT_HEAT_NVML_H
#define PROFINJECT_HEAT_NVML_H

#include "analyzer/heat/sensor.h"

/* "NVIDIA H200"; false: there is no such card, or no library. */
bool nvml_name(unsigned card, char *name, size_t size);

/* SENSOR_MISSING when the card does not answer. */
struct sensor_reading nvml_read(unsigned card);

#endif
