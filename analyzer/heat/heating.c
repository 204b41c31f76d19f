/*
 * The loop of `profinject heat`. Its own file as the only one that knows sensor, controller and
 * workers.
 *
 * Ten times a second: look at the sensor, decide, tell the workers. Whatever goes wrong ends in one
 * place, finish(), where the load goes off before anything is said about it.
 */
#include "analyzer/heat/heating.h"
#include "analyzer/heat/busy_share.h"
#include "analyzer/heat/controller.h"
#include "analyzer/heat/crew.h"
#include "analyzer/heat/guard.h"
#include "analyzer/heat/heat_log.h"
#include "analyzer/heat/live_line.h"
#include "analyzer/heat/matrix.h"
#include "analyzer/heat/room.h"
#include "analyzer/util/units.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TICK_S 0.1
#define ROOM_S 1.0

static const unsigned ladder[] = {200, 500, 1000, 1500};

struct heating {
    const struct heat_options *options;
    struct guard guard;
    struct controller controller;
    struct crew crew;
    struct heat_log log;
    struct live_line line;
    struct busy_share busy;
    struct room room;
    uint64_t cap; /* bytes for matrices, 0: none */
    unsigned sizes[4], size_count;
    unsigned size, workers; /* what is ordered */
    double duty;
    double began, now, shown_at, room_at;
    struct crew_sums shown;
    double coolest, hottest, late_sum, late_worst; /* temperatures; late: of the second half */
    unsigned late_count, signal;
};

static double clock_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static bool is_closed_loop(const struct heating *h)
{
    return isnan(h->options->duty);
}

/* The largest step of the ladder, up to `size`, that `workers` have room for. */
static unsigned fitting(const struct heating *h, unsigned size, unsigned workers)
{
    while (h->cap > 0 && size > 0 && matrix_bytes(h->sizes[size]) * workers > h->cap)
        size--;
    return size;
}

static int prepare_sizes(struct heating *h, struct problem *problem)
{
    unsigned processors = h->crew.processor_count > 0 ? h->crew.processor_count : 1;
    unsigned most = h->options->workers > 0 ? h->options->workers
                    : is_closed_loop(h)     ? 2 * processors
                                            : processors;

    memcpy(h->sizes, ladder, sizeof(ladder));
    h->size_count = 4;
    if (h->options->size > 0) {
        h->sizes[0] = h->options->size;
        h->size_count = 1;
    }
    h->room = room_look("");
    h->cap = h->options->memory > 0 ? h->options->memory : room_usable(&h->room);
    while (h->cap > 0 && most > 1 && matrix_bytes(h->sizes[0]) * most > h->cap)
        most--;
    if (h->cap > 0 && matrix_bytes(h->sizes[0]) > h->cap)
        return problem_set(
            problem, PROBLEM_SYSTEM,
            "matrices of %u x %u take %s, and no more than %s is to be used: choose a "
            "smaller --size or a larger --memory",
            h->sizes[0], h->sizes[0], units_bytes((int64_t)matrix_bytes(h->sizes[0])).text,
            units_bytes((int64_t)h->cap).text);
    most = most < WORKERS_MOST ? most : WORKERS_MOST;
    struct controller_limits limits = {
        .target = h->options->target,
        .max = h->options->max,
        .critical = h->options->critical,
        .sizes = h->size_count,
        .workers_base = most < processors ? most : processors,
        .workers_most = most,
    };
    double hardware = sensors_critical(&h->guard.sensors);
    if (h->guard.present && hardware > limits.max && hardware < limits.critical)
        limits.critical = hardware;
    controller_init(&h->controller, &limits);
    return 0;
}

/* Fixed duty: what was asked, at once. */
static void order_fixed(struct heating *h)
{
    h->workers = h->controller.limits.workers_most;
    h->size = h->options->size > 0 ? 0 : 1;
    h->duty = h->options->duty;
}

static void order(struct heating *h)
{
    if (is_closed_loop(h)) {
        h->workers = h->controller.workers;
        h->size = h->controller.size;
        h->duty = h->controller.duty;
    } else {
        order_fixed(h);
    }
    if (h->guard.present && guard_is_resting(&h->guard))
        h->duty = 0;
    h->size = fitting(h, h->size, h->workers);
    atomic_store_explicit(&h->crew.page->size, h->sizes[h->size], memory_order_relaxed);
    atomic_store_explicit(&h->crew.page->duty, (uint32_t)(h->duty * WORKER_WHOLE),
                          memory_order_relaxed);
}

/* The part of the whole that is ordered now. */
static double load(const struct heating *h)
{
    return h->duty * fmin(1, (double)h->workers / h->controller.limits.workers_base);
}

