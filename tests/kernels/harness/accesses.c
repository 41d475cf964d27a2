#include "accesses.h"

#include <stdlib.h>
#include <string.h>

#define RIGHT_READ 1u
#define RIGHT_WRITE 2u
#define OUTPUT 1u
#define MOST_INPUTS 8u

typedef struct {
  uint32_t start, bytes;
  uint32_t* seen;  /* for each byte: how much was written when it was last looked at, plus 1 */
  uint64_t* after; /* the set */
} input;

static uint8_t *rights, *role;
static uint32_t arena_bytes, inputs;
static input in[MOST_INPUTS];
static fw_case_range output;
static uint64_t* written;
static uint32_t writes; /* changes of `written` */
static uint32_t bad, bad_offset, bad_kind;

static void* cleared(size_t count, size_t size) {
  void* made = calloc(count + 1, size);
  if (!made) abort();
  return made;
}

void accesses_begin(uint32_t bytes, uint32_t ranges, const fw_case_range* range) {
  arena_bytes = bytes;
  rights = cleared(bytes, 1);
  role = cleared(bytes, 1);
  bad = bad_offset = bad_kind = inputs = writes = 0;
  output = (fw_case_range){0, 0, 0, 0};
  for (uint32_t i = 0; i < ranges; i++) {
    const fw_case_range r = range[i];
    for (uint32_t k = r.start; k < r.end && k < bytes; k++) {
      rights[k] |= (uint8_t)r.rights;
      if (r.role) role[k] = (uint8_t)r.role;
    }
    if (r.role == OUTPUT) output = r;
    if (r.role > OUTPUT && r.role - 2 < MOST_INPUTS) {
      in[r.role - 2] = (input){.start = r.start, .bytes = r.end - r.start};
      if (inputs < r.role - 1) inputs = r.role - 1;
    }
  }
  const uint32_t y = output.end - output.start;
  written = cleared(y / 64 + 2, 8);
  for (uint32_t i = 0; i < inputs; i++) {
    in[i].seen = cleared(in[i].bytes, 4);
    in[i].after = cleared((in[i].bytes + y) / 64 + 4, 8);
  }
}

void accesses_bad(uint32_t address, int store) {
  if (!bad++) {
    bad_offset = address;
    bad_kind = store ? 2 : 1;
  }
}

static void note_read(input* x, uint32_t r) {
  if (!writes || x->seen[r] == writes) return;
  x->seen[r] = writes;
  const uint32_t by = x->bytes - 1 - r, word = by / 64, bit = by % 64;
  const uint32_t words = (output.end - output.start) / 64 + 1;
  for (uint32_t i = 0; i < words; i++) {
    x->after[word + i] |= written[i] << bit;
    if (bit) x->after[word + i + 1] |= written[i] >> (64 - bit);
  }
}

void accesses_note(uint32_t offset, uint32_t bytes, int store) {
  for (uint32_t k = offset; k < offset + bytes; k++) {
    if (k >= arena_bytes || !(rights[k] & (store ? RIGHT_WRITE : RIGHT_READ))) {
      accesses_bad(k, store);
      continue;
    }
    const uint32_t part = role[k];
    if (part == OUTPUT && store) {
      const uint32_t w = k - output.start;
      if (!(written[w / 64] >> (w % 64) & 1)) {
        written[w / 64] |= UINT64_C(1) << (w % 64);
        writes++;
      }
    } else if (part > OUTPUT && !store) {
      note_read(&in[part - 2], k - in[part - 2].start);
    }
  }
}

void accesses_end(FILE* record) {
  const uint32_t head[] = {bad, bad_offset, bad_kind, inputs};
  fwrite(head, sizeof head, 1, record);
  for (uint32_t i = 0; i < inputs; i++) {
    const uint32_t bits = in[i].bytes + (output.end - output.start);
    fwrite(&bits, sizeof bits, 1, record);
    fwrite(in[i].after, 8, bits / 64 + 1, record);
    free(in[i].seen);
    free(in[i].after);
  }
  free(rights);
  free(role);
  free(written);
}
