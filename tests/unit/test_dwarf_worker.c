/*
 * Damaged files: truncated, with bytes changed anywhere or in debug sections alone.
 * libdwarf may die of them, the analyzer must not; names from symbol tables that
 * are sound stay.
 */
#include "analyzer/symbols/dwarf_worker.h"
#include "analyzer/util/problem.h"
#include "tests/unit/compiled.h"

#include <sched.h>
#include <signal.h>
#include <time.h>

static volatile sig_atomic_t killed;

/* What a worker dies of is no crash of the analyzer's, for the kernel's log neither. */
static void on_child(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)context;
    killed += info->si_code != CLD_EXITED;
}

static void start(void)
{
    struct sigaction action;

    scratch_init();
    memset(&action, 0, sizeof(action));
    action.sa_sigaction = on_child;
    action.sa_flags = SA_SIGINFO | SA_RESTART | SA_NOCLDSTOP;
    sigaction(SIGCHLD, &action, NULL);
}

TestSuite(dwarf_worker, .init = start, .fini = scratch_release, .timeout = 300);

/* Fast enough for every run of the tests; PROFINJECT_DAMAGE_ROUNDS for long ones, and a seed. */
static size_t rounds(void)
{
    const char *told = getenv("PROFINJECT_DAMAGE_ROUNDS");

    return told == NULL ? 120 : strtoul(told, NULL, 10);
}

static unsigned seed(unsigned otherwise)
{
    const char *told = getenv("PROFINJECT_DAMAGE_SEED");

    return told == NULL ? otherwise : (unsigned)strtoul(told, NULL, 10);
}

static uint8_t *bytes;
static size_t size;
static struct symbol_query *queries;
static size_t count;

static void load(const char *compiler)
{
    FILE *in;

    scratch_write("part.cc", "struct s { int m(int x); };\n"
                             "int use(int);\n"
                             "static inline int inner(int x) { return x > 4 ? use(x) : 3; }\n"
                             "int s::m(int x) { return inner(x) + inner(x * 2); }\n"
                             "int entry(int x) { return inner(x) + s().m(x); }\n"
                             "__attribute__((cold)) int cold(int x) { return inner(x) * 5; }\n");
    compiled_run("%s -O2 -shared -fPIC -nostartfiles -o part.so part.cc", compiler);
    queries = compiled_queries("part.so", &count);
    in = fopen("part.so", "r");
    bytes = memory_alloc(1 << 20);
    size = fread(bytes, 1, 1 << 20, in);
    fclose(in);
}

static void save(const uint8_t *from, size_t length)
{
    FILE *out = fopen("damaged.so", "w");

    cr_assert_eq(fwrite(from, 1, length, out), length);
    fclose(out);
}

/* Every string is read, so that the sanitizer sees a bad one. */
static size_t resolve(void)
{
    struct symbolizer *symbolizer = symbolizer_new(&(struct symbolizer_options){.inlines = true});
    const char *reason = symbolizer_resolve(symbolizer, "./damaged.so", NULL, 0, queries, count);
    size_t named = 0, length = reason == NULL ? 0 : strlen(reason);

    for (size_t i = 0; i < count; i++) {
        for (size_t f = 0; f < queries[i].count; f++) {
            const struct symbol_frame *frame = &queries[i].frames[f];

            length += frame->function == NULL ? 0 : strlen(frame->function);
            length += frame->file == NULL ? 0 : strlen(frame->file);
        }
        named += queries[i].count > 0 && queries[i].frames[queries[i].count - 1].function != NULL;
    }
    symbolizer_free(symbolizer);
    cr_assert_eq(killed, 0, "a worker was killed");
    return length > 0 ? named : 0;
}

Test(dwarf_worker, truncated)
{
    size_t count_of_rounds = rounds();

    load("g++ -g");
    for (size_t i = 0; i < count_of_rounds; i++) {
        save(bytes, size * i / count_of_rounds);
        (void)resolve();
    }
}

Test(dwarf_worker, bytes_changed_anywhere)
{
    size_t count_of_rounds = rounds();

    load("g++ -g");
    srand(seed(1));
    for (size_t i = 0; i < count_of_rounds; i++) {
        uint8_t *copy = memory_alloc(size);

        memcpy(copy, bytes, size);
        /* Half of them in the headers, which everything else depends on. */
        for (int n = rand() % 4; n >= 0; n--)
            copy[(size_t)rand() % (i % 2 ? 64 : size)] = (uint8_t)rand();
        save(copy, size);
        (void)resolve();
        free(copy);
    }
}

/* Position and size of a section. */
static bool find_section(const char *name, size_t *start, size_t *length)
{
    compiled_run("readelf -SW part.so | sed -n 's/.* \\%s  *PROGBITS  *[0-9a-f]* //p' >where",
                 name);
    return sscanf(scratch_read("where"), "%zx %zx", start, length) == 2 && *length > 0;
}