static void note_temperature(struct heating *h)
{
    double celsius = h->guard.reading.celsius;

    h->coolest = fmin(h->coolest, celsius);
    h->hottest = fmax(h->hottest, celsius);
    if (h->options->duration <= 0 || h->now - h->began < h->options->duration / 2)
        return;
    h->late_sum += celsius;
    h->late_worst = fmax(h->late_worst, fabs(celsius - h->options->target));
    h->late_count++;
}

static enum heat_exit critical(const struct heating *h, struct problem *problem)
{
    problem_set(problem, PROBLEM_DATA, "load off: %.1f degC, critical is %.1f",
                h->guard.reading.celsius, h->controller.limits.critical);
    return HEAT_CRITICAL;
}

/* A jump to the critical temperature that lasted is one. */
static enum heat_exit lost(const struct heating *h, struct problem *problem)
{
    if (h->guard.fault == SENSOR_JUMPING && h->guard.check.doubt == SENSOR_JUMPING &&
        h->guard.reading.celsius >= h->controller.limits.critical)
        return critical(h, problem);
    guard_explain(&h->guard, "load off", problem);
    return HEAT_SENSOR_LOST;
}

static enum heat_exit follow_sensor(struct heating *h, struct problem *problem)
{
    if (!h->guard.present)
        return HEAT_DONE;
    if (!guard_look(&h->guard, load(h), h->now))
        return lost(h, problem);
    if (h->guard.check.doubt != SENSOR_SOUND)
        return HEAT_DONE;
    note_temperature(h);
    controller_step(&h->controller, h->guard.reading.celsius, h->now,
                    guard_is_resting(&h->guard) || !is_closed_loop(h));
    return h->controller.action == HEAT_STOP ? critical(h, problem) : HEAT_DONE;
}

/* Gives memory back before the machine swaps. */
static void follow_room(struct heating *h)
{
    if (h->now - h->room_at < ROOM_S)
        return;
    h->room_at = h->now;
    h->room = room_look("");
    unsigned size = fitting(h, h->size, h->workers);
    if (room_is_short(&h->room) && h->options->memory == 0 && size > 0)
        h->cap = matrix_bytes(h->sizes[size - 1]) * h->workers;
}

static const char *action(const struct heating *h)
{
    if (h->crew.page->stop)
        return "off";
    if (h->guard.present && sensor_check_is_doubtful(&h->guard.check))
        return "doubt";
    if (h->guard.present && sensor_check_is_probing(&h->guard.check))
        return "probe";
    return is_closed_loop(h) ? heat_action_text(h->controller.action) : "fixed";
}

static int show(struct heating *h, struct problem *problem)
{
    struct crew_sums sums = crew_sum(&h->crew);
    double since = h->now - h->shown_at;
    struct heat_state state = {
        .seconds = h->now - h->began,
        .celsius = h->guard.present ? h->guard.reading.celsius : NAN,
        .target = is_closed_loop(h) ? h->options->target : NAN,
        .action = action(h),
        .size = h->sizes[h->size],
        .workers = crew_living(&h->crew),
        .duty = h->duty,
        .cpu_percent = busy_share_look(&h->busy),
        .memory_percent = room_used_percent(&h->room),
        .gflops = since > 0 ? (double)(sums.operations - h->shown.operations) / since * 1e-9 : 0,
        .products = sums.products,
        .operations = sums.operations,
        .wrong = sums.wrong,
    };

    h->shown_at = h->now;
    h->shown = sums;
    live_line_show(&h->line, &state);
    return heat_log_write(&h->log, &state, problem);
}

/* Waits for the next tick; true when somebody asked for the end. */
static bool asked_to_end(struct heating *h, const sigset_t *signals)
{
    double next = h->now + TICK_S;

    for (double left = next - clock_s(); left > 0; left = next - clock_s()) {
        struct timespec timeout = {0, (long)(left * 1e9)};
        int got = sigtimedwait(signals, NULL, &timeout);
        if (got > 0 && got != SIGCHLD) {
            h->signal = (unsigned)got;
            return true;
        }
    }
    return false;
}

static bool is_over(const struct heating *h)
{
    bool no_tickets = atomic_load_explicit(&h->crew.page->tickets, memory_order_relaxed) <= 0;

    if (h->crew.page->counted && no_tickets && crew_living(&h->crew) == 0)
        return true;
    return h->options->duration > 0 && h->now - h->began >= h->options->duration;
}

static enum heat_exit tick(struct heating *h, struct problem *problem)
{
    enum heat_exit exit = follow_sensor(h, problem);

    if (exit != HEAT_DONE)
        return exit;
    follow_room(h);
    order(h);
    crew_beat(&h->crew);
    if (crew_keep(&h->crew, h->workers, h->now, problem) != 0)
        return HEAT_FAILED;
    if (h->now - h->shown_at >= h->options->interval && show(h, problem) != 0)
        return HEAT_FAILED;
    return HEAT_DONE;
}

static enum heat_exit loop(struct heating *h, const sigset_t *signals, struct problem *problem)
{
    enum heat_exit exit;

