/*
 * browser.h. Its own file because a browser is a program of the user's: it is started as he would
 * start it, and nothing waits for it.
 */
#include "analyzer/commands/browser.h"

#include "analyzer/commands/command.h"
#include "analyzer/util/memory.h"
#include "preload/contract/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Nobody gave this name: what another put there is not followed, nor anything but a page replaced. */
static bool is_ours(const char *directory, const char *path)
{
    struct stat whole, page;

    return stat(directory, &whole) == 0 && whole.st_uid == geteuid() &&
           (lstat(path, &page) == 0 ? S_ISREG(page.st_mode) && page.st_uid == geteuid()
                                    : errno == ENOENT);
}

/* Nobody else may read it, as all in a recording: who writes it keeps its permissions. */
static bool make_page(const char *path, bool *made)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    *made = fd >= 0;
    if (fd >= 0)
        close(fd);
    return fd >= 0 || errno == EEXIST;
}

static char *beside(const char *trace, bool *made)
{
    const char *slash = strrchr(trace, '/');
    char *directory =
        slash != NULL ? strndup(trace, (size_t)(slash - trace) + 1) : memory_strdup("./");
    struct recording recording;
    char *path = NULL;

    if (directory == NULL)
        memory_exhausted();
    if (recording_open(&recording, directory) == 0 && access(directory, W_OK) == 0)
        path = memory_printf("%s" RECORDING_PAGE, directory);
    if (path != NULL && (!is_ours(directory, path) || !make_page(path, made))) {
        free(path);
        path = NULL;
    }
    free(directory);
    return path;
}

char *browser_page_path(const char *trace, bool *made)
{
    static const char suffix[] = ".html";
    const char *temporary = getenv("TMPDIR");
    char *path;

    *made = false;
    path = beside(trace, made);
    if (path != NULL)
        return path;
    *made = true;
    path = memory_printf("%s/profinject.XXXXXX%s",
                         temporary != NULL && *temporary != '\0' ? temporary : "/tmp", suffix);
    int fd = mkostemps(path, (int)strlen(suffix), O_CLOEXEC);
    if (fd >= 0) {
        close(fd);
        return path;
    }
    int error = errno;
    free(path);
    errno = error;
    return NULL;
}

/* --- the command ------------------------------------------------------------------ */

/* In a directory; in none ("") as it is. */
static bool is_in(const char *directory, size_t length, const char *program, size_t size)
{
    char *path = memory_printf("%.*s%s%.*s", (int)length, directory, length > 0 ? "/" : "",
                               (int)size, program);
    bool is_there = access(path, X_OK) == 0;

    free(path);
    return is_there;
}

/* Whether the first word of a command is a program. */
static bool is_program(const char *command)
{
    const char *path = getenv("PATH");

    command += strspn(command, " ");
    size_t size = strcspn(command, " ");
    if (size == 0)
        return false;
    if (memchr(command, '/', size) != NULL)
        return is_in("", 0, command, size);
    for (path = path != NULL ? path : "/usr/bin:/bin"; *path != '\0';) {
        size_t length = strcspn(path, ":");
        if (is_in(path, length, command, size))
            return true;
        path += length + (path[length] == ':' ? 1 : 0);
    }
    return false;
}

#define MARK "%s"
#define FIRST_ARGUMENT "\"$1\""

/* What a shell runs: the page is its first argument, so that no name of a file is read as code.
 * Quotes around a mark, which many a $BROWSER has, would take that name apart. */
static char *shell_line(const char *command, size_t size)
{
    size_t room = size + size / strlen(MARK) * strlen(FIRST_ARGUMENT) + sizeof(" " FIRST_ARGUMENT);
    char *line = memory_alloc(room), *end = line;
    bool any = false;

    for (size_t i = 0; i < size;) {
        bool quoted = (command[i] == '\'' || command[i] == '"') && size - i >= 4 &&
                      strncmp(command + i + 1, MARK, 2) == 0 && command[i + 3] == command[i];
        if (quoted || (size - i >= 2 && strncmp(command + i, MARK, 2) == 0)) {
            end = stpcpy(end, FIRST_ARGUMENT);
            i += quoted ? 4 : 2;
            any = true;
        } else {
            *end++ = command[i++];
        }
    }
    stpcpy(end, any ? "" : " " FIRST_ARGUMENT);
    return line;
}

/* The first that is there; free(). NULL: none. */
static char *find_command(const char *wanted)
{
    while (*wanted != '\0') {
        size_t size = strcspn(wanted, ":");
        char *one = strndup(wanted, size);
        if (one == NULL)
            memory_exhausted();
        char *line = is_program(one) ? shell_line(one, size) : NULL;
        free(one);
        if (line != NULL)
            return line;
        wanted += size + (wanted[size] == ':' ? 1 : 0);
    }
    return NULL;
}

/* NULL when it is empty. */
static const char *value_of(const char *variable)
{
    const char *value = getenv(variable);

    return value != NULL && *value != '\0' ? value : NULL;
}

/* --- the start --------------------------------------------------------------------- */

/* In a grandchild, which init takes over: nobody waits for it, and the terminal's signals do not
 * reach it. */
static void become(const char *line, const char *page)
{
    int nowhere = open("/dev/null", O_RDWR);

    if (setsid() < 0 || fork() != 0)
        _exit(0);
    for (int fd = 0; fd <= STDERR_FILENO; fd++)
        if (dup2(nowhere, fd) < 0)
            _exit(1);
    closefrom(STDERR_FILENO + 1);
    execl("/bin/sh", "sh", "-c", line, "sh", page, (char *)NULL);
    _exit(1);
}

static const char *start(const char *line, const char *page)
{
    int status;
    pid_t child = fork();

    if (child < 0)
        return "no process can be started";
    if (child == 0)
        become(line, page);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return NULL;
}

const char *browser_start(const char *page)
{
    const char *chosen = value_of("BROWSER");
    char *line = find_command(chosen != NULL ? chosen : "xdg-open");
    const char *reason = NULL;

    if (line == NULL)
        reason = chosen != NULL ? "no command of $BROWSER is there"
                                : "neither $BROWSER nor xdg-open is there";
    else if (chosen == NULL && value_of("DISPLAY") == NULL && value_of("WAYLAND_DISPLAY") == NULL)
        reason = "there is no display, and no $BROWSER";
    else
        reason = start(line, page);
    free(line);
    return reason;
}

void browser_show(const char *name, const char *page, bool quiet)
{
    char *full = realpath(page, NULL); /* browsers have ideas of their own about relative ones */
    const char *reason = browser_start(full != NULL ? full : page);
    char *text = reason != NULL ? memory_printf("report in '%s'; not opened: %s", page, reason)
                                : memory_printf("report in '%s'", page);

    if (!quiet)
        command_tell(name, text);
    free(text);
    free(full);
}
