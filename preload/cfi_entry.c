/*
 * Finding frame description entries. Its own file because two interpreters begin
 * where this ends: cfi.c for every register, rule_rows.c for those that rules need.
 */
#include "preload/cfi_entry.h"

#include <string.h>

#define HDR_TABLE_ENCODING (ENC_DATAREL | ENC_SDATA4) /* sorted pairs of int32 */

/* Looks `pc` up in the sorted table of .eh_frame_hdr: the entry's address, or 0
 * when it is not described. Damaged tables can name any address. */
static uint64_t find_entry(const struct module_tables *tables, uint64_t pc)
{
    const uint8_t *header = tables->eh_frame_hdr;
    if ((uint64_t)header < tables->start || (uint64_t)header + 4 > tables->end)
        return 0;
    struct cursor cursor = {header, (const uint8_t *)tables->end, false};
    uint8_t version = (uint8_t)cursor_fixed_sigsafe(&cursor, 1);
    uint8_t frame_encoding = (uint8_t)cursor_fixed_sigsafe(&cursor, 1);
    uint8_t count_encoding = (uint8_t)cursor_fixed_sigsafe(&cursor, 1);
    uint8_t table_encoding = (uint8_t)cursor_fixed_sigsafe(&cursor, 1);
    if (version != 1 || table_encoding != HDR_TABLE_ENCODING || count_encoding == ENC_OMIT)
        return 0;
    cursor_encoded_sigsafe(&cursor, frame_encoding, (uint64_t)header);
    uint64_t count = cursor_encoded_sigsafe(&cursor, count_encoding, (uint64_t)header);
    if (cursor.overrun || !count || count > (uint64_t)(cursor.end - cursor.at) / 8)
        return 0;

    const uint8_t *table = cursor.at;
    int64_t key = (int64_t)(pc - (uint64_t)header);
    int32_t value;
    uint64_t low = 0, high = count; /* the entry sought is in [low, high) */
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        /* Whichever half it is, its middle is on the way: the table is out of the cache. */
        __builtin_prefetch(table + (low + middle) / 2 * 8);
        __builtin_prefetch(table + (middle + high) / 2 * 8);
        memcpy(&value, table + middle * 8, sizeof value);
        if (value <= key)
            low = middle;
        else
            high = middle;
    }
    memcpy(&value, table + low * 8 + 4, sizeof value);
    return (uint64_t)header + (uint64_t)(int64_t)value;
}

/* Length-delimited block at `address`; an empty cursor when it does not fit. */
static struct cursor open_block(const struct module_tables *tables, uint64_t address)
{
    const uint8_t *at = (const uint8_t *)address;
    struct cursor block = {at, at, true};
    if (address < tables->start || address > tables->end - 4)
        return block;
    block.end = (const uint8_t *)tables->end;
    block.overrun = false;
    uint64_t length = cursor_fixed_sigsafe(&block, 4);
    if (length == 0 || length == 0xffffffff || length > (uint64_t)(block.end - block.at))
        block.overrun = true; /* the 64-bit form is for files over 4 GiB */
    else
        block.end = block.at + length;
    return block;
}

static void read_augmentation(struct cursor *cursor, const char *text, struct cfi_entry *entry)
{
    uint64_t size = cursor_uleb_sigsafe(cursor);
    struct cursor data = *cursor;
    if (size <= (uint64_t)(cursor->end - cursor->at))
        data.end = cursor->at + size;
    for (; *text; text++) {
        if (*text == 'R')
            entry->encoding = (uint8_t)cursor_fixed_sigsafe(&data, 1);
        else if (*text == 'P')
            cursor_encoded_sigsafe(&data, (uint8_t)cursor_fixed_sigsafe(&data, 1), 0);
        else if (*text == 'L')
            cursor_skip_sigsafe(&data, 1);
        else if (*text == 'S')
            entry->signal_frame = true;
    }
    cursor_skip_sigsafe(cursor, size);
}

static bool read_common(const struct module_tables *tables, uint64_t at, struct cfi_entry *entry)
{
    struct cursor cursor = open_block(tables, at);
    cursor_fixed_sigsafe(&cursor, 4); /* CIE id */
    uint8_t version = (uint8_t)cursor_fixed_sigsafe(&cursor, 1);
    const char *augmentation = (const char *)cursor.at;
    if (cursor.overrun)
        return false;
    size_t length = strnlen(augmentation, (size_t)(cursor.end - cursor.at));
    cursor_skip_sigsafe(&cursor, length + 1);
    entry->code_factor = cursor_uleb_sigsafe(&cursor);
    entry->data_factor = cursor_sleb_sigsafe(&cursor);
    if (version == 1)
        cursor_skip_sigsafe(&cursor, 1);
    else
        cursor_uleb_sigsafe(&cursor);
    if (cursor.overrun)
        return false;
    entry->encoding = ENC_ABSPTR;
    entry->has_augmentation = augmentation[0] == 'z';
    if (entry->has_augmentation)
        read_augmentation(&cursor, augmentation + 1, entry);
    entry->initial_code = cursor;
    return !cursor.overrun;
}

static bool read_entry(const struct module_tables *tables, uint64_t at, struct cfi_entry *entry)
{
    memset(entry, 0, sizeof *entry);
    struct cursor cursor = open_block(tables, at);
    uint64_t offset_at = (uint64_t)cursor.at;
    uint64_t offset = cursor_fixed_sigsafe(&cursor, 4);
    if (cursor.overrun || offset == 0 || !read_common(tables, offset_at - offset, entry))
        return false;
    entry->start = cursor_encoded_sigsafe(&cursor, entry->encoding, 0);
    entry->end = entry->start + cursor_encoded_sigsafe(&cursor, entry->encoding & ENC_FORM, 0);
    if (entry->has_augmentation)
        cursor_skip_sigsafe(&cursor, cursor_uleb_sigsafe(&cursor));
    entry->code = cursor;
    return !cursor.overrun;
}

bool cfi_entry_find_sigsafe(const struct module_tables *tables, uint64_t pc,
                            struct cfi_entry *entry)
{
    uint64_t at = tables->eh_frame_hdr ? find_entry(tables, pc) : 0;
    return at && read_entry(tables, at, entry) && pc >= entry->start && pc < entry->end;
}
