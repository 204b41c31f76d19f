/*
 * The table of kinds of waits. Its own file because a kind is added here, and nowhere else
 * in the analyzer.
 */
#include "analyzer/model/wait_kind.h"

#define DESCRIPTOR true

struct kind {
    const char *name, *mark;
    enum wait_group group;
    bool has_descriptor;
};

#define KIND(name, group, descriptor)                               \
    {                                                               \
        name, "[off-CPU: " name "]", WAIT_GROUP_##group, descriptor \
    }

static const struct kind kinds[WAIT_KIND_COUNT] = {
    [TRACE_WAIT_MUTEX] = KIND("mutex", LOCK, false),
    [TRACE_WAIT_READ_LOCK] = KIND("read lock", LOCK, false),
    [TRACE_WAIT_WRITE_LOCK] = KIND("write lock", LOCK, false),
    [TRACE_WAIT_ONCE] = KIND("once", LOCK, false),
    [TRACE_WAIT_CONDITION] = KIND("condition", SYNC, false),
    [TRACE_WAIT_SEMAPHORE] = KIND("semaphore", SYNC, false),
    [TRACE_WAIT_BARRIER] = KIND("barrier", SYNC, false),
    [TRACE_WAIT_JOIN] = KIND("join", SYNC, false),
    [TRACE_WAIT_CHILD] = KIND("child", SYNC, false),
    [TRACE_WAIT_SLEEP] = KIND("sleep", SLEEP, false),
    [TRACE_WAIT_SIGNAL] = KIND("signal", SLEEP, false),
    [TRACE_WAIT_POLL] = KIND("poll", POLL, DESCRIPTOR),
    [TRACE_WAIT_READ] = KIND("read", IO, DESCRIPTOR),
    [TRACE_WAIT_WRITE] = KIND("write", IO, DESCRIPTOR),
    [TRACE_WAIT_RECEIVE] = KIND("receive", IO, DESCRIPTOR),
    [TRACE_WAIT_SEND] = KIND("send", IO, DESCRIPTOR),
    [TRACE_WAIT_ACCEPT] = KIND("accept", IO, DESCRIPTOR),
    [TRACE_WAIT_CONNECT] = KIND("connect", IO, DESCRIPTOR),
    [TRACE_WAIT_SYNC] = KIND("sync", IO, DESCRIPTOR),
    [TRACE_WAIT_OPEN] = KIND("open", IO, DESCRIPTOR),
    [TRACE_WAIT_FILE_LOCK] = KIND("file lock", FILE_LOCK, DESCRIPTOR),
    [TRACE_WAIT_FUTEX] = KIND("futex", SYNC, false),
    [TRACE_WAIT_MESSAGE_QUEUE] = KIND("message queue", SYNC, DESCRIPTOR),
    [TRACE_WAIT_IO_EVENTS] = KIND("I/O events", IO, DESCRIPTOR),
    [TRACE_WAIT_NAME_LOOKUP] = KIND("name lookup", NAME_LOOKUP, false),
    [WAIT_KIND_OTHER] = KIND("other", OTHER, false),
};

const char *wait_kind_name(uint32_t kind)
{
    return kinds[wait_kind_of(kind)].name;
}

const char *wait_kind_mark(uint32_t kind)
{
    return kinds[wait_kind_of(kind)].mark;
}

enum wait_group wait_kind_group(uint32_t kind)
{
    return kinds[wait_kind_of(kind)].group;
}

bool wait_kind_has_descriptor(uint32_t kind)
{
    return kinds[wait_kind_of(kind)].has_descriptor;
}

const char *wait_group_name(enum wait_group group)
{
    static const char *const names[WAIT_GROUPS] = {
        [WAIT_GROUP_LOCK] = "lock",
        [WAIT_GROUP_IO] = "I/O",
        [WAIT_GROUP_SYNC] = "sync",
        [WAIT_GROUP_SLEEP] = "sleep",
        [WAIT_GROUP_POLL] = "poll",
        [WAIT_GROUP_FILE_LOCK] = "file lock",
        [WAIT_GROUP_NAME_LOOKUP] = "name lookup",
        [WAIT_GROUP_OTHER] = "other",
    };
    return names[group];
}

enum metric wait_kind_metric(uint32_t kind)
{
    switch (wait_kind_group(kind)) {
    case WAIT_GROUP_LOCK:
        return METRIC_LOCK_WAIT;
    case WAIT_GROUP_IO:
        return METRIC_IO_WAIT;
    default:
        return METRIC_COUNT;
    }
}