static void change_section(const char *compiler, const char *name)
{
    static const uint8_t values[] = {0, 0xff, 0x7f, 0x80, 1};
    size_t start, length, count_of_rounds = rounds();

    load(compiler);
    cr_assert(find_section(name, &start, &length), "no %s", name);
    srand(seed(2));
    for (size_t i = 0; i < count_of_rounds; i++) {
        uint8_t *copy = memory_alloc(size);

        memcpy(copy, bytes, size);
        for (size_t n = 0; n <= i % 3; n++)
            copy[start + (size_t)rand() % length] = values[(size_t)rand() % sizeof(values)];
        save(copy, size);
        cr_assert_eq(resolve(), count, "names of .symtab lost");
        free(copy);
    }
}

#define CHANGE(name, compiler, section)    \
    Test(dwarf_worker, name)               \
    {                                      \
        change_section(compiler, section); \
    }

CHANGE(info, "g++ -gdwarf-5", ".debug_info")
CHANGE(abbreviations, "g++ -gdwarf-5", ".debug_abbrev")
CHANGE(lines, "g++ -gdwarf-5", ".debug_line")
CHANGE(range_lists, "g++ -gdwarf-5", ".debug_rnglists")
CHANGE(unit_ranges, "g++ -gdwarf-5", ".debug_aranges")
CHANGE(old_info, "g++ -gdwarf-4", ".debug_info")
CHANGE(old_ranges, "g++ -gdwarf-4", ".debug_ranges")
CHANGE(old_lines, "g++ -gdwarf-4", ".debug_line")
CHANGE(clang_info, "clang++ -gdwarf-5", ".debug_info")
CHANGE(clang_addresses, "clang++ -gdwarf-5", ".debug_addr")
CHANGE(clang_texts, "clang++ -gdwarf-5", ".debug_str_offsets")
CHANGE(clang_abbreviations, "clang++ -gdwarf-4", ".debug_abbrev")
CHANGE(clang_old_info, "clang++ -gdwarf-4", ".debug_info")

/* --- a unit that is bad -------------------------------------------------------- */

/*
 * Blocks in blocks, each of which names its own first child as its next sibling: whoever
 * follows both comes to the innermost one 2^60 times. One instruction of code.
 */
static void write_endless_unit(void)
{
    FILE *out = fopen("endless.s", "w");

    fputs(".text\n.globl endless\n.type endless,@function\nendless: ret\n.size endless,1\n"
          ".section .debug_abbrev,\"\",@progbits\nabbreviations:\n"
          ".byte 1,0x11,1, 0x11,1, 0x12,6, 0,0\n"      /* unit: low_pc addr, high_pc data4 */
          ".byte 2,0x2e,1, 3,8, 0x11,1, 0x12,6, 0,0\n" /* subprogram: name as well */
          ".byte 3,0x0b,1, 1,0x13, 0,0, 0\n"           /* block: sibling ref4 */
          ".section .debug_info,\"\",@progbits\nunit: .long unit_end-unit-4\n.value 4\n"
          ".long abbreviations\n.byte 8\n"
          ".byte 1\n.quad endless\n.long 1\n"
          ".byte 2\n.string \"endless\"\n.quad endless\n.long 1\n",
          out);
    for (int i = 0; i < 60; i++)
        fprintf(out, "block%d: .byte 3\n.long block%d-unit\n", i, i + 1);
    fputs("block60: .fill 62,1,0\nunit_end:\n", out);
    fclose(out);
}

static void load_endless(void)
{
    scratch_write("sound.c", "int use(int);\n"
                             "int sound(int x) { return use(x) * 3; }\n"
                             "int other(int x) { return sound(x) + use(x * 2); }\n");
    write_endless_unit();
    compiled_run("gcc -g -O2 -shared -fPIC -nostartfiles -o damaged.so sound.c endless.s");
    queries = compiled_queries("damaged.so", &count);
}

static const struct dwarf_limits brief = {
    .cpu_seconds = 1, .wall_seconds = 20, .memory = 1ul << 30};

/* The bad unit's address is lost, nobody else's, in a bounded time, and one line says so. */
Test(dwarf_worker, endless_unit_costs_its_own_symbols)
{
    struct symbolizer_options options = {.inlines = true, .limits = &brief};
    struct symbolizer *symbolizer = symbolizer_new(&options);
    const char *reason;
    char expected[200];
    time_t start = time(NULL);

    load_endless();
    reason = symbolizer_resolve(symbolizer, "./damaged.so", NULL, 0, queries, count);
    cr_expect_leq(time(NULL) - start, 60);
    snprintf(expected, sizeof(expected),
             "symbols of 1 of %zu addresses in './damaged.so' could not be read: its debug "
             "information is damaged",
             count);
    cr_expect_str_eq(reason, expected);
    for (size_t i = 0; i < count; i++) {
        const struct symbol_frame *frame = &queries[i].frames[queries[i].count - 1];

        cr_assert(queries[i].count > 0 && frame->function != NULL);
        cr_expect_eq(frame->file == NULL, strcmp(frame->function, "endless") == 0, "%s",
                     frame->function);
    }
    cr_expect_eq(killed, 0, "a worker was killed");
    symbolizer_free(symbolizer);
}

