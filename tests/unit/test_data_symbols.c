/* Which variable an address lies in, against a program compiled here. */
#include "analyzer/symbols/data_symbols.h"
#include "tests/unit/compiled.h"

#include <criterion/criterion.h>

static void start(void)
{
    scratch_init();
    compiled_need("gcc");
    compiled_need("nm");
    FILE *source = fopen("data.c", "w");
    fputs("int dict_lock[10] = {1}; static char table[256]; static int hidden = 5;\n"
          "int main(void) { return table[dict_lock[3]] + hidden; }\n",
          source);
    fclose(source);
    compiled_run("gcc -O0 -o data data.c && nm data >symbols");
}

TestSuite(data_symbols, .init = start, .fini = scratch_release);

static uint64_t address_of(const char *symbol)
{
    char line[200], name[100], type;
    unsigned long long address, found = 0;
    FILE *in = fopen("symbols", "r");

    while (fgets(line, sizeof(line), in) != NULL)
        if (sscanf(line, "%llx %c %99s", &address, &type, name) == 3 && strcmp(name, symbol) == 0)
            found = address;
    fclose(in);
    return found;
}

static void expect(struct data_query *query, bool inside, const char *name)
{
    cr_expect_eq(query->inside, inside, "%u", query->number);
    if (name == NULL)
        cr_expect_null(query->name, "%u: %s", query->number, query->name);
    else
        cr_expect(query->name != NULL && strcmp(query->name, name) == 0, "%u: %s", query->number,
                  query->name);
    free(query->name);
}

Test(data_symbols, variables_their_insides_and_what_is_none)
{
    struct data_query queries[] = {{address_of("table") + 0x40, 0, false, NULL},
                                   {address_of("dict_lock"), 1, false, NULL},
                                   {address_of("hidden"), 2, false, NULL},
                                   {address_of("main"), 3, false, NULL},
                                   {0x7f0000000000, 4, false, NULL}};
    const char *names[] = {"table+0x40", "dict_lock", "hidden", NULL, NULL};

    cr_assert(data_symbols_resolve("data", NULL, 0, NULL, queries, 5));
    for (int i = 0; i < 5; i++)
        expect(&queries[i], queries[i].number != 4, names[queries[i].number]);
}

Test(data_symbols, another_file_says_nothing)
{
    struct data_query query = {address_of("dict_lock"), 0, false, NULL};

    cr_expect_not(data_symbols_resolve("data", (const uint8_t *)"xx", 2, NULL, &query, 1));
    expect(&query, false, NULL);
    cr_expect_not(data_symbols_resolve("missing", NULL, 0, NULL, &query, 1));
    expect(&query, false, NULL);
    compiled_run("cp data.c text");
    cr_expect_not(data_symbols_resolve("text", NULL, 0, NULL, &query, 1));
    expect(&query, false, NULL);
}

Test(data_symbols, stripped_files_have_memory_and_no_names)
{
    struct data_query query = {address_of("dict_lock"), 0, false, NULL};

    compiled_run("strip -s data");
    data_symbols_resolve("data", NULL, 0, NULL, &query, 1);
    expect(&query, true, NULL);
}

Test(data_symbols, of_a_stripped_file_are_in_its_debug_file)
{
    struct data_query query = {0};

    compiled_run("gcc -g -Wl,--build-id -o data data.c && nm data >symbols && "
                 "id=$(readelf -n data | sed -n 's/.*Build ID: //p') && "
                 "place=root/.build-id/$(echo $id | cut -c1-2) && mkdir -p $place && "
                 "objcopy --only-keep-debug data $place/$(echo $id | cut -c3-).debug && "
                 "strip -s data");
    query.address = address_of("hidden");
    cr_expect(data_symbols_resolve("data", NULL, 0, "root", &query, 1));
    expect(&query, true, "hidden");
}
