/*
 * Everything of a load that is told to people and programs. Its own file so that the loop is about
 * the load.
 */
#include "analyzer/heat/heat_view.h"
#include "analyzer/heat/matrix.h"
#include "analyzer/util/units.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

int heat_view_init(struct heat_view *view, const struct heat_options *options,
                   struct problem *problem)
{
    memset(view, 0, sizeof(*view));
    view->options = options;
    view->coolest = INFINITY;
    view->hottest = -INFINITY;
    live_line_init(&view->line, !options->quiet);
    busy_share_look(&view->busy);
    return heat_log_init(&view->log, options->log, options->json, problem);
}

void heat_view_note(struct heat_view *view, double celsius, double seconds)
{
    view->coolest = fmin(view->coolest, celsius);
    view->hottest = fmax(view->hottest, celsius);
    if (view->options->duration <= 0 || seconds < view->options->duration / 2)
        return;
    view->late_sum += celsius;
    view->late_worst = fmax(view->late_worst, fabs(celsius - view->options->target));
    view->late_count++;
}

int heat_view_show(struct heat_view *view, struct heat_state *state, const struct crew_sums *sums,
                   struct problem *problem)
{
    double since = state->seconds - view->shown_at;

    state->cpu_percent = busy_share_look(&view->busy);
    state->gflops = since > 0 ? (double)(sums->operations - view->shown) / since * 1e-9 : 0;
    state->products = sums->products;
    state->operations = sums->operations;
    state->wrong = sums->wrong;
    view->shown_at = state->seconds;
    view->shown = sums->operations;
    live_line_show(&view->line, state);
    return heat_log_write(&view->log, state, problem);
}

static void print_temperatures(const struct heat_view *view)
{
    if (view->hottest < view->coolest)
        return;
    printf("temperature %.1f to %.1f degC", view->coolest, view->hottest);
    if (view->late_count > 0)
        printf("; second half: mean %.1f", view->late_sum / view->late_count);
    if (view->late_count > 0 && isnan(view->options->duty))
        printf(", at most %.1f off target", view->late_worst);
    putchar('\n');
}

static void print_summary(const struct heat_view *view, const char *word, double seconds,
                          const struct crew *crew)
{
    struct crew_sums sums = crew_sum(crew);

    printf("%s after %.2f s: %s products, %.1f GFLOP/s (%s)\n", word, seconds,
           units_exact((int64_t)sums.products).text, (double)sums.operations / seconds * 1e-9,
           matrix_processor());
    printf("%s operations in %.2f s of CPU time\n", units_exact((int64_t)sums.operations).text,
           (double)sums.cpu_ns * 1e-9);
    print_temperatures(view);
    if (crew->died > 0)
        printf("%u worker%s died and %s replaced\n", crew->died, crew->died > 1 ? "s" : "",
               crew->died > 1 ? "were" : "was");
}

int heat_view_end(struct heat_view *view, const char *word, double seconds, const struct crew *crew,
                  struct problem *problem)
{
    live_line_end(&view->line);
    if (!view->options->quiet)
        print_summary(view, word, seconds, crew);
    return heat_log_close(&view->log, problem);
}
