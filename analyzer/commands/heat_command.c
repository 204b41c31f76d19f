/*
 * `profinject heat`: a load whose temperature is controlled. Here are its options; the load itself
 * is in analyzer/heat.
 */
#include "analyzer/commands/command.h"
#include "analyzer/commands/help.h"
#include "analyzer/heat/heating.h"
#include "analyzer/heat/matrix.h"
#include "analyzer/heat/sensor.h"
#include "analyzer/heat/worker.h"
#include "analyzer/util/utf8.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct heat_command {
    struct heat_options options;
    double workers, size, period, memory, products, split, contend, duty;
    bool list, help;
};

enum { FIRST_LONG = 256 };

static const struct option_text rows[] = {
    {'\0', "target", "DEGC", "temperature to hold", "75", NULL},
    {'\0', "max", "DEGC", "above it: smallest matrices, fewer and fewer workers", "85", NULL},
    {'\0', "critical", "DEGC", "from it on the load goes off, exit status 3", "95", NULL},
    {'t', "duration", "SECONDS", "how long", "until SIGINT or SIGTERM", NULL},
    {'w', "workers", "N", "processes at most", "2 a processor; with --duty 1", NULL},
    {'\0', "size", "N", "multiply N x N matrices, instead of the ladder 200 500 1000 1500",
     "with --duty 500", NULL},
    {'\0', "duty", "PERCENT",
     "compute for a fixed share of the time, whatever the temperature below critical", NULL, NULL},
    {'\0', "period", "MS", "of which the share is computed, and the rest slept", "100", NULL},
    {'\0', "sensor", "FILE|NAME",
     "'auto', a file, part of a sensor's name, 'nvml:0', or 'none' (with "
     "--duty)",
     "auto: the processor's, the hottest", NULL},
    {'\0', "sensor-root", "DIR", "look for sys/class/hwmon and sys/class/thermal below DIR", "/",
     NULL},
    {'\0', "list-sensors", NULL, "show what sensors there are, and end", NULL, NULL},
    {'\0', "max-jump", "DEGC", "more than that within 0.1 s is the sensor's fault", "20", NULL},
    {'\0', "memory", "BYTES", "for matrices, at most (K, M, G = 1024)", "half of what is available",
     NULL},
    {'\0', "products", "N", "end after N products", NULL, NULL},
    {'\0', "vectors", "NAME", "multiply with avx512, avx2 or sse2", "the widest there is",
     "avx512|avx2|sse2"},
    {'\0', "split", "PERCENT",
     "of CPU time in matrix_product(), the rest in chain_run(): a known answer for profilers",
     "100", NULL},
    {'\0', "contend", "PERCENT", "of CPU time while holding a lock that all workers share", "0",
     NULL},
    {'\0', "interval", "SECONDS", "from line to line", "1", NULL},
    {'o', "log", "FILE", "write the lines to FILE, too", NULL, NULL},
    {'\0', "format", "FORMAT", "of the log: csv or json (an object a line)", "csv", "csv|json"},
    {'q', "quiet", NULL, "show nothing but errors", NULL, NULL},
    {'h', "help", NULL, "this text", NULL, NULL},
    {0},
};

static void print_help(void)
{
    printf("usage: profinject heat [OPTIONS]\n%s\n"
           "Workers multiply matrices, so that processors reach a temperature and keep it.\n"
           "Below target - 10 degC the load grows, to the target it holds, to the maximum it\n"
           "shrinks, above it is reduced to the least, at the critical temperature it ends.\n"
           "GFLOP/s are of the products: 2 N^3 operations each.\n\n",
           command_heat.summary);
    help_options(rows);
    printf("\nExit status: 0 done or asked to end; 1 failed, or products were wrong; 2 usage;\n"
           "3 critical temperature; 4 no sensor to be trusted: nothing was started;\n"
           "5 sensor lost on the way (missing, no number, absurd, jumping, frozen).\n");
}

