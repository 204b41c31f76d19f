/*
 * `profinject pause|resume|toggle|snapshot PID`: beside a running program. One file,
 * because the four differ in a word.
 */
#include "analyzer/commands/command.h"
#include "analyzer/record/running.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int parse_pid(const struct command *command, int argc, char **argv, pid_t *pid,
                     struct problem *problem)
{
    char *end;

    if (argc > 1 && strcmp(argv[1], "--") == 0) {
        argv++;
        argc--;
    }
    if (argc != 2)
        return problem_set(problem, PROBLEM_USAGE, "%s: see 'profinject %s --help'",
                           argc < 2 ? "PID is missing" : "one PID only", command->name);
    errno = 0;
    long value = strtol(argv[1], &end, 10);
    if (argv[1][0] < '0' || argv[1][0] > '9' || *end != '\0' || errno != 0 || value < 1 ||
        value > INT32_MAX)
        return problem_set(problem, PROBLEM_USAGE, "PID '%s': allowed: a process number", argv[1]);
    *pid = (pid_t)value;
    return 0;
}

/* Where the trace is, which a process that was given no time yet has not made. */
static int say_trace(const struct running *running, struct problem *problem)
{
    char path[sizeof(running->ring->trace)];

    snprintf(path, sizeof(path), "%s", running->ring->trace);
    if (access(path, F_OK) != 0)
        return problem_errno(problem, "cannot find trace '%s'", path);
    puts(path);
    return 0;
}

static int ask(struct running *running, uint32_t request, struct problem *problem)
{
    int status = running_ask(running, request, problem);

    if (status != 0)
        return status;
    if (request == RING_ASK_FLUSH)
        return say_trace(running, problem);
    bool sampling = __atomic_load_n(&running->ring->sampling, __ATOMIC_ACQUIRE);
    printf("%s (%d): %s\n", running->comm, (int)running->pid, sampling ? "sampling" : "paused");
    return 0;
}

static int control(const struct command *command, uint32_t request, int argc, char **argv)
{
    struct problem problem = {0};
    struct running running;
    pid_t pid = 0;

    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        printf("usage: profinject %s PID\n%s\n", command->name, command->summary);
        return 0;
    }
    int status = parse_pid(command, argc, argv, &pid, &problem);
    if (status == 0)
        status = running_init(&running, pid, &problem);
    if (status == 0) {
        status = ask(&running, request, &problem);
        running_release(&running);
    }
    return status != 0 ? command_failed(command->name, &problem) : 0;
}

static int run_pause(int argc, char **argv)
{
    return control(&command_pause, RING_ASK_PAUSE, argc, argv);
}

static int run_resume(int argc, char **argv)
{
    return control(&command_resume, RING_ASK_RESUME, argc, argv);
}

static int run_toggle(int argc, char **argv)
{
    return control(&command_toggle, RING_ASK_TOGGLE, argc, argv);
}

static int run_snapshot(int argc, char **argv)
{
    return control(&command_snapshot, RING_ASK_FLUSH, argc, argv);
}

const struct command command_pause = {
    .operand = OPERAND_PID,
    .name = "pause",
    .summary = "A profiled process that runs takes no more samples.",
    .run = run_pause,
};

const struct command command_resume = {
    .operand = OPERAND_PID,
    .name = "resume",
    .summary = "It takes samples again, or for the first time.",
    .run = run_resume,
};

const struct command command_toggle = {
    .operand = OPERAND_PID,
    .name = "toggle",
    .summary = "Pauses it when it is sampled, else resumes it.",
    .run = run_toggle,
};

const struct command command_snapshot = {
    .operand = OPERAND_PID,
    .name = "snapshot",
    .summary = "Writes out what it has so far and says where that is.",
    .run = run_snapshot,
};
