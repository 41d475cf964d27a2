/* Cases of kernels: what the programs of these tests read, on this machine and on a Cortex-M55.
 *
 * A file "in" holds cases of little-endian words: bytes of the arena, number of ranges, words of
 * the script, parameters and calls in it; each range as (start, end, rights, role); the script;
 * then the arena's bytes. In the script are parameters as (number of the function, offset, count,
 * numbers) and calls as (number of the function, count, words).
 * A file "out" gets for each case a count of ticks and the arena as it is afterwards.
 */
#ifndef CASES_H
#define CASES_H

#include <stdint.h>

#define MOST_ARENA (16u << 20)
#define MOST_SCRIPT (1u << 20) /* words */
#define MOST_RANGES 4096u

typedef struct {
  uint32_t arena_bytes, ranges, script_words, fills, calls;
} fw_case_head;

typedef struct {
  uint32_t start, end, rights, role;
} fw_case_range;

extern void (*const calls[])(uint8_t* arena, const uint32_t* arguments);
extern void (*const fills[])(void* to, const uint32_t* numbers);

/* Rows of a fed input come into scratch memory. */
void fw_feed_rows(const int8_t* from, int8_t* to, int32_t bytes);

/* What a platform gives: memory, files, and what happens right before and after the calls. */
extern uint8_t* const case_arena;
int case_take(void* to, uint32_t bytes); /* 0 at the end of the file */
void case_give(const void* from, uint32_t bytes);
void case_begin(const fw_case_head* head, const fw_case_range* ranges);
uint32_t case_end(void);
_Noreturn void case_quit(uint32_t code);

int case_next(void); /* 0 when there are no more */

#endif
