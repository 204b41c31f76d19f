/*
 * html_resources.h as JSON. Its own file beside html_resources.c: form here, contents there.
 */
#include "analyzer/reports/html_resources.h"

#include <math.h>

/* No finer than a thousandth of what the series goes through, or than four digits of the value:
 * what follows is noise on a screen, and half of the page. */
static double rounded(double value, double range)
{
    if (!isfinite(value) || value == 0)
        return value;
    double digit = floor(log10(fabs(value))) - 3;
    if (range > 0)
        digit = fmin(digit, floor(log10(range / 1000)));
    if (digit < -12)
        return value;
    /* Of a power of ten below 1 there is no exact value, of its reciprocal there is. */
    double unit = pow(10, fabs(digit));
    return digit < 0 ? round(value * unit) / unit : round(value / unit) * unit;
}

static void write_values(struct json *json, const char *key, const double *values, size_t count,
                         double range)
{
    if (values == NULL) {
        json_null(json, key);
        return;
    }
    json_array_begin(json, key);
    for (size_t i = 0; i < count; i++)
        json_double(json, NULL, rounded(values[i], range));
    json_array_end(json);
}

static void write_one(struct json *json, const struct html_resource *row)
{
    double range = row->high - row->low;

    json_object_begin(json, NULL);
    json_string(json, "name", row->name);
    json_string(json, "subject", row->subject);
    json_string(json, "whose", row->whose);
    json_string(json, "unit", row->unit);
    json_string(json, "group", row->group);
    json_string(json, "about", row->about);
    json_string(json, "reason", row->reason);
    json_string(json, "scope", row->scope);
    json_int(json, "process", row->process);
    json_int(json, "thread", row->thread);
    json_uint(json, "of", row->of);
    json_uint(json, "every", row->every);
    json_double(json, "mean", row->mean);
    json_double(json, "low", row->low);
    json_double(json, "high", row->high);
    write_values(json, "value", row->value, row->count, range);
    write_values(json, "least", row->least, row->count, range);
    write_values(json, "most", row->most, row->count, range);
    json_object_end(json);
}

void html_resources_write(struct json *json, const struct html_resources *resources)
{
    if (resources->count == 0) {
        json_null(json, "resources");
        return;
    }
    json_object_begin(json, "resources");
    json_double(json, "start_s", resources->start_s);
    json_double(json, "cell_s", resources->cell_s);
    json_uint(json, "cells", resources->cells);
    json_uint(json, "left_out", resources->left_out);
    json_array_begin(json, "series");
    for (size_t i = 0; i < resources->count; i++)
        write_one(json, &resources->series[i]);
    json_array_end(json);
    json_object_end(json);
}
