/*
 * Colours of a flame graph's functions, 0xRRGGBB, all light enough for dark text. No state.
 */
#ifndef PROFINJECT_REPORTS_FLAME_COLORS_H
#define PROFINJECT_REPORTS_FLAME_COLORS_H

#include "analyzer/reports/flame_layout.h"
#include "analyzer/reports/language.h"

/* Flame colours: the hue tells modules apart, the brightness functions; the more of a frame's
 * time is off the processor, the nearer it is to the colour of that (.off in the style sheet). */
int flame_color_of_module(const struct label *label, const struct flame_box *box);

/* A colour for each language, the brightness tells functions apart; of the kernel's frames and
 * of marks FLAME_BY_STYLE. */
int flame_color_of_language(const struct label *label);

/* What the legend shows for it. */
int flame_color_of(enum language language);

#endif
