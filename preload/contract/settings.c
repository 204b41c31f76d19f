/*
 * Parsing and checking of settings. Its own file because the library and
 * `profinject record` must agree on every value.
 */
#include "preload/contract/settings.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct setting settings_table[SETTING_ID_COUNT] = {
#define SETTING(field, kind, option, letter, variable, metavar, initial, values, meaning) \
    {#field, SETTING_##kind, option, letter, variable, metavar, initial, values, meaning},
#include "preload/contract/settings.def"
#undef SETTING
};

/* Copies `value` when it fits. */
static int store_text(char *to, size_t size, const char *value)
{
    size_t length = strlen(value);
    if (length >= size)
        return -1;
    memcpy(to, value, length + 1);
    return 0;
}

static int parse_number(const char *value, const char *range, uint64_t *number)
{
    char *end = NULL;
    errno = 0;
    unsigned long long parsed = strtoull(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end || errno)
        return -1;
    unsigned long long lowest = strtoull(range, &end, 10);
    unsigned long long highest = strtoull(end + 2, NULL, 10);
    if (parsed < lowest || parsed > highest)
        return -1;
    *number = parsed;
    return 0;
}

#define SECONDS_MAX 31536000u /* a year */

/* Decimal seconds as nanoseconds; not by strtod(), which asks the target's locale. */
static int parse_seconds(const char *value, uint64_t *ns)
{
    uint64_t seconds = 0, fraction = 0, unit = 1000000000u;
    if (!isdigit((unsigned char)*value))
        return -1;
    for (; isdigit((unsigned char)*value) && seconds <= SECONDS_MAX; value++)
        seconds = seconds * 10 + (uint64_t)(*value - '0');
    if (*value == '.')
        for (value++; isdigit((unsigned char)*value); value++, unit /= 10)
            fraction += (uint64_t)(*value - '0') * (unit / 10);
    if (*value || seconds > SECONDS_MAX)
        return -1;
    *ns = seconds * 1000000000u + fraction;
    return 0;
}

#define BYTES_MAX ((uint64_t)1 << 40)

/* Bytes, at least 1, of K, M or G if it says so. */
static int parse_bytes(const char *value, uint64_t *bytes)
{
    static const char units[] = "KMG";
    char *end = NULL;
    errno = 0;
    unsigned long long count = strtoull(value, &end, 10);
    const char *unit = *end ? strchr(units, *end) : NULL;
    unsigned shift = unit ? 10 * (unsigned)(unit - units + 1) : 0;
    if (!isdigit((unsigned char)*value) || errno || (*end && (!unit || end[1])) || count == 0 ||
        count > BYTES_MAX >> shift)
        return -1;
    *bytes = (uint64_t)count << shift;
    return 0;
}

#define SIZE_LEAST (64u << 10) /* a quarter of it holds what a trace begins with */

/* Bytes, or none: 0. */
static int parse_size(const char *value, uint64_t *bytes)
{
    *bytes = 0;
    if (strcmp(value, "none") == 0)
        return 0;
    return parse_bytes(value, bytes) == 0 && *bytes >= SIZE_LEAST ? 0 : -1;
}

/* What cannot be caught, tells of a fault, or is the C library's and our own. */
static bool is_free_signal(uint64_t number)
{
    static const int taken[] = {SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, 32, 33};
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++)
        if (number == (uint64_t)taken[i])
            return false;
    return number >= 1 && number <= 64;
}

static int parse_signal(const char *value, uint64_t *number)
{
    const char *name = strncmp(value, "SIG", 3) == 0 ? value + 3 : value;
    *number = 0;
    if (strcmp(value, "none") == 0)
        return 0;
    if (parse_number(value, "1..64", number) != 0)
        for (int signal = 1; signal < 32; signal++)
            if (sigabbrev_np(signal) && strcmp(sigabbrev_np(signal), name) == 0)
                *number = (uint64_t)signal;
    return is_free_signal(*number) ? 0 : -1;
}

/* True when `value` is one of the words of `choices`, "a|b|c". */
static bool is_choice(const char *value, const char *choices)
{
    size_t length = strlen(value);
    if (strchr(value, '|'))
        return false;
    for (const char *word = choices; length && word; word = strchr(word, '|')) {
        word += *word == '|';
        if (strncmp(word, value, length) == 0 && (word[length] == '|' || !word[length]))
            return true;
    }
    return false;
}

int settings_set(struct settings *settings, enum setting_id id, const char *value, char *why,
                 size_t why_size)
{
    const struct setting *setting = &settings_table[id];
    int status = 0;
    uint64_t number = 0;

    if (setting->kind == SETTING_PATH)
        status =
            *value ? store_text((char *)settings_text(settings, id), SETTING_TEXT_MAX, value) : -1;
    else if (setting->kind == SETTING_NUMBER)
        status = parse_number(value, setting->values, &number);
    else if (setting->kind == SETTING_SECONDS)
        status = parse_seconds(value, &number);
    else if (setting->kind == SETTING_BYTES)
        status = parse_bytes(value, &number);
    else if (setting->kind == SETTING_SIZE)
        status = parse_size(value, &number);
    else if (setting->kind == SETTING_SIGNAL)
        status = parse_signal(value, &number);
    else if (setting->kind == SETTING_PATTERN)
        status = *value ? 0 : -1;
    else
        status = is_choice(value, setting->values) ? 0 : -1;

    if (status == 0 && setting->kind != SETTING_PATH)
        status = store_text(settings->text[id], sizeof settings->text[id], value);
    if (status != 0) {
        snprintf(why, why_size, "allowed: %s",
                 setting->kind == SETTING_PATH ? "a directory name" : setting->values);
        return -1;
    }
    settings->number[id] = number;
    return 0;
}

void settings_init(struct settings *settings)
{
    char why[8];
    memset(settings, 0, sizeof *settings);
    for (int id = 0; id < SETTING_ID_COUNT; id++)
        settings_set(settings, id, settings_table[id].default_value, why, sizeof why);
}

void settings_from_environment(struct settings *settings, char *const *environment, char *why,
                               size_t why_size)
{
    why[0] = '\0';
    for (int id = 0; id < SETTING_ID_COUNT; id++) {
        const struct setting *setting = &settings_table[id];
        size_t length = strlen(setting->variable);
        char allowed[128];
        for (char *const *entry = environment; entry && *entry; entry++) {
            if (strncmp(*entry, setting->variable, length) != 0 || (*entry)[length] != '=')
                continue;
            const char *value = *entry + length + 1;
            if (settings_set(settings, id, value, allowed, sizeof allowed) != 0 && !why[0])
                snprintf(why, why_size, "%s '%s': %s; using %s", setting->variable, value, allowed,
                         setting->default_value);
            break;
        }
    }
}

const char *settings_text(const struct settings *settings, enum setting_id id)
{
    if (settings_table[id].kind != SETTING_PATH)
        return settings->text[id];
    return id == SETTING_ID_output ? settings->output : settings->resources_root;
}

bool settings_is_default(const struct settings *settings, enum setting_id id)
{
    return strcmp(settings_text(settings, id), settings_table[id].default_value) == 0;
}

bool settings_flag(const struct settings *settings, enum setting_id id)
{
    return strcmp(settings->text[id], "on") == 0;
}
