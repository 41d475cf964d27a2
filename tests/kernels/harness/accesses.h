/* Loads and stores of a kernel, judged: where it may not, and what it reads after it wrote.
 *
 * Which addresses a kernel touches, and in which order, depends on shapes alone. So what one
 * execution does holds for all data. For an input of x bytes and an output of y, apart from one
 * another, bit w - r + x - 1 of a set is 1 if output byte w was written before input byte r was
 * read: the output must not begin w - r bytes before the input.
 *
 * A record is: bad accesses, offset and kind (1 load, 2 store) of the first, number of inputs, and
 * for each input its number of bits and the set, in words.
 */
#ifndef ACCESSES_H
#define ACCESSES_H

#include <stdint.h>
#include <stdio.h>

#include "cases.h"

void accesses_begin(uint32_t arena_bytes, uint32_t ranges, const fw_case_range* range);
/* `bytes` from an offset of the arena on; any other address is judged by the caller. */
void accesses_note(uint32_t offset, uint32_t bytes, int store);
void accesses_bad(uint32_t address, int store);
void accesses_end(FILE* record);

#endif
