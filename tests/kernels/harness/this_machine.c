/* Cases on this machine. Kernels that are compiled with -fsanitize=thread call the functions below
 * at each load and store; nothing of the sanitizer itself is linked. */
#include <stdio.h>
#include <stdlib.h>

#include "accesses.h"

static _Alignas(64) uint8_t memory[MOST_ARENA];
uint8_t* const case_arena = memory;
static FILE *in, *out, *record;
static int running;
static uintptr_t stack_at;
extern const char __executable_start[], edata[];

int case_take(void* to, uint32_t bytes) { return bytes == 0 || fread(to, bytes, 1, in) == 1; }

void case_give(const void* from, uint32_t bytes) {
  if (bytes && fwrite(from, bytes, 1, out) != 1) case_quit(3);
}

_Noreturn void case_quit(uint32_t code) { exit((int)code); }

void case_begin(const fw_case_head* head, const fw_case_range* ranges) {
  char here;
  stack_at = (uintptr_t)&here;
  accesses_begin(head->arena_bytes, head->ranges, ranges);
  running = 1;
}

uint32_t case_end(void) {
  running = 0;
  accesses_end(record);
  return 0;
}

static void note(const void* at, unsigned long bytes, int store) {
  const uintptr_t address = (uintptr_t)at, start = (uintptr_t)memory;
  if (!running) return;
  if (address >= start && address < start + MOST_ARENA) {
    accesses_note((uint32_t)(address - start), (uint32_t)bytes, store);
  } else if (address < stack_at && stack_at - address < (1u << 20)) {
    return;
  } else if (store || address < (uintptr_t)__executable_start || address >= (uintptr_t)edata) {
    accesses_bad((uint32_t)(address - start), store);
  }
}

#define HOOKS(n)                                                          \
  void __tsan_read##n(void* at);                                          \
  void __tsan_write##n(void* at);                                         \
  void __tsan_unaligned_read##n(void* at);                                \
  void __tsan_unaligned_write##n(void* at);                               \
  void __tsan_read_write##n(void* at);                                    \
  void __tsan_unaligned_read_write##n(void* at);                          \
  void __tsan_read##n(void* at) { note(at, n, 0); }                       \
  void __tsan_write##n(void* at) { note(at, n, 1); }                      \
  void __tsan_unaligned_read##n(void* at) { note(at, n, 0); }             \
  void __tsan_unaligned_write##n(void* at) { note(at, n, 1); }            \
  void __tsan_read_write##n(void* at) { note(at, n, 0), note(at, n, 1); } \
  void __tsan_unaligned_read_write##n(void* at) { note(at, n, 0), note(at, n, 1); }
HOOKS(1)
HOOKS(2)
HOOKS(4)
HOOKS(8)
HOOKS(16)
void __tsan_read_range(void* at, unsigned long bytes);
void __tsan_write_range(void* at, unsigned long bytes);
void __tsan_init(void);
void __tsan_func_entry(void* at);
void __tsan_func_exit(void);
void* __tsan_memcpy(void* to, const void* from, unsigned long bytes);
void* __tsan_memmove(void* to, const void* from, unsigned long bytes);
void* __tsan_memset(void* to, int value, unsigned long bytes);
void __tsan_read_range(void* at, unsigned long bytes) { note(at, bytes, 0); }
void __tsan_write_range(void* at, unsigned long bytes) { note(at, bytes, 1); }
void __tsan_init(void) {}
void __tsan_func_entry(void* at) { (void)at; }
void __tsan_func_exit(void) {}

void* __tsan_memcpy(void* to, const void* from, unsigned long bytes) {
  note(from, bytes, 0);
  note(to, bytes, 1);
  for (unsigned long i = 0; i < bytes; i++) ((volatile char*)to)[i] = ((const char*)from)[i];
  return to;
}

void* __tsan_memmove(void* to, const void* from, unsigned long bytes) {
  if ((uintptr_t)to - (uintptr_t)from >= bytes) return __tsan_memcpy(to, from, bytes);
  note(from, bytes, 0);
  note(to, bytes, 1);
  while (bytes--) ((volatile char*)to)[bytes] = ((const char*)from)[bytes];
  return to;
}

void* __tsan_memset(void* to, int value, unsigned long bytes) {
  note(to, bytes, 1);
  for (unsigned long i = 0; i < bytes; i++) ((volatile char*)to)[i] = (char)value;
  return to;
}

int main(int count, char** names) {
  if (count != 4) return 1;
  in = fopen(names[1], "rb");
  out = fopen(names[2], "wb");
  record = fopen(names[3], "wb");
  if (!in || !out || !record) return 1;
  while (case_next()) fflush(out);
  return fclose(out) || fclose(record) ? 3 : 0;
}