/* A number from `least` to `most`, with K, M or G behind it where bytes are asked for. */
static int parse_number(const char *name, const char *text, double least, double most,
                        double *value, struct problem *problem)
{
    static const char units[] = "KMG";
    char *end;

    errno = 0;
    double number = strtod(text, &end);
    bool is_memory = strcmp(name, "memory") == 0;
    const char *unit = *end != '\0' ? strchr(units, *end) : NULL;
    if (is_memory && unit != NULL) {
        number = ldexp(number, 10 * (int)(unit - units + 1));
        end++;
    }
    if (end == text || *end != '\0' || errno != 0 || !(number >= least && number <= most))
        return is_memory ? problem_set(problem, PROBLEM_USAGE,
                                       "--memory '%s': allowed: 1M to 900000G", text)
                         : problem_set(problem, PROBLEM_USAGE, "--%s '%s': allowed: %g to %g", name,
                                       text, least, most);
    *value = number;
    return 0;
}

static int parse_text(struct heat_command *heat, const char *name, const char *text,
                      struct problem *problem)
{
    struct heat_options *options = &heat->options;

    if (strcmp(name, "sensor") == 0) {
        options->sensor = text;
    } else if (strcmp(name, "sensor-root") == 0) {
        options->root = strcmp(text, "/") == 0 ? "" : text;
    } else if (strcmp(name, "log") == 0) {
        options->log = text;
    } else if (strcmp(name, "format") == 0) {
        if (strcmp(text, "csv") != 0 && strcmp(text, "json") != 0)
            return problem_set(problem, PROBLEM_USAGE, "--format '%s': allowed: csv, json", text);
        options->json = strcmp(text, "json") == 0;
    } else if (strcmp(name, "vectors") == 0) {
        if (!matrix_choose(text))
            return problem_set(problem, PROBLEM_USAGE, "--vectors '%s': not on this processor",
                               text);
    } else if (strcmp(name, "quiet") == 0) {
        options->quiet = true;
    } else if (strcmp(name, "list-sensors") == 0) {
        heat->list = true;
    } else {
        heat->help = true;
    }
    return 0;
}

static int parse_option(struct heat_command *heat, const char *name, const char *text,
                        struct problem *problem)
{
    struct heat_options *options = &heat->options;
    const struct {
        const char *name;
        double least, most, *value;
    } numbers[] = {
        {"target", 20, 120, &options->target},
        {"max", 20, 125, &options->max},
        {"critical", 20, 125, &options->critical},
        {"max-jump", 1, 100, &options->max_jump},
        {"duration", 0.1, 1e9, &options->duration},
        {"interval", 0.1, 3600, &options->interval},
        {"duty", 0, 100, &heat->duty},
        {"workers", 1, WORKERS_MOST, &heat->workers},
        {"size", MATRIX_SMALLEST, MATRIX_LARGEST, &heat->size},
        {"period", 10, 10000, &heat->period},
        {"memory", 1 << 20, 900000.0 * (1 << 30), &heat->memory},
        {"products", 1, 1e15, &heat->products},
        {"split", 0, 100, &heat->split},
        {"contend", 0, 100, &heat->contend},
    };

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (strcmp(numbers[i].name, name) == 0)
            return parse_number(name, text, numbers[i].least, numbers[i].most, numbers[i].value,
                                problem);
    return parse_text(heat, name, text, problem);
}

/* What the rows say, in the words of getopt_long(). */
static void make_options(struct option *options, char *letters)
{
    size_t i;

    *letters++ = ':';
    for (i = 0; rows[i].name != NULL; i++) {
        int argument = rows[i].metavar != NULL ? required_argument : no_argument;
        options[i] = (struct option){rows[i].name, argument, NULL, FIRST_LONG + (int)i};
        if (rows[i].letter == '\0')
            continue;
        *letters++ = rows[i].letter;
        if (argument == required_argument)
            *letters++ = ':';
    }
    options[i] = (struct option){0};
    *letters = '\0';
}

