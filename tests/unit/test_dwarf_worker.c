/*
 * Damaged files: truncated, with bytes changed anywhere or in debug sections alone.
 * libdwarf may die of them, the analyzer must not; names from symbol tables that
 * are sound stay.
 */
#include "tests/unit/compiled.h"

#include <signal.h>

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

/* Fast enough for every run of the tests; other seeds find nothing new. */
#define ROUNDS 120

static uint8_t *bytes;
static size_t size;
static struct symbol_query *queries;
static size_t count;

static void load(const char *flags)
{
    FILE *in;

    scratch_write("part.cc", "struct s { int m(int x); };\n"
                             "int use(int);\n"
                             "static inline int inner(int x) { return x > 4 ? use(x) : 3; }\n"
                             "int s::m(int x) { return inner(x) + inner(x * 2); }\n"
                             "int entry(int x) { return inner(x) + s().m(x); }\n"
                             "__attribute__((cold)) int cold(int x) { return inner(x) * 5; }\n");
    compiled_run("g++ -O2 %s -shared -fPIC -nostartfiles -o part.so part.cc", flags);
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
    load("-g");
    for (size_t i = 0; i < ROUNDS; i++) {
        save(bytes, size * i / ROUNDS);
        (void)resolve();
    }
}

Test(dwarf_worker, bytes_changed_anywhere)
{
    load("-g");
    srand(1);
    for (size_t i = 0; i < ROUNDS; i++) {
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

static void change_section(const char *flags, const char *name)
{
    static const uint8_t values[] = {0, 0xff, 0x7f, 0x80, 1};
    size_t start, length;

    load(flags);
    cr_assert(find_section(name, &start, &length), "no %s", name);
    srand(2);
    for (size_t i = 0; i < ROUNDS; i++) {
        uint8_t *copy = memory_alloc(size);

        memcpy(copy, bytes, size);
        for (size_t n = 0; n <= i % 3; n++)
            copy[start + (size_t)rand() % length] = values[(size_t)rand() % sizeof(values)];
        save(copy, size);
        cr_assert_eq(resolve(), count, "names of .symtab lost");
        free(copy);
    }
}

#define CHANGE(name, flags, section)    \
    Test(dwarf_worker, name)            \
    {                                   \
        change_section(flags, section); \
    }

CHANGE(info, "-gdwarf-5", ".debug_info")
CHANGE(abbreviations, "-gdwarf-5", ".debug_abbrev")
CHANGE(lines, "-gdwarf-5", ".debug_line")
CHANGE(range_lists, "-gdwarf-5", ".debug_rnglists")
CHANGE(old_info, "-gdwarf-4", ".debug_info")
CHANGE(old_ranges, "-gdwarf-4", ".debug_ranges")
CHANGE(old_lines, "-gdwarf-4", ".debug_line")
