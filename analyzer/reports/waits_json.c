/* The machine form of waits. Its own file as one member of the document. */
#include "analyzer/reports/waits_json.h"

#include "analyzer/model/convoys.h"
#include "analyzer/model/io_table.h"
#include "analyzer/model/lock_order.h"
#include "analyzer/model/time_shares.h"
#include "analyzer/model/wait_rows.h"
#include "analyzer/model/wait_text.h"
#include "analyzer/model/wake_chains.h"
#include "analyzer/reports/facts_json.h"
#include "analyzer/reports/waits_json_threads.h"
#include "analyzer/reports/why.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define STACKS 20u  /* of one lock */
#define LOCKS 500u  /* that are told of; each goes through all waits again */
#define SAMPLED 50u /* for which samples of holders are looked up */

static void put_text(struct json *json, const char *key, char *text)
{
    json_string(json, key, text);
    free(text);
}

static void put_seconds(struct json *json, const char *key, uint64_t time_ns)
{
    json_double(json, key, (double)time_ns / 1e9);
}

static void put_sums(struct json *json, const struct wait_sums *sums)
{
    json_uint(json, "count", sums->count);
    json_uint(json, "not_over", sums->open);
    put_seconds(json, "seconds", sums->blocked_ns);
    put_seconds(json, "total_seconds", sums->total_ns);
    put_seconds(json, "runnable_seconds", sums->runnable_ns);
    put_seconds(json, "longest_seconds", sums->longest_ns);
}

static void put_object(struct json *json, const struct profile *profile, uint32_t number)
{
    const struct profile_object *object =
        number != WAIT_OBJECT_NONE ? &profile->objects[number] : NULL;
    char address[24] = "";

    if (object != NULL && object->has_address)
        snprintf(address, sizeof(address), "0x%" PRIx64, object->address);
    json_string(json, "address", *address != '\0' ? address : NULL);
    json_string(json, "name", object != NULL ? object->name : NULL);
}

static void write_kinds(struct json *json, const struct profile *profile)
{
    struct wait_rows rows;

    wait_rows_init(&rows, profile, WAIT_BY_KIND, NULL, NULL);
    json_array_begin(json, "kinds");
    for (size_t i = 0; i < rows.count; i++) {
        json_object_begin(json, NULL);
        json_string(json, "kind", wait_kind_name(rows.rows[i].one->kind));
        json_string(json, "group", wait_group_name(wait_kind_group(rows.rows[i].one->kind)));
        put_sums(json, &rows.rows[i].sums);
        json_object_end(json);
    }
    json_array_end(json);
    wait_rows_release(&rows);
}

static void write_holders(struct json *json, const struct profile *profile,
                          const struct profile_wait *lock, bool sampled)
{
    struct wait_rows rows;
    double share;

    wait_rows_init(&rows, profile, WAIT_BY_PEER, wait_is_alike, lock);
    json_array_begin(json, "holders");
    for (size_t i = 0; i < rows.count; i++) {
        const struct profile_wait *one = rows.rows[i].one;
        bool is_known = one->peer_thread != WAIT_THREAD_NONE;
        if (one->peer == 0)
            continue;
        json_object_begin(json, NULL);
        json_string(json, "thread", is_known ? profile->threads[one->peer_thread].name : NULL);
        json_int(json, "tid", one->peer);
        put_seconds(json, "seconds", rows.rows[i].sums.blocked_ns);
        json_uint(json, "waits", rows.rows[i].sums.count + rows.rows[i].sums.open);
        json_string(json, "nearest_sample",
                    is_known && sampled
                        ? wait_text_holder(profile, lock->object, one->peer_thread, &share)
                        : NULL);
        json_object_end(json);
    }
    json_array_end(json);
    wait_rows_release(&rows);
}

static void write_stacks(struct json *json, const struct profile *profile,
                         const struct profile_wait *lock)
{
    struct wait_rows rows;

    wait_rows_init(&rows, profile, WAIT_BY_STACK, wait_is_alike, lock);
    json_array_begin(json, "stacks");
    for (size_t i = 0; i < rows.count && i < STACKS; i++) {
        json_object_begin(json, NULL);
        put_sums(json, &rows.rows[i].sums);
        facts_json_stack(json, "frames", profile, rows.rows[i].one->stack);
        json_object_end(json);
    }
    json_array_end(json);
    wait_rows_release(&rows);
}

