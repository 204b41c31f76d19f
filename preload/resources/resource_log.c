/*
 * Filling the log. Its own file because collectors see no more of the trace than this.
 */
#include "preload/resources/resource_log.h"

#include "preload/contract/own_memory.h"
#include "preload/resources/log_state.h"

#include <string.h>
#include <sys/mman.h>

#define ROUND(size) (((size) + 4095u) & ~(size_t)4095)
#define SERIES_SIZE ROUND(LOG_SERIES * sizeof(struct log_series))
#define TEXTS_SIZE ROUND(LOG_SERIES * sizeof(struct log_text))
#define POINTS_SIZE ROUND(LOG_POINTS * sizeof(struct log_point))
#define MOMENTS_SIZE ROUND(LOG_MOMENTS * sizeof(uint64_t))
#define HEAD_SIZE ROUND(sizeof(struct resource_log))
#define LOG_SIZE (HEAD_SIZE + SERIES_SIZE + TEXTS_SIZE + POINTS_SIZE + MOMENTS_SIZE)

struct resource_log *resource_log_new(void)
{
    uint8_t *memory = buffer_reserve(LOG_SIZE);
    struct resource_log *log = (struct resource_log *)memory;
    if (!log)
        return NULL;
    memory += HEAD_SIZE;
    log->series = (struct log_series *)memory;
    log->texts = (struct log_text *)(memory + SERIES_SIZE);
    log->points = (struct log_point *)(memory + SERIES_SIZE + TEXTS_SIZE);
    log->moments = (uint64_t *)(memory + SERIES_SIZE + TEXTS_SIZE + POINTS_SIZE);
    log->next_id = 1;
    return log;
}

void resource_log_free(struct resource_log *log)
{
    if (!log)
        return;
    own_memory_forget(log);
    munmap(log, LOG_SIZE);
}

struct log_series *resource_log_find(struct resource_log *log, uint32_t id)
{
    struct log_series *series = &log->series[id % LOG_SERIES];
    return id && series->id == id && !series->gone ? series : NULL;
}

static void copy(char *to, size_t size, const char *from)
{
    size_t length = from ? strnlen(from, size - 1) : 0;
    if (length)
        memcpy(to, from, length);
    if (to[0] || length)
        to[length] = '\0';
}

/* The one there is: those that are not of threads are few, and added once. */
static uint32_t find_same(const struct resource_log *log, enum resource resource,
                          const char *subject)
{
    for (uint32_t place = 0; place < log->places; place++) {
        const struct log_series *series = &log->series[place];
        if (series->id && !series->gone && !series->tid && series->resource == resource &&
            strncmp(log->texts[place].subject, subject ? subject : "", LOG_SUBJECT - 1) == 0)
            return series->id;
    }
    return 0;
}

static void leave_place(struct resource_log *log, struct log_series *series)
{
    series->id = 0;
    log->used--;
}

/* A place that is free, by the next id that leads to one. Where there is none that is known at once:
 * threads that are too many ask for theirs again at each look. */
static struct log_series *take_place(struct resource_log *log)
{
    for (uint32_t tries = 0; tries < LOG_SERIES && log->used < LOG_SERIES; tries++) {
        uint32_t id = log->next_id++;
        struct log_series *series = &log->series[id % LOG_SERIES];
        if (!id || series->id)
            continue;
        memset(series, 0, sizeof *series);
        series->id = id;
        log->used++;
        log->places = id % LOG_SERIES < log->places ? log->places : id % LOG_SERIES + 1;
        return series;
    }
    return NULL;
}

uint32_t resource_log_add(struct resource_log *log, enum resource resource, const char *subject,
                          int tid)
{
    uint32_t id = tid ? 0 : find_same(log, resource, subject);
    if (id)
        return id;
    struct log_series *series = take_place(log);
    if (!series)
        return 0;
    series->resource = (uint16_t)resource;
    series->tid = tid;
    copy(log->texts[series->id % LOG_SERIES].subject, LOG_SUBJECT, subject);
    return series->id;
}

void resource_log_unavailable(struct resource_log *log, uint32_t id, const char *reason)
{
    struct log_series *series = resource_log_find(log, id);
    if (!series)
        return;
    char *text = log->texts[id % LOG_SERIES].reason;
    if (!reason && !series->has_reason)
        return;
    if (reason && series->has_reason && strncmp(text, reason, LOG_REASON - 1) == 0)
        return;
    copy(text, LOG_REASON, reason);
    series->has_reason = reason != NULL;
    series->changed = true;
}

void resource_log_end(struct resource_log *log, uint32_t id)
{
    struct log_series *series = resource_log_find(log, id);
    if (!series)
        return;
    series->gone = true;
    if (!series->first) /* nothing waits to be written */
        leave_place(log, series);
}

void resource_log_moment(struct resource_log *log, uint64_t time_ns)
{
    if (log->moment_count && time_ns <= log->moments[log->moment_count - 1])
        return;
    if (!log->begun_ns)
        log->begun_ns = time_ns;
    if (log->moment_count < LOG_MOMENTS)
        log->moments[log->moment_count++] = time_ns;
    else /* nothing is written for long: what follows replaces the last */
        log->lost++;
}

