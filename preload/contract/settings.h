/*
 * The settings, parsed once into one immutable struct: the table settings.def as
 * C. Used by the library's constructor (environment) and by `profinject record`
 * (options). Allocates nothing, owns nothing but the struct's own buffers.
 * Not for signal handlers.
 */
#ifndef PROFINJECT_SETTINGS_H
#define PROFINJECT_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum setting_kind {
    SETTING_PATH,
    SETTING_NUMBER,
    SETTING_CHOICE,
    SETTING_FLAG,
    SETTING_SECONDS,
    SETTING_BYTES,
    SETTING_SIZE,
    SETTING_PATTERN,
    SETTING_SIGNAL,
};

enum setting_id {
#define SETTING(field, ...) SETTING_ID_##field,
#include "preload/contract/settings.def"
#undef SETTING
    SETTING_ID_COUNT
};

/* A row of the table. `metavar` of a FLAG is the value its option sets. */
struct setting {
    const char *name; /* of the field: "max_depth" */
    enum setting_kind kind;
    const char *option; /* without dashes */
    char short_option;  /* 0: none */
    const char *variable, *metavar, *default_value, *values, *meaning;
};

extern const struct setting settings_table[SETTING_ID_COUNT];

#define SETTING_TEXT_MAX 4096

/* Values as text, valid ones only; parsed as well: numbers, seconds as nanoseconds,
 * signals as their number, and sizes in bytes (0: none). */
struct settings {
    char text[SETTING_ID_COUNT][64]; /* all but PATH settings */
    char output[SETTING_TEXT_MAX], resources_root[SETTING_TEXT_MAX];
    uint64_t number[SETTING_ID_COUNT];
};

/* All defaults. */
void settings_init(struct settings *settings);

/*
 * Sets one value. Returns 0, or -1 when the value is not allowed; then `why`
 * (of `why_size` bytes) says what is, as in "allowed: 1..100000", and the
 * settings are as before.
 */
int settings_set(struct settings *settings, enum setting_id id, const char *value, char *why,
                 size_t why_size);

/*
 * Reads every variable of the table from `environment` (as environ). A bad
 * value leaves the default; the first one is described in `why` ("" when all
 * were good), as in "PROFINJECT_FREQUENCY 'x': allowed: 1..100000; using 1000".
 */
void settings_from_environment(struct settings *settings, char *const *environment, char *why,
                               size_t why_size);

/* The value of any setting, as text. */
const char *settings_text(const struct settings *settings, enum setting_id id);

/* True when the value is the table's default, given or not. */
bool settings_is_default(const struct settings *settings, enum setting_id id);

/* True when a FLAG setting is on. */
bool settings_flag(const struct settings *settings, enum setting_id id);

#endif