    h->began = h->now = h->shown_at = h->room_at = clock_s();
    busy_share_look(&h->busy);
    do {
        exit = tick(h, problem);
        if (exit != HEAT_DONE || asked_to_end(h, signals))
            break;
        h->now = clock_s();
    } while (!is_over(h));
    h->now = clock_s();
    return exit;
}

static void print_summary(const struct heating *h)
{
    struct crew_sums sums = crew_sum(&h->crew);
    double seconds = h->now - h->began;

    printf("%s after %.2f s: %s products, %.1f GFLOP/s (%s)\n", h->signal != 0 ? "ended" : "off",
           seconds, units_exact((int64_t)sums.products).text,
           (double)sums.operations / seconds * 1e-9, matrix_processor());
    printf("%s operations in %.1f s of CPU time\n", units_exact((int64_t)sums.operations).text,
           (double)sums.cpu_ns * 1e-9);
    if (h->guard.present && h->hottest >= h->coolest)
        printf("temperature %.1f to %.1f degC", h->coolest, h->hottest);
    if (h->late_count > 0)
        printf("; second half: mean %.1f", h->late_sum / h->late_count);
    if (h->late_count > 0 && is_closed_loop(h))
        printf(", at most %.1f off target", h->late_worst);
    if (h->guard.present && h->hottest >= h->coolest)
        putchar('\n');
    if (h->crew.died > 0)
        printf("%u worker%s died and %s replaced\n", h->crew.died, h->crew.died > 1 ? "s" : "",
               h->crew.died > 1 ? "were" : "was");
}

/* The load goes off here, whatever came before; then there is time for words. */
static enum heat_exit finish(struct heating *h, enum heat_exit exit, struct problem *problem)
{
    struct problem other = {0};

    crew_stop(&h->crew);
    h->now = clock_s();
    h->duty = 0;
    if (exit != HEAT_FAILED && show(h, &other) != 0 && exit == HEAT_DONE) {
        *problem = other;
        exit = HEAT_FAILED;
    }
    live_line_end(&h->line);
    if (!h->options->quiet)
        print_summary(h);
    uint32_t wrong = crew_sum(&h->crew).wrong;
    if (exit == HEAT_DONE && wrong > 0) {
        problem_set(problem, PROBLEM_DATA, "%u products were wrong: the processor or the memory is",
                    wrong);
        exit = HEAT_FAILED;
    }
    if (heat_log_close(&h->log, &other) != 0 && exit == HEAT_DONE) {
        *problem = other;
        exit = HEAT_FAILED;
    }
    return exit;
}

/* Before any worker there is a sensor, or the wish to do without. */
static enum heat_exit find_sensor(struct heating *h, struct problem *problem)
{
    const struct heat_options *options = h->options;

    if (guard_prove(&h->guard, options->root, options->sensor, options->max_jump, problem) != 0) {
        bool unfound = problem->code == PROBLEM_NOTHING && strcmp(options->sensor, "auto") == 0;
        if (is_closed_loop(h) || !unfound)
            return HEAT_NO_SENSOR;
        fputs("profinject heat: no sensor: the load is fixed, and no temperature is watched\n",
              stderr);
        memset(problem, 0, sizeof(*problem));
    }
    double hardware = h->guard.present ? sensors_critical(&h->guard.sensors) : NAN;
    if (is_closed_loop(h) && hardware <= options->max) {
        problem_set(problem, PROBLEM_DATA,
                    "no load: the processor's own critical temperature is %.1f degC: choose --max "
                    "below it",
                    hardware);
        return HEAT_NO_SENSOR;
    }
    return HEAT_DONE;
}

static int prepare_page(struct heating *h, struct problem *problem)
{
    const struct heat_options *options = h->options;
    int status = crew_init(&h->crew, problem);

    if (status == 0)
        status = prepare_sizes(h, problem);
    if (status != 0)
        return status;
    h->crew.page->period_ns = options->period_ms * 1000000ULL;
    h->crew.page->split = options->split;
    h->crew.page->contend = options->contend;
    h->crew.page->counted = options->products > 0;
    atomic_store_explicit(&h->crew.page->tickets, options->products, memory_order_relaxed);
    return heat_log_init(&h->log, options->log, options->json, problem);
}

enum heat_exit heating_run(const struct heat_options *options, struct problem *problem)
{
    struct heating h = {.options = options, .coolest = INFINITY, .hottest = -INFINITY};
    sigset_t signals, before;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGCHLD);
    sigprocmask(SIG_BLOCK, &signals, &before);
    enum heat_exit exit = find_sensor(&h, problem);
    if (exit == HEAT_DONE && prepare_page(&h, problem) != 0)
        exit = HEAT_FAILED;
    if (exit == HEAT_DONE) {
        live_line_init(&h.line, !options->quiet);
        exit = finish(&h, loop(&h, &signals, problem), problem);
    }
    crew_release(&h.crew);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return exit;
}
