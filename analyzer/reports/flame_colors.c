/*
 * Which colour a function has. Its own file because the pictures share it and because
 * what is told apart by colour is a matter of eyes, not of drawing.
 */
#include "analyzer/reports/flame_colors.h"

#include "analyzer/reports/flame_picture.h"

#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

/* Off-CPU, kernel and marks (flamegraph.css) stay clear of these. */
static const int colors[LANGUAGES] = {
    [LANGUAGE_C] = 0xF0A35E,         [LANGUAGE_CXX] = 0x86A9EC,
    [LANGUAGE_RUST] = 0xD9826C,      [LANGUAGE_GO] = 0x74CBE8,
    [LANGUAGE_PYTHON] = 0x8CC474,    [LANGUAGE_JIT] = 0xB394E6,
    [LANGUAGE_ASSEMBLER] = 0xB3A078, [LANGUAGE_OTHER] = 0xE4DFA2,
    [LANGUAGE_NONE] = 0xBFC3C7,      [LANGUAGE_KERNEL] = FLAME_BY_STYLE,
};

static uint32_t hash_text(const char *text)
{
    return text != NULL ? (uint32_t)XXH3_64bits(text, strlen(text)) : 0;
}

/* Colour between `a` and `b`, part/255 of the way. */
static unsigned blend(unsigned a, unsigned b, unsigned part)
{
    return (a * (255 - part) + b * part) / 255;
}

int flame_color_of_module(const struct label *label, const struct flame_box *box)
{
    unsigned off = box->off > 0 ? (unsigned)(255.0 * (double)box->off / (double)box->value) : 0;
    unsigned hue = hash_text(label->module) & 0xFF;
    unsigned light = hash_text(label->name) & 0xFF;
    unsigned red = blend(235, 252, light);
    unsigned green = blend(blend(112, 186, hue), blend(146, 214, hue), light);
    unsigned blue = blend(blend(82, 58, hue), blend(116, 96, hue), light);

    if (label->kind != FRAME_NATIVE)
        return FLAME_BY_STYLE;
    return (int)(blend(red, blend(112, 136, light), off) << 16 |
                 blend(green, blend(186, 202, light), off) << 8 |
                 blend(blue, blend(178, 196, light), off));
}

int flame_color_of(enum language language)
{
    return colors[language];
}

int flame_color_of_language(const struct label *label)
{
    enum language language = language_of(label);
    unsigned light = (hash_text(label->name) & 0xFF) / 4; /* up to a quarter of the way to white */
    unsigned color = (unsigned)colors[language];

    if (language == LANGUAGE_KERNEL || label->kind == FRAME_MARK)
        return FLAME_BY_STYLE;
    return (int)(blend(color >> 16, 255, light) << 16 | blend(color >> 8 & 0xFF, 255, light) << 8 |
                 blend(color & 0xFF, 255, light));
}