/* True when the moment now has a point of it already. */
static bool is_put(const struct resource_log *log, const struct log_series *series)
{
    return series->last && log->points[series->last - 1].moment == log->moment_count - 1;
}

void resource_log_unchanged(struct resource_log *log, uint32_t id)
{
    struct log_series *series = resource_log_find(log, id);
    if (series && series->known && log->moment_count)
        series->same_until = log->moment_count;
}

/* A control group goes on while one of its processes sleeps. */
static bool is_of_others(const struct log_series *series)
{
    return strncmp(resource_info(series->resource)->name, "cgroup.", 7) == 0;
}

void resource_log_all_unchanged(struct resource_log *log, enum trace_scope scope)
{
    for (uint32_t place = 0; place < log->places; place++) {
        const struct log_series *series = &log->series[place];
        if (series->id && resource_info(series->resource)->scope == scope && !is_of_others(series))
            resource_log_unchanged(log, series->id);
    }
}

void resource_log_put_point(struct resource_log *log, struct log_series *series, uint32_t moment,
                            bool unchanged, int64_t value)
{
    struct log_point *point = &log->points[log->point_count++];
    *point =
        (struct log_point){.moment = moment & 0x7fffffffu, .unchanged = unchanged, .value = value};
    if (series->last)
        log->points[series->last - 1].next = log->point_count;
    else
        series->first = log->point_count;
    series->last = log->point_count;
}

void resource_log_tell_same(struct resource_log *log, struct log_series *series, uint32_t now)
{
    const uint32_t same = series->known ? series->same_until : 0;
    const uint32_t told = series->last ? log->points[series->last - 1].moment + 1 : 0;
    if (same > told && same < now && log->point_count + 1 < LOG_POINTS)
        resource_log_put_point(log, series, same - 1, false, series->value);
}

static void append(struct resource_log *log, struct log_series *series, uint32_t now, int64_t value)
{
    resource_log_tell_same(log, series, now);
    resource_log_put_point(log, series, now, series->known && now && series->same_until == now,
                           value);
    series->value = value;
    series->known = true;
    series->same_until = now + 1;
}

void resource_log_put_before(struct resource_log *log, uint32_t id, int64_t value)
{
    struct log_series *series = resource_log_find(log, id);
    if (series && !series->known && log->moment_count > 1 && log->point_count < LOG_POINTS)
        append(log, series, log->moment_count - 2, value);
}

void resource_log_put(struct resource_log *log, uint32_t id, int64_t value)
{
    struct log_series *series = resource_log_find(log, id);
    if (!log->moment_count)
        return;
    if (series && series->known && series->value == value)
        series->same_until = log->moment_count;
    else if (!series || log->point_count >= LOG_POINTS || is_put(log, series))
        log->lost++;
    else
        append(log, series, log->moment_count - 1, value);
}

/* The first moment may be one that was written. */
static uint32_t waiting(const struct resource_log *log)
{
    return log->moment_count - log->carried;
}

uint64_t resource_log_waits_ns(const struct resource_log *log, uint64_t now_ns)
{
    uint64_t first_ns = log->moments[log->carried];
    return waiting(log) && now_ns > first_ns ? now_ns - first_ns : 0;
}

uint64_t resource_log_age_ns(const struct resource_log *log, uint64_t now_ns)
{
    return log->begun_ns && now_ns > log->begun_ns ? now_ns - log->begun_ns : 0;
}

bool resource_log_is_full(const struct resource_log *log)
{
    return log->moment_count >= LOG_MOMENTS / 4 * 3 || log->point_count >= LOG_POINTS / 4 * 3;
}

void resource_log_want(struct resource_log *log)
{
    if (log)
        log->wanted = true;
}

bool resource_log_is_wanted(const struct resource_log *log)
{
    return log->wanted && waiting(log);
}

uint64_t resource_log_lost(const struct resource_log *log)
{
    return log->lost;
}

/* The last moment stays: a series that is as it was then is known to be so when it changes. */
static void begin_anew(struct resource_log *log)
{
    const uint32_t count = log->moment_count;
    for (uint32_t place = 0; place < log->places; place++) {
        struct log_series *series = &log->series[place];
        series->same_until = series->known && count && series->same_until == count;
        series->first = series->last = 0;
        if (series->gone && series->id)
            leave_place(log, series);
    }
    if (count)
        log->moments[0] = log->moments[count - 1];
    log->carried = log->moment_count = count > 0;
    log->point_count = 0;
    log->wanted = false;
}

void resource_log_written(struct resource_log *log)
{
    for (uint32_t place = 0; place < log->places; place++)
        if (log->series[place].epoch == log->epoch)
            log->series[place].changed = false;
    begin_anew(log);
}

/* Who reads does not know the last values then. */
void resource_log_drop(struct resource_log *log)
{
    log->lost += log->point_count;
    for (uint32_t place = 0; place < log->places; place++)
        log->series[place].known &= !log->series[place].first;
    begin_anew(log);
}
