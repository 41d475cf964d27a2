/* A QEMU plugin that judges the loads and stores of cases: -plugin plugin.so,in=FILE,record=FILE.
 * It reads the cases' ranges from the same file as the firmware, one case at each mark. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accesses.h"
#include "memory_map.h"

#ifndef PLUGIN_API
#define PLUGIN_API 1
#endif

/* QEMU's plugin interface, as in fwgen/counters/recorder.c */
typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;
struct qemu_info_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum { CALLBACK_WITHOUT_REGISTERS = 0, LOADS_AND_STORES = 3 };
typedef void on_translation(qemu_plugin_id_t, struct qemu_plugin_tb*);
typedef void on_access(unsigned core, qemu_plugin_meminfo_t, uint64_t address, void* data);
typedef void on_exit_of_qemu(qemu_plugin_id_t, void* data);
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, on_translation*);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn*, on_access*, int flags, int which,
                                      void* data);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, on_exit_of_qemu*, void* data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb*);
struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb*, size_t);
unsigned qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t);
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t);
#define EXPORTED __attribute__((visibility("default")))
EXPORTED extern int qemu_plugin_version;
EXPORTED int qemu_plugin_install(qemu_plugin_id_t, const struct qemu_info_t*, int, char**);

EXPORTED int qemu_plugin_version = PLUGIN_API;

static FILE *in, *record;
static bool running;
static uint32_t arena_bytes;

static void begin(void) {
  static fw_case_range ranges[MOST_RANGES];
  fw_case_head head;
  if (fread(&head, sizeof head, 1, in) != 1 || head.ranges > MOST_RANGES ||
      fread(ranges, sizeof ranges[0], head.ranges, in) != head.ranges ||
      fseek(in, (long)(head.script_words * 4 + head.arena_bytes), SEEK_CUR)) {
    abort();
  }
  arena_bytes = head.arena_bytes;
  accesses_begin(head.arena_bytes, head.ranges, ranges);
}

static void accessed(unsigned core, qemu_plugin_meminfo_t info, uint64_t where, void* data) {
  (void)core;
  (void)data;
  const uint32_t at = (uint32_t)where, bytes = 1u << qemu_plugin_mem_size_shift(info);
  const bool store = qemu_plugin_mem_is_store(info);
  if (at == CASE_MARK && store) {
    if (!running) {
      begin();
    } else {
      accesses_end(record);
    }
    running = !running;
  } else if (running) {
    if (at - CASE_ARENA < arena_bytes) {
      accesses_note(at - CASE_ARENA, bytes, store);
    } else if (at - CASE_STACK < CASE_STACK_TOP - CASE_STACK || at == CASE_COUNTER) {
      return;
    } else if (store || at < CASE_CODE || at >= CASE_ARENA) {
      accesses_bad(at - CASE_ARENA, store);
    }
  }
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb* block) {
  (void)id;
  for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
    qemu_plugin_register_vcpu_mem_cb(qemu_plugin_tb_get_insn(block, i), accessed,
                                     CALLBACK_WITHOUT_REGISTERS, LOADS_AND_STORES, NULL);
  }
}

static void finish(qemu_plugin_id_t id, void* data) {
  (void)id;
  (void)data;
  fclose(record);
}

EXPORTED int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t* info, int count,
                                 char** options) {
  (void)info;
  for (int i = 0; i < count; i++) {
    if (!strncmp(options[i], "in=", 3)) in = fopen(options[i] + 3, "rb");
    if (!strncmp(options[i], "record=", 7)) record = fopen(options[i] + 7, "wb");
  }
  if (!in || !record) return 1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_atexit_cb(id, finish, NULL);
  return 0;
}
