/* Made code in `info`. Its own file as one of its subjects. */
#include "analyzer/reports/info_code.h"

#include "analyzer/util/sum.h"
#include "analyzer/util/units.h"

void info_code_text(FILE *out, const struct profile *profile)
{
    struct named_code all = {0};

    for (size_t i = 0; i < profile->process_count; i++) {
        const struct named_code *code = &profile->processes[i].named_code;
        all.map = sum_unsigned(all.map, code->map);
        all.dump = sum_unsigned(all.dump, code->dump);
        all.unreadable = sum_unsigned(all.unreadable, code->unreadable);
        all.reason = code->reason != NULL ? code->reason : all.reason;
    }
    if (all.map == 0 && all.dump == 0 && all.unreadable == 0 && all.reason == NULL)
        return;
    fprintf(out, "  %-20s %s from a perf map", "names of made code",
            units_exact((int64_t)all.map).text);
    fprintf(out, ", %s from a jitdump", units_exact((int64_t)all.dump).text);
    if (all.unreadable > 0)
        fprintf(out, ", %s unreadable", units_exact((int64_t)all.unreadable).text);
    fprintf(out, "%s%s\n", all.reason != NULL ? "; " : "", all.reason != NULL ? all.reason : "");
}

void info_code_json(struct json *json, const struct profile_process *process)
{
    const struct named_code *code = &process->named_code;

    json_object_begin(json, "made_code");
    json_uint(json, "perf_map_names", code->map);
    json_uint(json, "jitdump_names", code->dump);
    json_uint(json, "unreadable", code->unreadable);
    json_string(json, "reason", code->reason);
    json_object_end(json);
}
