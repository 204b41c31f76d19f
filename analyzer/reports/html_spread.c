/*
 * html_spread.h. Its own file because rows of slices and curves of a document must agree.
 */
#include "analyzer/reports/html_spread.h"

#include "analyzer/util/sum.h"

static uint64_t round_up(uint64_t value, uint64_t step)
{
    return (value + step - 1) / step * step;
}

uint64_t html_spread_width(const struct samples *samples, struct html_axis axis)
{
    uint64_t width = (axis.end_ns - axis.start_ns) / HTML_SLICES + 1, sum = 0, count = 0;

    for (size_t i = 0; i < samples->count; i++)
        if (!samples->items[i].off) {
            sum = sum_unsigned(sum, samples->items[i].length_ns);
            count++;
        }
    if (count > 0 && sum / count > width)
        width = sum / count;
    return round_up(width, HTML_SLICE_LEAST);
}

/* On the axis, up to `most`. */
static uint64_t offset_of(struct html_axis axis, uint64_t time_ns, uint64_t most)
{
    uint64_t offset = time_ns > axis.start_ns ? time_ns - axis.start_ns : 0;

    return offset < most ? offset : most;
}

struct html_spread html_spread_begin(const struct profile_sample *sample, struct html_axis axis,
                                     uint64_t width_ns)
{
    uint64_t length = axis.end_ns - axis.start_ns;
    uint64_t span = sample->span_ns > sample->length_ns ? sample->span_ns : sample->length_ns;
    uint64_t from = sample->time_ns > span ? sample->time_ns - span : 0;
    uint64_t begin = offset_of(axis, from, length - 1);
    uint64_t end = offset_of(axis, sample->time_ns, length);

    return (struct html_spread){
        .width_ns = width_ns,
        .length_ns = sample->length_ns,
        .begin = begin,
        .end = end > begin ? end : begin + 1,
        .at = begin,
        .left = sample->length_ns,
    };
}

bool html_spread_next(struct html_spread *spread, uint32_t *slice, uint64_t *part_ns)
{
    if (spread->left == 0)
        return false;
    uint64_t number = spread->at / spread->width_ns;
    uint64_t border = (number + 1) * spread->width_ns;
    uint64_t part = spread->left;

    if (border < spread->end) {
        double share = (double)(border - spread->at) / (double)(spread->end - spread->begin);
        part = (uint64_t)((double)spread->length_ns * share);
        part = part < spread->left ? part : spread->left;
    }
    *slice = (uint32_t)number;
    *part_ns = part;
    spread->left -= part;
    spread->at = border;
    return true;
}
