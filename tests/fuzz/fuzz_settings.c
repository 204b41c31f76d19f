/*
 * The environment, as a program that starts another may set it: strings that end in NUL.
 * What was taken must be what its text says, and be taken again.
 */
#include "preload/contract/settings.h"
#include "tests/fuzz/fuzz.h"

#define STRINGS_MAX 64

static void check(const struct settings *settings, enum setting_id id)
{
    static struct settings again;
    bool is_path = settings_table[id].kind == SETTING_PATH;
    const char *text = is_path ? settings->output : settings->text[id];
    char why[128];

    if (settings_set(&again, id, text, why, sizeof(why)) != 0 ||
        again.number[id] != settings->number[id])
        abort();
    fuzz_sum += settings_is_default(settings, id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size + 1), *strings[STRINGS_MAX + 1];
    static struct settings settings;
    size_t count = 0;
    char why[64];

    memcpy(copy, data, size);
    copy[size] = '\0';
    for (char *at = copy; at < copy + size && count < STRINGS_MAX; at += strlen(at) + 1)
        strings[count++] = at;
    strings[count] = NULL;
    settings_init(&settings);
    settings_from_environment(&settings, strings, why, sizeof(why));
    for (int id = 0; id < SETTING_ID_COUNT; id++)
        check(&settings, (enum setting_id)id);
    for (size_t i = 0; i < count; i++) {
        enum setting_id id = (enum setting_id)(i % SETTING_ID_COUNT);
        if (settings_set(&settings, id, strings[i], why, sizeof(why)) == 0)
            check(&settings, id);
    }
    free(copy);
    return 0;
}
