/* The smallest arena by trying every offset: slow, obvious, and nothing of the planner in it. */
#include <stdint.h>

enum { MOST = 16, NOT_FIXED = -1, BELOW = 0 };

typedef struct {
  int32_t bytes, first, last, alignment, offset; /* NOT_FIXED where it may be anywhere */
} Buffer;

/* BELOW permits x_input - x_output >= distance, else the same of the ends, upwards. */
typedef struct {
  int32_t kind, input, output, distance;
} Contract;

typedef struct {
  const Buffer* buffers;
  const Contract* contracts;
  int32_t count, contract_count, size;
  int32_t at[MOST];
} Case;

static int apart(const Case* c, int32_t i, int32_t j) {
  const Buffer *a = &c->buffers[i], *b = &c->buffers[j];
  return a->last <= b->first || b->last <= a->first || c->at[i] + a->bytes <= c->at[j] ||
         c->at[j] + b->bytes <= c->at[i];
}

static int permitted(const Case* c, int32_t i, int32_t j) {
  if (apart(c, i, j)) return 1;
  for (int32_t k = 0; k < c->contract_count; k++) {
    Contract say = c->contracts[k];
    int32_t in = say.input, out = say.output;
    if (!(in == i && out == j) && !(in == j && out == i)) continue;
    int32_t starts = c->at[in] - c->at[out];
    int32_t ends = c->at[out] + c->buffers[out].bytes - c->at[in] - c->buffers[in].bytes;
    if ((say.kind == BELOW ? starts : ends) >= say.distance) return 1;
  }
  return 0;
}

/* Tries all offsets of buffer `j` and those after it. */
static int place(Case* c, int32_t j) {
  if (j == c->count) return 1;
  Buffer b = c->buffers[j];
  int32_t x = b.offset == NOT_FIXED ? 0 : b.offset;
  for (; x + b.bytes <= c->size; x += b.alignment) {
    int32_t i = 0;
    c->at[j] = x;
    while (i < j && permitted(c, i, j)) i++;
    if (i == j && place(c, j + 1)) return 1;
    if (b.offset != NOT_FIXED) break;
  }
  return 0;
}

/* Whether the fixed buffers can all be where they are. */
static int consistent(Case* c) {
  for (int32_t i = 0; i < c->count; i++) c->at[i] = c->buffers[i].offset;
  for (int32_t i = 0; i < c->count; i++)
    for (int32_t j = 0; j < i; j++)
      if (c->at[i] != NOT_FIXED && c->at[j] != NOT_FIXED && !permitted(c, i, j)) return 0;
  return 1;
}

/* The least size of any valid arena, -1 if fixed offsets contradict each other. */
int32_t smallest_arena(const Buffer* buffers, int32_t count, const Contract* contracts,
                       int32_t contract_count) {
  Case c = {buffers, contracts, count, contract_count, .size = 0};
  if (!consistent(&c)) return -1;
  while (!place(&c, 0)) c.size++;
  return c.size;
}
