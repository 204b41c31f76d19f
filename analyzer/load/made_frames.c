/* Naming of made code. Its own file because runtimes have ways of their own to write names. */
#include "analyzer/load/made_frames.h"

#include "analyzer/symbols/jit_code.h"
#include "analyzer/util/memory.h"
#include "analyzer/util/units.h"
#include "analyzer/util/utf8.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define WORTH_TELLING 0.05 /* as of missing symbols */

bool made_frames_are_of(const struct code_image *image, const struct code_place *place)
{
    return image->jit != NULL || place->anonymous;
}

/* Where ":NUMBER" begins at the end of text[0, size), 0: nowhere. */
static size_t number_at_end(const char *text, size_t size)
{
    size_t at = size;

    while (at > 0 && isdigit((unsigned char)text[at - 1]))
        at--;
    return at < size && at > 1 && text[at - 1] == ':' ? at - 1 : 0;
}

static bool is_script(const char *name)
{
    static const char *const kinds[] = {"JS:", "LazyCompile:", "Function:", "Script:", "Eval:"};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strncmp(name, kinds[i], strlen(kinds[i])) == 0)
            return true;
    return false;
}

/*
 * V8 writes "JS:*name file:line:column", the place where the function begins. The name keeps it
 * all the same: functions of scripts share names more often than not, and `name` alone would add up
 * what has nothing in common. Python writes "py::name:file", without a line.
 */
static void find_place(const char *name, struct frame *frame, struct strings *strings)
{
    const char *blank = is_script(name) ? strchr(name, ' ') : NULL;
    const char *file = blank != NULL ? blank + 1 : NULL;
    size_t column = file != NULL ? number_at_end(file, strlen(file)) : 0;
    size_t line = column > 0 ? number_at_end(file, column) : 0;
    bool is_python = strncmp(name, "py::", 4) == 0;

    if (line > 0) {
        frame->file = strings_intern_bytes(strings, file, line);
        frame->decl_line = frame->line = (uint32_t)strtoul(file + line + 1, NULL, 10);
    } else if (is_python && strchr(name + 4, ':') != NULL) {
        frame->file = strings_intern(strings, strchr(name + 4, ':') + 1);
    }
}

/* Node 20 writes bytes of no meaning there. */
static bool is_file(const char *file)
{
    const char *at = file;

    if (strpbrk(file, "./") == NULL)
        return false;
    while (*at != '\0') {
        uint32_t code = utf8_next(&at);
        if (code == UTF8_REPLACEMENT || utf8_is_control(code))
            return false;
    }
    return true;
}

struct frame made_frames_name(const struct code_image *image, const struct code_place *place,
                              bool named, struct strings *strings)
{
    struct frame frame = {.function = strings_intern(strings, MADE_FRAMES_ANONYMOUS),
                          .module = image->path,
                          .address = place->address,
                          .kind = FRAME_NATIVE};

    if (image->jit == NULL || !named)
        return frame;
    const char *name = jit_code_name(image->jit, place->owner - 1);
    const struct jit_line *line = jit_code_line(image->jit, place->owner - 1, place->address);
    frame.function = strings_intern(strings, name);
    find_place(name, &frame, strings);
    if (line != NULL && is_file(line->file)) {
        frame.file = line->file;
        frame.line = line->line;
        frame.decl_line = jit_code_first_line(image->jit, place->owner - 1);
    }
    return frame;
}

void made_frames_tell(const struct code_places *code, uint64_t samples, struct profile *profile)
{
    uint64_t unnamed = 0;

    for (size_t i = 0; i < code->place_count; i++)
        if (code->places[i].anonymous)
            unnamed += code->places[i].self_samples;
    if (unnamed == 0 || (double)unnamed < WORTH_TELLING * (double)samples)
        return;
    char *text = memory_printf(
        "no names for %s of all samples, in code made at run time: node needs --perf-basic-prof, "
        "java -XX:+UnlockDiagnosticVMOptions -XX:+DumpPerfMapAtExit, python 3.12 "
        "PYTHONPERFSUPPORT=1, others what has them write /tmp/perf-PID.map or a jitdump",
        units_percent((double)unnamed, (double)samples).text);
    profile_add_message(profile, text);
    free(text);
}