static void write_locks(struct json *json, const struct profile *profile, size_t top)
{
    const enum wait_group locks = WAIT_GROUP_LOCK;
    struct wait_rows rows;

    wait_rows_init(&rows, profile, WAIT_BY_OBJECT | WAIT_BY_KIND, wait_is_of_group, &locks);
    json_uint(json, "lock_count", rows.count);
    json_array_begin(json, "locks");
    for (size_t i = 0; i < rows.count && i < top && i < LOCKS; i++) {
        const struct wait_row *row = &rows.rows[i];
        json_object_begin(json, NULL);
        put_object(json, profile, row->one->object);
        json_string(json, "kind", wait_kind_name(row->one->kind));
        json_uint(json, "waits", row->sums.count + row->sums.open);
        put_sums(json, &row->sums);
        write_holders(json, profile, row->one, i < SAMPLED);
        write_stacks(json, profile, row->one);
        json_object_end(json);
    }
    json_array_end(json);
    wait_rows_release(&rows);
}

static void write_wakers(struct json *json, const struct profile *profile, size_t top)
{
    struct wait_rows rows;

    wait_rows_init(&rows, profile, WAIT_BY_THREAD | WAIT_BY_PEER | WAIT_BY_KIND | WAIT_BY_OBJECT,
                   wait_is_woken, NULL);
    json_array_begin(json, "wakers");
    for (size_t i = 0; i < rows.count && i < top; i++) {
        const struct profile_wait *one = rows.rows[i].one;
        json_object_begin(json, NULL);
        put_text(json, "waiter", wait_text_thread(profile, one->thread, 0));
        json_int(json, "waiter_tid", profile->threads[one->thread].tid);
        put_text(json, "waker", wait_text_peer(profile, one));
        json_int(json, "waker_tid", one->peer);
        json_string(json, "kind", wait_kind_name(one->kind));
        put_text(json, "object",
                 one->object != WAIT_OBJECT_NONE ? wait_text_object(profile, one->object) : NULL);
        put_sums(json, &rows.rows[i].sums);
        json_object_end(json);
    }
    json_array_end(json);
    wait_rows_release(&rows);
}

static void write_chains(struct json *json, const struct profile *profile, size_t top)
{
    struct wake_chains chains;

    wake_chains_init(&chains, profile);
    json_array_begin(json, "wake_chains");
    for (size_t i = 0; i < chains.count && i < top; i++) {
        const struct wake_chain *chain = &chains.items[i];
        json_object_begin(json, NULL);
        json_uint(json, "count", chain->times);
        put_seconds(json, "seconds", chain->waited_ns);
        json_array_begin(json, "threads");
        for (uint32_t t = 0; t < chain->count; t++)
            put_text(json, NULL, wait_text_thread(profile, chain->threads[t], 0));
        json_array_end(json);
        json_object_end(json);
    }
    json_array_end(json);
    wake_chains_release(&chains);
}

static void put_io(struct json *json, const char *key, const struct object_io *io)
{
    json_object_begin(json, key);
    json_uint(json, "calls", io->calls);
    json_uint(json, "bytes", io->bytes);
    json_uint(json, "small_calls", io->small);
    json_uint(json, "onward_calls", io->onward);
    json_object_end(json);
}

static const char *object_kind(enum trace_object kind)
{
    static const char *const names[] = {[TRACE_OBJECT_FILE] = "file",
                                        [TRACE_OBJECT_PIPE] = "pipe",
                                        [TRACE_OBJECT_SOCKET] = "socket",
                                        [TRACE_OBJECT_TERMINAL] = "terminal"};

    return (size_t)kind < sizeof(names) / sizeof(*names) && names[kind] != NULL ? names[kind]
                                                                                : "other";
}