static const struct option_text *row_of(int value)
{
    if (value >= FIRST_LONG)
        return &rows[value - FIRST_LONG];
    for (const struct option_text *row = rows; row->name != NULL; row++)
        if (row->letter == value)
            return row;
    return NULL;
}

static int check(struct heat_command *heat, struct problem *problem)
{
    struct heat_options *options = &heat->options;

    if (!(options->target < options->max && options->max < options->critical))
        return problem_set(
            problem, PROBLEM_USAGE,
            "--target %g, --max %g, --critical %g: each has to be above the one before",
            options->target, options->max, options->critical);
    if (strcmp(options->sensor, "none") == 0 && isnan(heat->duty))
        return problem_set(
            problem, PROBLEM_USAGE,
            "--sensor none: only with --duty PERCENT, as nothing would limit the load");
    options->duty = heat->duty / 100;
    options->workers = (unsigned)heat->workers;
    options->size = (unsigned)heat->size;
    options->period_ms = (unsigned)heat->period;
    options->memory = (uint64_t)heat->memory;
    options->products = (int64_t)heat->products;
    options->split = (unsigned)heat->split;
    options->contend = (unsigned)heat->contend;
    return 0;
}

static int parse(struct heat_command *heat, int argc, char **argv, struct problem *problem)
{
    struct option options[sizeof(rows) / sizeof(rows[0])];
    char letters[2 * sizeof(rows) / sizeof(rows[0]) + 2];
    int value, status = 0;

    make_options(options, letters);
    optind = 0;
    opterr = 0;
    while (status == 0 && !heat->help &&
           (value = getopt_long(argc, argv, letters, options, NULL)) != -1) {
        const struct option_text *row = value == '?' || value == ':' ? NULL : row_of(value);
        if (row == NULL) {
            command_bad_option(command_heat.name, value, argv, problem);
            return problem->code;
        }
        status = parse_option(heat, row->name, optarg, problem);
    }
    if (status != 0 || heat->help)
        return status;
    if (optind < argc)
        return problem_set(problem, PROBLEM_USAGE,
                           "'%s': there is nothing to name here: see "
                           "'profinject heat --help'",
                           argv[optind]);
    return check(heat, problem);
}

static int list_sensors(const char *root)
{
    struct sensors *sensors = malloc(sizeof(*sensors));

    if (sensors == NULL)
        return 1;
    sensors_find(sensors, root);
    if (root[0] == '\0')
        sensors_add_graphics(sensors);
    for (size_t i = 0; i < sensors->count; i++) {
        struct sensor_reading reading = sensor_read(&sensors->list[i]);
        char *name = utf8_clean(sensors->list[i].name), *path = utf8_clean(sensors->list[i].path);
        if (reading.fault == SENSOR_SOUND)
            printf("%6.1f degC  ", reading.celsius);
        else
            printf("%-13s", sensor_fault_text(reading.fault));
        printf("%-28s  %s\n", name, path);
        free(name);
        free(path);
    }
    if (sensors->count == 0)
        printf("no sensors below '%s/sys'\n", root);
    free(sensors);
    return 0;
}

static int run(int argc, char **argv)
{
    struct heat_command heat = {
        .options = {.target = 75,
                    .max = 85,
                    .critical = 95,
                    .max_jump = 20,
                    .interval = 1,
                    .sensor = "auto",
                    .root = ""},
        .period = 100,
        .split = 100,
        .duty = NAN,
    };
    struct problem problem = {0};

    if (parse(&heat, argc, argv, &problem) != 0)
        return command_failed(command_heat.name, &problem);
    if (heat.help) {
        print_help();
        return 0;
    }
    if (heat.list)
        return list_sensors(heat.options.root);
    int status = heating_run(&heat.options, &problem);
    if (status != HEAT_DONE)
        command_tell(command_heat.name, problem.text);
    return status;
}

const struct command command_heat = {
    .options = rows,
    .operand = OPERAND_NOTHING,
    .name = "heat",
    .summary = "Load the processors up to a temperature and hold it.",
    .run = run,
};
