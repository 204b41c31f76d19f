/*
 * Folded stacks: `root;...;leaf VALUE` lines for flamegraph.pl and its kin. Its
 * own file as one output format.
 *
 * Lines are sorted by bytes, whole. Siblings are sorted by what their lines
 * continue with after the common prefix: "name;" where there are frames below,
 * "name VALUE" for the line that ends there. No such text is a prefix of another
 * that sorts before it, so a walk in this order writes sorted lines without ever
 * holding them all.
 */
#include "analyzer/reports/folded_lines.h"
#include "analyzer/reports/report.h"
#include "analyzer/reports/roots.h"
#include "analyzer/util/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What an entry with an empty stack is called: a line needs a frame. */
#define NO_STACK "[no stack]"

struct item {
    const char *name;
    size_t name_size;
    uint32_t parent, node;
    bool ends;       /* the line ends here; otherwise there are frames below */
    char suffix[48]; /* " VALUE", " BEFORE AFTER" or ";" */
};

struct writer {
    FILE *out;
    const struct call_tree *tree;
    const struct call_tree *before; /* NULL: one value a line */
    struct item *items;             /* sorted by parent, then by text */
    size_t count, capacity;
    size_t *first; /* of each node's children in items */
};

/* Name and suffix as if they were one string, 0 at its end. */
static unsigned char byte_at(const struct item *item, size_t index)
{
    const char *part = index < item->name_size ? item->name : item->suffix;

    return (unsigned char)part[index < item->name_size ? index : index - item->name_size];
}

static int compare_text(const struct item *a, const struct item *b)
{
    size_t i = 0;

    while (byte_at(a, i) == byte_at(b, i) && byte_at(a, i) != 0)
        i++;
    return byte_at(a, i) - byte_at(b, i);
}

static int compare_items(const void *a, const void *b)
{
    const struct item *left = a, *right = b;

    if (left->parent != right->parent)
        return left->parent < right->parent ? -1 : 1;
    return compare_text(left, right);
}

static void add_item(struct writer *writer, const struct labels *labels, uint32_t number, bool ends)
{
    const struct call_tree_node *node = &writer->tree->nodes[number];
    struct item item = {.parent = node->parent, .node = number, .ends = ends};

    item.name = number != CALL_TREE_ROOT ? labels->items[node->label].name : NO_STACK;
    item.name_size = strlen(item.name);
    if (ends && writer->before != NULL)
        snprintf(item.suffix, sizeof(item.suffix), " %" PRId64 " %" PRId64,
                 writer->before->nodes[number].self, node->self);
    else if (ends)
        snprintf(item.suffix, sizeof(item.suffix), " %" PRId64, node->self);
    else
        strcpy(item.suffix, ";");
    writer->items = memory_grow(writer->items, writer->count, &writer->capacity, sizeof(item));
    writer->items[writer->count++] = item;
}

static void make_items(struct writer *writer, const struct labels *labels)
{
    const struct call_tree *tree = writer->tree;
    bool *inner = memory_alloc(tree->count);

    for (size_t i = tree->count; i-- > 0;) {
        bool ends = tree->nodes[i].self != 0 ||
                    (writer->before != NULL && writer->before->nodes[i].self != 0);
        if (ends)
            add_item(writer, labels, (uint32_t)i, true);
        if (inner[i] && i != CALL_TREE_ROOT)
            add_item(writer, labels, (uint32_t)i, false);
        if (ends || inner[i])
            inner[tree->nodes[i].parent] = true;
    }
    free(inner);
    if (writer->count > 0)
        qsort(writer->items, writer->count, sizeof(*writer->items), compare_items);
    writer->first = memory_alloc(tree->count * sizeof(*writer->first));
    for (size_t i = writer->count; i-- > 0;)
        writer->first[writer->items[i].parent] = i;
}

/* Walks with two arrays instead of recursion: stacks may be very deep. */
static void write_lines(struct writer *writer)
{
    const struct item *items = writer->items;
    size_t *at = NULL;
    size_t depth = 0, capacity = 0;
    size_t next = 0;
    uint32_t parent = CALL_TREE_ROOT;

    for (;;) {
        if (next < writer->count && items[next].parent == parent && !items[next].ends) {
            at = memory_grow(at, depth, &capacity, sizeof(*at));
            at[depth++] = next;
            parent = items[next].node;
            next = writer->first[parent];
        } else if (next < writer->count && items[next].parent == parent) {
            for (size_t i = 0; i < depth; i++) {
                fputs(items[at[i]].name, writer->out);
                fputc(';', writer->out);
            }
            fprintf(writer->out, "%s%s\n", items[next].name, items[next].suffix);
            next++;
        } else if (depth > 0) {
            next = at[--depth];
            parent = items[next++].parent;
        } else {
            break;
        }
    }
    free(at);
}

void folded_lines_write(const struct call_tree *tree, const struct call_tree *before,
                        const struct labels *labels, FILE *out)
{
    struct writer writer = {.out = out, .tree = tree, .before = before};

    make_items(&writer, labels);
    write_lines(&writer);
    free(writer.items);
    free(writer.first);
}

static int write_folded(const struct profile *profile, const struct report_options *options,
                        FILE *out, struct problem *problem)
{
    struct labels labels;
    struct call_tree tree;
    int code = report_check_metric(profile, options->metric, problem);

    if (code != 0)
        return code;
    labels_init(&labels, profile, LABEL_BY_NAME, report_root(profile, options));
    call_tree_init(&tree, profile, &labels, options->metric, false);
    folded_lines_write(&tree, NULL, &labels, out);
    call_tree_release(&tree);
    labels_release(&labels);
    return 0;
}

const struct report report_folded = {.name = "folded", .write = write_folded};