static void write_io(struct json *json, const struct profile *profile, size_t top)
{
    struct io_table table;

    io_table_init(&table, profile);
    json_array_begin(json, "io");
    for (size_t i = 0; i < table.count && i < top; i++) {
        const struct profile_object *object = &profile->objects[table.rows[i].object];
        json_object_begin(json, NULL);
        json_string(json, "name", object->name);
        json_string(json, "kind", object_kind(object->kind));
        json_int(json, "process", profile->processes[object->process].pid);
        put_seconds(json, "seconds", table.rows[i].blocked_ns);
        json_uint(json, "waits", table.rows[i].waits);
        put_io(json, "reads", &object->reads);
        put_io(json, "writes", &object->writes);
        json_object_end(json);
    }
    json_array_end(json);
    io_table_release(&table);
}

static void write_convoys(struct json *json, const struct profile *profile)
{
    struct convoys convoys;

    convoys_init(&convoys, profile);
    json_array_begin(json, "convoys");
    for (size_t i = 0; i < convoys.count; i++) {
        const struct convoy *convoy = &convoys.items[i];
        json_object_begin(json, NULL);
        put_object(json, profile, convoy->object);
        json_uint(json, "threads", convoy->threads);
        json_double(json, "mean_waiting", convoy->mean);
        json_uint(json, "most_waiting", convoy->most);
        json_uint(json, "times", convoy->times);
        put_seconds(json, "queued_seconds", convoy->queued_ns);
        put_seconds(json, "seconds", convoy->blocked_ns);
        json_object_end(json);
    }
    json_array_end(json);
    convoys_release(&convoys);
}

static void write_edge(struct json *json, const struct profile *profile,
                       const struct lock_edge *edge)
{
    json_object_begin(json, NULL);
    put_text(json, "held", wait_text_object(profile, edge->held));
    put_text(json, "asked", wait_text_object(profile, edge->asked));
    json_int(json, "tid", profile->threads[edge->holder->thread].tid);
    facts_json_stack(json, "frames", profile, edge->holder->stack);
    json_int(json, "other_tid", profile->threads[edge->waiter->thread].tid);
    facts_json_stack(json, "other_frames", profile, edge->waiter->stack);
    json_object_end(json);
}

static void write_cycles(struct json *json, const struct profile *profile)
{
    struct lock_order order;

    lock_order_init(&order, profile);
    json_array_begin(json, "cycles");
    for (size_t i = 0; i < order.cycle_count; i++) {
        const struct lock_cycle *cycle = &order.cycles[i];
        json_object_begin(json, NULL);
        json_bool(json, "deadlock", cycle->deadlock);
        json_array_begin(json, "edges");
        for (size_t e = 0; e < cycle->count; e++)
            write_edge(json, profile, cycle->edges[e]);
        json_array_end(json);
        json_object_end(json);
    }
    json_array_end(json);
    lock_order_release(&order);
}

static void write_verdict(struct json *json, const struct profile *profile,
                          const struct judgement *judgement)
{
    struct time_shares shares;

    time_shares_init(&shares, profile);
    put_text(json, "why", why_judged(profile, &shares, judgement));
    json_uint(json, "idle_threads", shares.idle_threads);
    json_object_begin(json, "share_seconds");
    json_double(json, "on_cpu", shares.on / 1e9);
    json_double(json, "runnable", shares.runnable / 1e9);
    for (int i = 0; i < WAIT_GROUPS; i++)
        json_double(json, wait_group_name((enum wait_group)i), shares.group[i] / 1e9);
    json_object_end(json);
    time_shares_release(&shares);
}

void waits_json(struct json *json, const struct text_report *report)
{
    const struct profile *profile = report->profile;

    if (!profile_has_metric(profile, METRIC_WALL)) {
        json_null(json, "waits");
        return;
    }
    json_object_begin(json, "waits");
    write_verdict(json, profile, report->options->judgement);
    write_kinds(json, profile);
    write_locks(json, profile, report->top);
    write_wakers(json, profile, report->top);
    write_chains(json, profile, report->top);
    write_io(json, profile, report->top);
    waits_json_threads(json, profile);
    write_cycles(json, profile);
    write_convoys(json, profile);
    json_object_end(json);
}
