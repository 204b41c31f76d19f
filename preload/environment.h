/*
 * The environment of programs this one starts: profiled too, also where the target
 * makes an environment without us.
 *
 * What the target did not hand down is added, and named in ENVIRONMENT_MARK, so
 * that the started program's constructor takes it out again: it sees what it was
 * given. It goes on handing it down.
 *
 * environment_take() and environment_put() are called once, in the constructor. The others may
 * be called anywhere, also in a vfork child: they read, and write only what they are given.
 */
#ifndef PROFINJECT_ENVIRONMENT_H
#define PROFINJECT_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ENVIRONMENT_MARK "PROFINJECT_ADDED"

struct environment_need {
    uint64_t missing; /* a bit per variable */
    size_t entries;   /* of the completed environment, null included */
    size_t text;      /* bytes for what is composed */
    size_t preload;   /* the entry that is LD_PRELOAD, SIZE_MAX: none */
};

/*
 * Remembers what is to be handed down, when `follow`, and takes out of `environment`
 * (as environ, changed in place) what the target was not given.
 */
void environment_take(char **environment, bool follow);

/* As putenv(), which needs memory of the heap for an entry that is new, also where there is none.
 * False: neither has room. Only while nobody else looks at environ. */
bool environment_put(char *entry);

/* True when a program started with `environment` would not be profiled though it
 * should be; `need` then says what completing it takes. */
bool environment_lacks(char *const *environment, struct environment_need *need);

/* Fills `entries` (need->entries of them) and `text` (need->text bytes). */
void environment_complete(const struct environment_need *need, char *const *environment,
                          char **entries, char *text);

/* Declares `completed`: `environment`, or its completion on the caller's stack where
 * `wanted`, which is only looked at when something is missing. */
#define ENVIRONMENT_COMPLETED_IF(completed, environment, wanted)                \
    struct environment_need need_;                                              \
    bool lacks_ = environment_lacks(environment, &need_) && (wanted);           \
    char *entries_[lacks_ ? need_.entries : 1], text_[lacks_ ? need_.text : 1]; \
    if (lacks_)                                                                 \
        environment_complete(&need_, environment, entries_, text_);             \
    char *const *completed = lacks_ ? entries_ : (environment)

#define ENVIRONMENT_COMPLETED(completed, environment) \
    ENVIRONMENT_COMPLETED_IF(completed, environment, true)

#endif
