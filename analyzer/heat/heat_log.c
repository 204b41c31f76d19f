/*
 * Lines for programs. Its own file beside the line for people, which leaves things out.
 */
#include "analyzer/heat/heat_log.h"
#include "analyzer/util/json.h"

#include <math.h>
#include <string.h>

int heat_log_init(struct heat_log *log, const char *path, bool json, struct problem *problem)
{
    log->json = json;
    log->file = NULL;
    if (path == NULL)
        return 0;
    log->file = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
    if (log->file == NULL)
        return problem_errno(problem, "cannot write '%s'", path);
    if (!json)
        fputs("seconds,temperature_c,target_c,action,size,workers,duty_percent,cpu_percent,"
              "memory_percent,gflops,products,operations,wrong_products\n",
              log->file);
    return 0;
}

/* JSON has null for what is not known, CSV the word. */
static void write_number(FILE *out, double value)
{
    if (isnan(value))
        fputs("unavailable", out);
    else
        fprintf(out, "%.3f", value);
    fputc(',', out);
}

static void write_csv(FILE *out, const struct heat_state *state)
{
    write_number(out, state->seconds);
    write_number(out, state->celsius);
    write_number(out, state->target);
    fprintf(out, "%s,%u,%u,", state->action, state->size, state->workers);
    write_number(out, 100 * state->duty);
    write_number(out, state->cpu_percent);
    write_number(out, state->memory_percent);
    write_number(out, state->gflops);
    fprintf(out, "%llu,%llu,%u\n", (unsigned long long)state->products,
            (unsigned long long)state->operations, state->wrong);
}

static double rounded(double value)
{
    return round(value * 1000) / 1000;
}

static void write_json(FILE *out, const struct heat_state *state)
{
    struct json json;

    json_init(&json, out, 0);
    json_object_begin(&json, NULL);
    json_double(&json, "seconds", rounded(state->seconds));
    json_double(&json, "temperature_c", rounded(state->celsius));
    json_double(&json, "target_c", rounded(state->target));
    json_string(&json, "action", state->action);
    json_uint(&json, "size", state->size);
    json_uint(&json, "workers", state->workers);
    json_double(&json, "duty_percent", rounded(100 * state->duty));
    json_double(&json, "cpu_percent", rounded(state->cpu_percent));
    json_double(&json, "memory_percent", rounded(state->memory_percent));
    json_double(&json, "gflops", rounded(state->gflops));
    json_uint(&json, "products", state->products);
    json_uint(&json, "operations", state->operations);
    json_uint(&json, "wrong_products", state->wrong);
    json_object_end(&json);
    json_finish(&json);
}

int heat_log_write(struct heat_log *log, const struct heat_state *state, struct problem *problem)
{
    if (log->file == NULL)
        return 0;
    if (log->json)
        write_json(log->file, state);
    else
        write_csv(log->file, state);
    if (fflush(log->file) != 0)
        return problem_errno(problem, "cannot write the log");
    return 0;
}

int heat_log_close(struct heat_log *log, struct problem *problem)
{
    int status = 0;

    if (log->file != NULL && log->file != stdout && fclose(log->file) != 0)
        status = problem_errno(problem, "cannot write the log");
    log->file = NULL;
    return status;
}
