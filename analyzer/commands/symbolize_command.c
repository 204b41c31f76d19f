/*
 * `profinject symbolize FILE [ADDRESS...]`: what the symbolizer says, without a recording.
 * For crash logs, for comparisons with other tools, and to see why a name is missing.
 */
#include "analyzer/commands/command.h"
#include "analyzer/commands/help.h"
#include "analyzer/commands/output.h"
#include "analyzer/symbols/symbolizer.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/progress.h"
#include "analyzer/util/utf8.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct symbolizing {
    struct symbolizer_options options;
    const char *path, *output;
    bool help;
    uint64_t *addresses; /* in the order they were given */
    size_t count, capacity;
};

static const struct option options[] = {
    {"debug-dir", required_argument, NULL, 'D'},
    {"debuginfod", no_argument, NULL, 'S'},
    {"no-inlines", no_argument, NULL, 'I'},
    {"no-cache", no_argument, NULL, 'C'},
    {"output", required_argument, NULL, 'o'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static const struct option_text rows[] = {
    {'\0', "debug-dir", "DIRS",
     "look for separate debug information here first; ':' between directories",
     "then /usr/lib/debug", NULL},
    {'\0', "debuginfod", NULL, "ask the servers of DEBUGINFOD_URLS for what is not on this machine",
     NULL, NULL},
    {'\0', "no-inlines", NULL, "leave inlined functions out", NULL, NULL},
    {'\0', "no-cache", NULL, "neither use nor keep answers in ~/.cache/profinject", NULL, NULL},
    {'o', "output", "FILE", "write to FILE ('-': standard output)", NULL, NULL},
    {'h', "help", NULL, "this text", NULL, NULL},
    {0},
};

static void print_help(void)
{
    printf("usage: profinject symbolize [OPTIONS] FILE [ADDRESS...]\n%s\n"
           "Addresses are hexadecimal, as in the file's headers; without any they are read from\n"
           "standard input, one a line. For each, in the order given: function, then FILE:LINE,\n"
           "of every inlined function and of what they are inlined into, then an empty line.\n\n",
           command_symbolize.summary);
    help_options(rows);
}

static int add_address(struct symbolizing *work, const char *text, struct problem *problem)
{
    char *end;

    errno = 0;
    uint64_t address = strtoull(text, &end, 16);
    if (end == text || *end != '\0' || errno != 0 || text[0] == '-')
        return problem_set(problem, PROBLEM_USAGE, "'%s': not an address in hexadecimal", text);
    work->addresses =
        memory_grow(work->addresses, work->count, &work->capacity, sizeof(*work->addresses));
    work->addresses[work->count++] = address;
    return 0;
}

static int read_addresses(struct symbolizing *work, struct problem *problem)
{
    char *line = NULL;
    size_t capacity = 0;
    int status = 0;

    while (status == 0 && getline(&line, &capacity, stdin) > 0) {
        char *text = line + strspn(line, " \t\r");
        text[strcspn(text, " \t\r\n")] = '\0';
        if (*text != '\0')
            status = add_address(work, text, problem);
    }
    if (status == 0 && ferror(stdin))
        status = problem_errno(problem, "cannot read standard input");
    free(line);
    return status;
}

static int parse(struct symbolizing *work, int argc, char **argv, struct problem *problem)
{
    int value, status = 0;

    optind = 0;
    opterr = 0;
    while ((value = getopt_long(argc, argv, ":o:h", options, NULL)) != -1) {
        switch (value) {
        case 'D':
            work->options.debug_dirs = optarg;
            break;
        case 'S':
            work->options.debuginfod = true;
            break;
        case 'I':
            work->options.inlines = false;
            break;
        case 'C':
            work->options.cache = false;
            break;
        case 'o':
            work->output = optarg;
            break;
        case 'h':
            work->help = true;
            return 0;
        default:
            command_bad_option(command_symbolize.name, value, argv, problem);
            return problem->code;
        }
    }
    if (optind == argc)
        return problem_set(problem, PROBLEM_USAGE,
                           "FILE is missing: see 'profinject symbolize --help'");
    work->path = argv[optind++];
    for (int i = optind; status == 0 && i < argc; i++)
        status = add_address(work, argv[i], problem);
    return status != 0 || optind < argc ? status : read_addresses(work, problem);
}

static int compare_queries(const void *left, const void *right)
{
    const struct symbol_query *a = left, *b = right;

    return (a->address > b->address) - (a->address < b->address);
}

/* What a file says may be anything: a line stays a line. */
static void print_text(FILE *out, const char *text)
{
    char *clean = utf8_clean(text != NULL ? text : "??");

    fputs(clean, out);
    free(clean);
}

static void print_answer(FILE *out, const struct symbol_query *query)
{
    for (size_t i = 0; i < query->count; i++) {
        print_text(out, query->frames[i].function);
        fputc('\n', out);
        print_text(out, query->frames[i].file);
        fprintf(out, ":%" PRIu32 "\n", query->frames[i].line);
    }
    if (query->count == 0)
        fputs("??\n??:0\n", out);
    fputc('\n', out);
}

static void print_answers(FILE *out, const struct symbolizing *work,
                          const struct symbol_query *queries)
{
    for (size_t i = 0; i < work->count; i++) {
        const struct symbol_query wanted = {.address = work->addresses[i]};

        print_answer(out,
                     bsearch(&wanted, queries, work->count, sizeof(*queries), compare_queries));
    }
}

/* Object files and cores are ELF files, too, but their addresses name nothing, or several things.
 * What cannot be read is told later. */
static int refuse_unfit(const char *path, struct problem *problem)
{
    unsigned char head[EI_NIDENT + 2] = "";
    int fd = path == NULL ? -1 : open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    bool is_elf = fd >= 0 && read(fd, head, sizeof(head)) == (ssize_t)sizeof(head) &&
                  memcmp(head, ELFMAG, SELFMAG) == 0;
    int type = is_elf ? head[EI_NIDENT] | head[EI_NIDENT + 1] : ET_NONE; /* of either byte order */

    if (fd >= 0)
        close(fd);
    if (type == ET_REL)
        return problem_set(problem, PROBLEM_DATA,
                           "cannot use symbols of '%s': an object file, whose sections all begin "
                           "at address 0; link it first",
                           path);
    if (type == ET_CORE)
        return problem_set(problem, PROBLEM_DATA,
                           "cannot use symbols of '%s': a core file, which has none; name the "
                           "program or library it is of",
                           path);
    return 0;
}

static int resolve(const struct symbolizing *work, FILE *out)
{
    struct symbol_query *queries = memory_alloc((work->count + 1) * sizeof(*queries));
    struct symbolizer *symbolizer = symbolizer_new(&work->options);

    for (size_t i = 0; i < work->count; i++)
        queries[i].address = work->addresses[i];
    /* Whole, as in recordings: the cache and links to debug information go by it. */
    char *path = realpath(work->path, NULL);
    progress_begin();
    const char *why = symbolizer_resolve(symbolizer, path != NULL ? path : work->path, NULL, 0,
                                         queries, work->count);
    progress_end();
    free(path);
    print_answers(out, work, queries);
    if (why != NULL)
        command_tell(command_symbolize.name, why);
    bool named = why == NULL;
    for (size_t i = 0; i < work->count && !named; i++)
        named = queries[i].count > 0;
    symbolizer_free(symbolizer);
    free(queries);
    return named ? 0 : PROBLEM_NOTHING;
}

static int run(int argc, char **argv)
{
    struct symbolizing work = {.options = {.inlines = true, .cache = true}};
    struct problem problem = {0};
    struct output output;
    int status = parse(&work, argc, argv, &problem);

    if (work.help) {
        print_help();
        return 0;
    }
    if (status == 0)
        status = refuse_unfit(work.path, &problem);
    if (status == 0)
        status = output_init(&output, work.output, &problem);
    if (status != 0)
        return command_failed(command_symbolize.name, &problem);
    int result = resolve(&work, output.stream);
    status = output_commit(&output, &problem);
    output_release(&output);
    free(work.addresses);
    if (status != 0)
        return command_failed(command_symbolize.name, &problem);
    return problem_exit_status(result);
}

const struct command command_symbolize = {
    .options = rows,
    .operand = OPERAND_FILE,
    .name = "symbolize",
    .summary = "Functions, files and lines of addresses in an ELF file.",
    .run = run,
};
