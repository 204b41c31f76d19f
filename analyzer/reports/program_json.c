/*
 * Regions and counters as JSON. Its own file because two outputs have them.
 */
#include "analyzer/reports/program_json.h"

#include "analyzer/model/program.h"

void program_json(struct json *json, const struct profile *profile)
{
    json_array_begin(json, "regions");
    for (size_t i = 1; i < profile->region_count; i++) {
        const struct profile_region *region = &profile->regions[i];
        json_object_begin(json, NULL);
        json_string(json, "path", region->path);
        json_uint(json, "count", region->count);
        json_uint(json, "wall_ns", region->total_ns);
        json_uint(json, "longest_ns", region->longest_ns);
        json_int(json, "cpu_ns", profile_region_cpu(profile, (uint32_t)i));
        json_object_end(json);
    }
    json_array_end(json);
    static const char *const kinds[] = {[COUNTER_PROGRAM] = "program",
                                        [COUNTER_HARDWARE] = "hardware",
                                        [COUNTER_PER_THREAD] = "hardware per thread"};
    json_array_begin(json, "counters");
    for (size_t i = 0; i < profile->counter_count; i++) {
        json_object_begin(json, NULL);
        json_string(json, "name", profile->counters[i].name);
        json_string(json, "kind", kinds[profile->counters[i].kind]);
        json_int(json, "total", profile->counters[i].total);
        json_object_end(json);
    }
    json_array_end(json);
}
