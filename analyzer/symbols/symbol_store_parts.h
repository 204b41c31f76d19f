/*
 * What a symbol store holds, for the two files that work on it: symbol_store.c asks and adds,
 * symbol_store_format.c writes and reads.
 */
#ifndef PROFINJECT_SYMBOLS_SYMBOL_STORE_PARTS_H
#define PROFINJECT_SYMBOLS_SYMBOL_STORE_PARTS_H

#include "analyzer/symbols/symbol_store.h"

#define STORE_NO_TEXT UINT32_MAX

/* A chain is not this long in any file that a compiler made. */
#define STORE_FRAMES_MAX (1u << 16)

/* Bytes of all texts of a store: offsets are 32 bits wide. */
#define STORE_TEXT_MAX (1u << 30)

/* An address of code; its frames lie side by side. */
struct store_place {
    uint64_t address;
    uint64_t function_start;
    size_t first_frame;
    uint32_t frame_count;
};

/* Texts are offsets in `text`, or STORE_NO_TEXT. */
struct store_frame {
    uint32_t function, file;
    uint32_t line, decl_line;
    uint32_t inlined;
};

struct store_data {
    uint64_t address;
    uint32_t name;
    uint32_t inside;
};

struct symbol_store {
    uint8_t build_id[ELF_BUILD_ID_MAX];
    size_t build_id_size;
    char *key, *message;
    struct store_place *places; /* the first `sorted` by address, each address once */
    size_t place_count, place_capacity, sorted;
    struct store_frame *frames;
    size_t frame_count, frame_capacity;
    struct store_data *data; /* the same */
    size_t data_count, data_capacity, data_sorted;
    char *text; /* texts with their NULs */
    size_t text_size, text_capacity;
    struct file_witnesses witnesses;
    struct strings *strings;      /* made when something is added: */
    struct key_table *text_index; /* interned text -> number of it */
    uint32_t *text_offsets;       /* by number */
    size_t offset_count, offset_capacity;
};

/* Where `text` lies in the store's texts, put there if need be. */
uint32_t symbol_store_text(struct symbol_store *store, const char *text);

/* Brings places and data in order. */
void symbol_store_sort(struct symbol_store *store);

#endif
