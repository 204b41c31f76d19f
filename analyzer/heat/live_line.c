/*
 * One line for people. Its own file because of what terminals want.
 */
#include "analyzer/heat/live_line.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void live_line_init(struct live_line *line, bool shown)
{
    const char *no_color = getenv("NO_COLOR");

    line->shown = shown;
    line->in_place = isatty(STDOUT_FILENO);
    line->coloured = line->in_place && (no_color == NULL || *no_color == '\0');
}

static void percent(char *text, size_t size, const char *what, double value)
{
    if (isnan(value))
        snprintf(text, size, "%s unknown", what);
    else
        snprintf(text, size, "%s %.0f %%", what, value);
}

void live_line_text(const struct heat_state *state, char *text, size_t size)
{
    char degrees[32], cpu[24], memory[24];
    unsigned seconds = (unsigned)state->seconds;

    if (isnan(state->celsius))
        snprintf(degrees, sizeof(degrees), "no sensor");
    else if (isnan(state->target))
        snprintf(degrees, sizeof(degrees), "%5.1f degC", state->celsius);
    else
        snprintf(degrees, sizeof(degrees), "%5.1f/%g degC", state->celsius, state->target);
    percent(cpu, sizeof(cpu), "CPU", state->cpu_percent);
    percent(memory, sizeof(memory), "mem", state->memory_percent);
    snprintf(text, size, "%3u:%02u %s  %-6s %ux%u at %.0f %%  %s  %s  %.*f GFLOP/s", seconds / 60,
             seconds % 60, degrees, state->action, state->workers, state->size, 100 * state->duty,
             cpu, memory, state->gflops < 100 ? 1 : 0, state->gflops);
}

/* By what the load does: less of it is a warning. */
static const char *colour_of(const char *action)
{
    if (strcmp(action, "reduce") == 0 || strcmp(action, "stop") == 0)
        return "\033[31m";
    return strcmp(action, "shrink") == 0 || strcmp(action, "doubt") == 0 ? "\033[33m" : "";
}

void live_line_show(struct live_line *line, const struct heat_state *state)
{
    char text[160];

    if (!line->shown)
        return;
    live_line_text(state, text, sizeof(text));
    if (!line->in_place)
        puts(text);
    else if (line->coloured)
        printf("\r%s%s\033[0m\033[K", colour_of(state->action), text);
    else
        printf("\r%s\033[K", text);
    fflush(stdout);
}

void live_line_end(struct live_line *line)
{
    if (line->shown && line->in_place)
        putchar('\n');
    line->shown = false;
}
