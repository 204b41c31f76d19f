/*
 * Completing and cleaning environments. Its own file because it is text work that
 * has to do without memory of its own: exec is called in vfork children.
 */
#include "preload/environment.h"

#include "preload/contract/identity.h"
#include "preload/contract/recording.h"
#include "preload/contract/settings.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAMES (1 + SETTING_ID_COUNT) /* RECORDING_VARIABLE, then the settings */
#define PRELOAD_SET (1ull << 63)     /* LD_PRELOAD was not there, or */
#define PRELOAD_LONGER (1ull << 62)  /* was there without us */
#define MARK_SIZE (sizeof ENVIRONMENT_MARK + 17)
#define ENTRIES_MAX 8192 /* longer ones would be too much for small stacks */
#define ENTRIES_PUT 1024 /* room for them where the heap has none */
#define PRELOAD "LD_PRELOAD"

static_assert(NAMES <= 62, "a bit each");

/* Copies, because targets write over their environment to change their title. */
static struct {
    bool follow;
    char library[PATH_MAX];
    const char *handed[NAMES]; /* "NAME=VALUE"; NULL: not in force */
    char text[16u << 10];
    size_t used;
} ours;

static const char *name_of(int i)
{
    return i == 0 ? RECORDING_VARIABLE : settings_table[i - 1].variable;
}

/* The value when `entry` is the variable `name`, else NULL. */
static char *value_of(char *entry, const char *name)
{
    size_t length = strlen(name);
    return strncmp(entry, name, length) == 0 && entry[length] == '=' ? entry + length + 1 : NULL;
}

static char *find(char *const *environment, const char *name, size_t *at)
{
    for (size_t i = 0; environment && environment[i]; i++) {
        char *value = value_of(environment[i], name);
        if (value) {
            *at = i;
            return value;
        }
    }
    *at = SIZE_MAX;
    return NULL;
}

/* The word of a preload list that is this library; its length goes to `length`. */
static const char *find_library(const char *list, size_t *length)
{
    while (list && *list) {
        *length = strcspn(list, ": ");
        if (memmem(list, *length, PROFINJECT_LIBRARY, strlen(PROFINJECT_LIBRARY)))
            return list;
        list += *length + (list[*length] != '\0');
    }
    return NULL;
}

static void remove_entry(char **environment, size_t at)
{
    for (; environment[at]; at++)
        environment[at] = environment[at + 1];
}

/* Takes out what the mark names, and the mark. */
static void clean(char **environment)
{
    size_t at, length;
    char *mark = find(environment, ENVIRONMENT_MARK, &at);
    if (!mark)
        return;
    uint64_t added = strtoull(mark, NULL, 16);
    remove_entry(environment, at);
    for (int i = 0; i < NAMES; i++)
        if ((added & 1ull << i) && find(environment, name_of(i), &at))
            remove_entry(environment, at);
    char *list = find(environment, PRELOAD, &at);
    if (list && (added & PRELOAD_SET))
        remove_entry(environment, at);
    else if (list && (added & PRELOAD_LONGER) && find_library(list, &length) == list)
        memmove(list, list + length + 1, strlen(list + length + 1) + 1);
}

static void keep(int i, const char *entry)
{
    size_t size = strlen(entry) + 1;
    if (ours.used + size > sizeof ours.text)
        return;
    ours.handed[i] = memcpy(ours.text + ours.used, entry, size);
    ours.used += size;
}

void environment_take(char **environment, bool follow)
{
    size_t at, length = 0;
    const char *library = find_library(find(environment, PRELOAD, &at), &length);
    if (library && length < sizeof ours.library)
        memcpy(ours.library, library, length);
    for (int i = 0; i < NAMES; i++)
        if (find(environment, name_of(i), &at))
            keep(i, environment[at]);
    ours.follow = follow && ours.library[0] && ours.handed[0];
    if (environment)
        clean(environment);
}

bool environment_put(char *entry)
{
    static char *entries[ENTRIES_PUT];
    size_t count = 0;
    if (putenv(entry) == 0)
        return true;
    while (environ && environ[count])
        count++;
    if (count + 2 > ENTRIES_PUT || environ == entries)
        return false;
    for (size_t i = 0; i < count; i++)
        entries[i] = environ[i];
    entries[count] = entry;
    environ = entries;
    return true;
}

bool environment_lacks(char *const *environment, struct environment_need *need)
{
    size_t count = 0, at, length;
    if (!ours.follow)
        return false;
    while (environment && environment[count])
        count++;
    need->missing = 0;
    need->text = MARK_SIZE;
    for (int i = 0; i < NAMES; i++)
        if (ours.handed[i] && !find(environment, name_of(i), &at))
            need->missing |= 1ull << i;
    const char *list = find(environment, PRELOAD, &need->preload);
    if (!find_library(list, &length)) {
        need->missing |= list ? PRELOAD_LONGER : PRELOAD_SET;
        need->text += sizeof PRELOAD "=:" + strlen(ours.library) + (list ? strlen(list) : 0);
    }
    /* A recording of its own that somebody put there is not ours to mix with. */
    if (!(need->missing & 1))
        need->missing &= PRELOAD_SET | PRELOAD_LONGER;
    need->entries = count + (size_t)__builtin_popcountll(need->missing) + 2;
    return need->missing && count < ENTRIES_MAX;
}

void environment_complete(const struct environment_need *need, char *const *environment,
                          char **entries, char *text)
{
    size_t count = 0;
    for (; environment && environment[count]; count++)
        entries[count] = environment[count];
    for (int i = 0; i < NAMES; i++)
        if (need->missing & 1ull << i)
            entries[count++] = (char *)ours.handed[i];
    entries[count++] = text;
    snprintf(text, MARK_SIZE, "%s=%llx", ENVIRONMENT_MARK, (unsigned long long)need->missing);
    text += MARK_SIZE;
    if (need->missing & (PRELOAD_SET | PRELOAD_LONGER)) {
        bool longer = need->preload != SIZE_MAX;
        char *end = stpcpy(stpcpy(text, PRELOAD "="), ours.library);
        if (longer)
            stpcpy(stpcpy(end, ":"), environment[need->preload] + sizeof PRELOAD);
        entries[longer ? need->preload : count++] = text;
    }
    entries[count] = NULL;
}
