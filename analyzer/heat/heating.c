/*
 * The loop of `profinject heat`. Its own file as the only one that knows sensor, controller and
 * workers.
 *
 * Ten times a second: look at the sensor, decide, tell the workers. Whatever goes wrong ends in one
 * place, finish(), where the load goes off before anything is said about it.
 */
#include "analyzer/heat/heating.h"
#include "analyzer/heat/controller.h"
#include "analyzer/heat/crew.h"
#include "analyzer/heat/guard.h"
#include "analyzer/heat/heat_view.h"
#include "analyzer/heat/ladder.h"
#include "analyzer/heat/matrix.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TICK_S 0.1
#define ROOM_S 1.0
#define FIXED_STEP 1 /* of the ladder: 500 */

struct heating {
    const struct heat_options *options;
    struct guard guard;
    struct controller controller;
    struct crew crew;
    struct ladder ladder;
    struct heat_view view;
    unsigned step, workers; /* what is ordered */
    double duty;
    double began, now, room_at;
    bool asked; /* to end */
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

/* The hardware's own critical temperature counts where it is the lower one. */
static void prepare_controller(struct heating *h, unsigned most, unsigned processors)
{
    struct controller_limits limits = {
        .target = h->options->target,
        .max = h->options->max,
        .critical = h->options->critical,
        .sizes = h->ladder.count,
        .workers_base = most < processors ? most : processors,
        .workers_most = most,
    };

    if (h->guard.present)
        limits.critical = fmin(limits.critical, sensors_critical(&h->guard.sensors));
    controller_init(&h->controller, &limits);
}

static int prepare(struct heating *h, struct problem *problem)
{
    const struct heat_options *options = h->options;
    int status = crew_init(&h->crew, problem);

    if (status != 0)
        return status;
    unsigned processors = h->crew.processor_most;
    unsigned most = is_closed_loop(h) ? 2 * processors : processors;
    most = options->workers > 0 ? options->workers : most;
    most = most < WORKERS_MOST ? most : WORKERS_MOST;
    status = ladder_init(&h->ladder, options->size, options->memory, &most, problem);
    if (status != 0)
        return status;
    prepare_controller(h, most, processors);
    h->crew.page->period_ns = options->period_ms * 1000000ULL;
    h->crew.page->split = options->split;
    h->crew.page->contend = options->contend;
    h->crew.page->counted = options->products > 0;
    atomic_store_explicit(&h->crew.page->tickets, options->products, memory_order_relaxed);
    return heat_view_init(&h->view, options, problem);
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

/* The part of the whole that is ordered now. */
static double load(const struct heating *h)
{
    return h->duty * fmin(1, (double)h->workers / h->controller.limits.workers_base);
}

static enum heat_exit follow_sensor(struct heating *h, struct problem *problem)
{
    if (!h->guard.present)
        return HEAT_DONE;
    if (!guard_look(&h->guard, load(h), h->now))
        return lost(h, problem);
    if (h->guard.check.doubt != SENSOR_SOUND)
        return HEAT_DONE;
    heat_view_note(&h->view, h->guard.reading.celsius, h->now - h->began);
    controller_step(&h->controller, h->guard.reading.celsius, h->now,
                    guard_is_resting(&h->guard) || !is_closed_loop(h));
    return h->controller.action == HEAT_STOP ? critical(h, problem) : HEAT_DONE;
}

static void order(struct heating *h)
{
    const struct controller *controller = &h->controller;
    bool closed = is_closed_loop(h);

    h->workers = closed ? controller->workers : controller->limits.workers_most;
    h->duty = closed ? controller->duty : h->options->duty;
    if (h->guard.present && guard_is_resting(&h->guard))
        h->duty = 0;
    h->step = ladder_fitting(&h->ladder, closed ? controller->size : FIXED_STEP, h->workers);
    atomic_store_explicit(&h->crew.page->size, h->ladder.sizes[h->step], memory_order_relaxed);
    atomic_store_explicit(&h->crew.page->duty, (uint32_t)(h->duty * WORKER_WHOLE),
                          memory_order_relaxed);
}

static const char *action(const struct heating *h)
{
    if (atomic_load_explicit(&h->crew.page->stop, memory_order_relaxed) != 0)
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
    struct heat_state state = {
        .seconds = h->now - h->began,
        .celsius = h->guard.present ? h->guard.reading.celsius : NAN,
        .target = is_closed_loop(h) ? h->options->target : NAN,
        .action = action(h),
        .size = h->ladder.sizes[h->step],
        .workers = crew_living(&h->crew),
        .duty = h->duty,
        .memory_percent = room_used_percent(&h->ladder.room),
    };

    return heat_view_show(&h->view, &state, &sums, problem);
}

static enum heat_exit tick(struct heating *h, struct problem *problem)
{
    enum heat_exit exit = follow_sensor(h, problem);

    if (exit != HEAT_DONE)
        return exit;
    if (h->now - h->room_at >= ROOM_S) {
        h->room_at = h->now;
        ladder_look(&h->ladder, h->step, h->workers);
    }
    order(h);
    crew_beat(&h->crew);
    if (crew_keep(&h->crew, h->workers, h->now, problem) != 0)
        return HEAT_FAILED;
    bool due = h->now - h->began - h->view.shown_at >= h->options->interval;
    return due && show(h, problem) != 0 ? HEAT_FAILED : HEAT_DONE;
}

/* Waits for the next tick; true when somebody asked for the end. */
static bool asked_to_end(const struct heating *h, const sigset_t *signals)
{
    double left = h->now + TICK_S - clock_s();

    while (left > 0) {
        struct timespec timeout = {0, (long)(fmin(left, TICK_S) * 1e9)};
        int got = sigtimedwait(signals, NULL, &timeout);
        if (got > 0 && got != SIGCHLD)
            return true;
        left = h->now + TICK_S - clock_s();
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

static enum heat_exit loop(struct heating *h, const sigset_t *signals, struct problem *problem)
{
    enum heat_exit exit;

    h->began = h->now = h->room_at = clock_s();
    do {
        exit = tick(h, problem);
        if (exit == HEAT_DONE)
            h->asked = asked_to_end(h, signals);
        h->now = clock_s();
    } while (exit == HEAT_DONE && !h->asked && !is_over(h));
    return exit;
}

/* Whether there was a load at all, and what it computed is right. */
static int judge_work(const struct heating *h, struct problem *problem)
{
    struct crew_sums sums = crew_sum(&h->crew);
    unsigned size = h->ladder.sizes[h->step];

    if (sums.operations == 0 && sums.no_memory > 0)
        return problem_set(problem, PROBLEM_SYSTEM,
                           "no load: no worker found memory for matrices of %u x %u: choose a "
                           "smaller --size",
                           size, size);
    if (sums.wrong > 0)
        return problem_set(problem, PROBLEM_DATA,
                           "%u products were wrong: the processor or the memory is", sums.wrong);
    return 0;
}

/* The load goes off here, whatever came before; then there is time for words. */
static enum heat_exit finish(struct heating *h, enum heat_exit exit, struct problem *problem)
{
    struct problem other = {0};

    crew_stop(&h->crew);
    h->now = clock_s();
    h->duty = 0;
    int status = exit != HEAT_FAILED ? show(h, &other) : 0;
    int closed = heat_view_end(&h->view, h->asked ? "ended" : "off", h->now - h->began, &h->crew,
                               status == 0 ? &other : &(struct problem){0});
    if (exit == HEAT_DONE && (status != 0 || closed != 0)) {
        *problem = other;
        exit = HEAT_FAILED;
    }
    return exit == HEAT_DONE && judge_work(h, problem) != 0 ? HEAT_FAILED : exit;
}

enum heat_exit heating_run(const struct heat_options *options, struct problem *problem)
{
    struct heating h = {.options = options};
    sigset_t signals, before;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGCHLD);
    sigprocmask(SIG_BLOCK, &signals, &before);
    enum heat_exit exit = find_sensor(&h, problem);
    if (exit == HEAT_DONE && prepare(&h, problem) != 0)
        exit = HEAT_FAILED;
    else if (exit == HEAT_DONE)
        exit = finish(&h, loop(&h, &signals, problem), problem);
    crew_release(&h.crew);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return exit;
}
