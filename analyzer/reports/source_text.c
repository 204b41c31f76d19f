/*
 * Source files on this machine. Its own file because it alone looks at the file system.
 */
#include "analyzer/reports/source_text.h"

#include "analyzer/util/memory.h"
#include "analyzer/util/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TAB_WIDTH 8
#define CUT "…"

static bool read_whole(int fd, char *content, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t one = read(fd, content + done, size - done);
        if (one < 0 && errno == EINTR)
            continue;
        if (one <= 0)
            return false;
        done += (size_t)one;
    }
    return true;
}

static void split_lines(struct source_text *text, size_t size)
{
    size_t capacity = 0;

    for (size_t at = 0; at < size;) {
        text->starts =
            memory_grow(text->starts, text->line_count, &capacity, sizeof(*text->starts));
        text->starts[text->line_count++] = at;
        char *end = memchr(text->content + at, '\n', size - at);
        if (end == NULL)
            return;
        *end = '\0';
        at = (size_t)(end - text->content) + 1;
    }
}

/* Takes the file at `path` (its own from then on), if that is one to be read. */
static bool take(struct source_text *text, char *path, uint64_t recorded_realtime_ns)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    bool is_read = fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
                   status.st_size <= (off_t)SOURCE_TEXT_MOST;

    if (is_read) {
        text->content = memory_alloc((size_t)status.st_size + 1);
        is_read = read_whole(fd, text->content, (size_t)status.st_size);
    }
    if (fd >= 0)
        close(fd);
    if (!is_read) {
        free(text->content);
        text->content = NULL;
        free(path);
        return false;
    }
    uint64_t changed_ns =
        (uint64_t)status.st_mtim.tv_sec * 1000000000u + (uint64_t)status.st_mtim.tv_nsec;
    text->is_newer = recorded_realtime_ns != 0 && changed_ns > recorded_realtime_ns;
    text->path = path;
    split_lines(text, (size_t)status.st_size);
    return true;
}

/* Below a directory: the whole path, then without its first part, and so on. */
static bool take_below(struct source_text *text, const char *directory, const char *file,
                       uint64_t recorded_realtime_ns)
{
    for (const char *part = file; part != NULL; part = strchr(part, '/')) {
        part += strspn(part, "/");
        if (*part != '\0' &&
            take(text, memory_printf("%s/%s", directory, part), recorded_realtime_ns))
            return true;
    }
    return false;
}

void source_text_init(struct source_text *text, const char *file, const char *directory,
                      uint64_t recorded_realtime_ns)
{
    char here[PATH_MAX];

    *text = (struct source_text){.path = NULL};
    if (directory != NULL && take_below(text, directory, file, recorded_realtime_ns))
        return;
    if (take(text, memory_strdup(file), recorded_realtime_ns))
        return;
    if (take_below(text, ".", file, recorded_realtime_ns))
        return;
    bool is_known = getcwd(here, sizeof(here)) != NULL;
    text->looked = directory != NULL ? memory_printf("there, below '%s' and below '%s'", directory,
                                                     is_known ? here : ".")
                                     : memory_printf("there and below '%s'", is_known ? here : ".");
}

void source_text_release(struct source_text *text)
{
    free(text->path);
    free(text->looked);
    free(text->content);
    free(text->starts);
}

/* What `width` columns and one more hold of `line` at most, with blanks up to the next column that a
 * tab ends at: a line may be a whole file. */
static char *without_tabs(const char *line, size_t width)
{
    size_t length = strnlen(line, UTF8_MAX * (width + 1));
    char *wide = memory_alloc(TAB_WIDTH * length + 1);
    size_t column = 0, size = 0;

    for (const char *end = line + length; line < end && *line != '\r'; line++) {
        bool continues = ((unsigned char)*line & 0xc0) == 0x80;
        if (*line == '\t') {
            do
                wide[size++] = ' ';
            while (++column % TAB_WIDTH != 0);
            continue;
        }
        wide[size++] = *line;
        column += continues ? 0 : 1;
    }
    wide[size] = '\0';
    return wide;
}

static char *line_from(const struct source_text *text, uint32_t number, size_t width,
                       const char *blanks)
{
    if (number == 0 || number > text->line_count)
        return NULL;
    const char *line = text->content + text->starts[number - 1];
    char *wide = without_tabs(line + strspn(line, blanks), width);
    char *clean = utf8_clean(wide);

    free(wide);
    if (utf8_length(clean) <= width)
        return clean;
    char *cut =
        memory_printf("%.*s%s", (int)utf8_prefix(clean, width > 0 ? width - 1 : 0), clean, CUT);
    free(clean);
    return cut;
}

char *source_text_line(const struct source_text *text, uint32_t number, size_t width)
{
    return line_from(text, number, width, "");
}

char *source_text_stripped(const struct source_text *text, uint32_t number, size_t width)
{
    return line_from(text, number, width, " \t");
}