/* Asleep instead of busy: nothing we know does that, so the clock alone is tried. */
Test(dwarf_worker, wall_time_is_limited)
{
    struct dwarf_limits limits = brief;
    struct symbolizer_options options = {.inlines = true, .limits = &limits};
    struct symbolizer *symbolizer;

    limits.cpu_seconds = 1000;
    limits.wall_seconds = 1;
    symbolizer = symbolizer_new(&options);
    load_endless();
    cr_expect_not_null(
        strstr(symbolizer_resolve(symbolizer, "./damaged.so", NULL, 0, queries, count),
               "symbols of 1 of"));
    symbolizer_free(symbolizer);
}

static struct strings *texts; /* of the last answers */

static void forget_answers(void)
{
    for (size_t i = 0; i < count; i++)
        free(queries[i].frames);
    free(queries);
    count = 0;
}

static int resolve_with(const struct dwarf_limits *limits, const char *file, size_t *lost)
{
    struct problem problem;
    struct elf_image image;
    int result;

    cr_assert_eq(elf_image_init(&image, file, &problem), 0);
    strings_free(texts);
    texts = strings_new();
    result = dwarf_worker_resolve(&(struct dwarf_files){.image = &image}, true, texts, limits,
                                  queries, count, lost);
    elf_image_release(&image);
    return result;
}

/* 64 MiB of nothing, compressed to a thousandth, behind a sound unit. */
Test(dwarf_worker, memory_is_limited)
{
    struct dwarf_limits little = brief;
    size_t lost = 0;

    scratch_write("sound.c", "int sound(int x) { return x * 3; }\n");
    scratch_write("zeros.s", ".section .debug_info,\"\",@progbits\n.zero 64 << 20\n");
    compiled_run("gcc -g -O2 -shared -fPIC -nostartfiles -o part.so sound.c zeros.s && "
                 "objcopy --compress-debug-sections part.so damaged.so && rm part.so");
    queries = compiled_queries("damaged.so", &count);
    little.memory = 8 << 20;
    cr_expect_eq(resolve_with(&little, "damaged.so", &lost), PROBLEM_DATA);
    cr_expect_eq(lost, count);
    cr_expect_eq(queries[0].count, 0);
    cr_expect_eq(killed, 0);
    cr_expect_eq(resolve_with(&brief, "damaged.so", &lost), 0);
    cr_expect_eq(lost, 0);
    cr_expect_gt(queries[0].count, 0);
}

/* --- numbers of processes -------------------------------------------------------- */

/* What compiled_print() says of all, to be freed. */
static char *answers_of(unsigned processes)
{
    struct dwarf_limits limits = dwarf_worker_limits;
    size_t lost = 1, length;
    char *text = NULL;
    FILE *out = open_memstream(&text, &length);

    limits.processes = processes;
    forget_answers();
    queries = compiled_queries("part.so", &count);
    cr_assert(count > 200, "too few for several processes");
    cr_assert_eq(resolve_with(&limits, "part.so", &lost), 0);
    cr_assert_eq(lost, 0);
    for (size_t i = 0; i < count; i++)
        compiled_print(out, &queries[i]);
    fclose(out);
    return text;
}

Test(dwarf_worker, any_number_of_processes_gives_the_same_answers)
{
    char *one;

    scratch_write("a.h", "int use(int);\n"
                         "static inline int inner(int x) { return x > 4 ? use(x) : 3; }\n");
    for (int i = 0; i < 40; i++) {
        char name[16], text[200];

        snprintf(name, sizeof(name), "u%d.c", i);
        snprintf(text, sizeof(text),
                 "#include \"a.h\"\nint f%d(int x)\n{\n    return inner(x) + %d;\n}\n", i, i);
        scratch_write(name, text);
    }
    compiled_run("gcc -g -O2 -shared -fPIC -nostartfiles -o part.so u*.c");
    one = answers_of(1);
    cr_expect_not_null(strstr(one, "inner"));
    for (unsigned processes = 2; processes <= DWARF_CREW_MAX + 1; processes++) {
        char *several = answers_of(processes);

        cr_expect_str_eq(several, one, "%u processes", processes);
        free(several);
    }
    free(one);
}

Test(dwarf_worker, as_many_processes_as_processors_are_allowed)
{
    cpu_set_t all, one;
    int first = 0;

    cr_assert_eq(sched_getaffinity(0, sizeof(all), &all), 0);
    cr_expect_geq(dwarf_crew_size(), 1);
    cr_expect_leq(dwarf_crew_size(), (unsigned)CPU_COUNT(&all));
    while (!CPU_ISSET(first, &all))
        first++;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    cr_assert_eq(sched_setaffinity(0, sizeof(one), &one), 0);
    cr_expect_eq(dwarf_crew_size(), 1);
    load("g++ -g");
    save(bytes, size);
    cr_expect_eq(resolve(), count);
}
