/* Runs jobs by commands from standard input, prints all that the driver does. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "ethos_u.h"
#include "fake_npu.h"
#include "fw_board.h"
#include "fw_npu.h"
#include "fw_npu_hooks.h"

#define LOW 0x20000000u /* addresses are of 32 bits */
#define PAGE 0x10000u
#define LINE (1u << 20)

static fw_npu_job job;
static uint32_t answer = FW_NPU_UNSERVED;

void fw_npu_failed(const fw_npu_report* r) {
  printf("failed %s %x %x %x %x\n", r->name, r->status, r->qread, r->config, r->wanted);
}

#ifdef FW_NPU_DOORBELL
void fw_npu_doorbell(fw_npu_job* rung) {
  printf("doorbell %x %x %x %x\n", rung->answer, rung->payload - LOW, rung->payload_bytes,
         rung->regions);
  for (uint32_t i = 0; i < rung->regions; i++) {
    printf("rung %x %x\n", rung->region[i].base - LOW, rung->region[i].bytes);
  }
  rung->answer = answer;
}
#endif

#ifdef HOOKS
static int refuse, taken, given, give_up, last_moment;

int ethosu_mutex_lock(void* mutex) {
  printf("lock %d\n", mutex != 0);
  return refuse ? -1 : 0;
}

int ethosu_mutex_unlock(void* mutex) {
  printf("unlock %d\n", mutex != 0);
  return 0;
}

void* ethosu_semaphore_create(void) {
  puts("create");
  return &taken;
}

/* The NPU ends and interrupts; or nothing comes for as long as it may take. */
int ethosu_semaphore_take(void* semaphore, uint64_t timeout) {
  printf("take %d %" PRIu64 "\n", semaphore == &taken, timeout);
  if (!npu.never) fake_finish();
#ifdef FW_NPU_ARM_DRIVER
  if (!give_up) fw_npu_interrupt(); /* only it knows Arm's handle */
#else
  if (!give_up) ethosu_irq_handler(0);
#endif
  if (last_moment) { /* it came when the wait had been given up */
    last_moment = 0;
    return -1;
  }
  if (given != taken + 1) return -1;
  taken++;
  return 0;
}

int ethosu_semaphore_give(void* semaphore) {
  printf("give %d\n", semaphore == &taken);
  given++;
  return 0;
}

static void ranges(const char* what, const uint64_t* base, const size_t* bytes, int count) {
  printf("%s", what);
  for (int i = 0; i < count; i++) printf(" %" PRIx64 " %zx", base[i] - LOW, bytes[i]);
  puts("");
}

void ethosu_flush_dcache(const uint64_t* base_addr, const size_t* base_addr_size,
                         int num_base_addr) {
  ranges("flush", base_addr, base_addr_size, num_base_addr);
}

void ethosu_invalidate_dcache(const uint64_t* base_addr, const size_t* base_addr_size,
                              int num_base_addr) {
  ranges("invalidate", base_addr, base_addr_size, num_base_addr);
}

uint64_t ethosu_address_remap(uint64_t address, int index) {
  return address + UINT64_C(0x100000000) * (uint64_t)(index + 2);
}

void ethosu_inference_begin(struct ethosu_driver* driver, void* user_arg) {
  printf("begin %d\n", driver != 0 && user_arg == 0);
}

void ethosu_inference_end(struct ethosu_driver* driver, void* user_arg) {
  printf("end %d\n", driver != 0 && user_arg == 0);
}
#endif

static void set(const char* name, uint64_t value) {
  const struct {
    const char* name;
    uint32_t* field;
  } fields[] = {
      {"config", &npu.config},
      {"id", &npu.id},
      {"run_reads", &npu.run_reads},
      {"reset_reads", &npu.reset_reads},
      {"end_status", &npu.end_status},
      {"qread", &npu.qread},
      {"never", &npu.never},
      {"no_irq", &npu.no_irq},
      {"nested", &npu.nested},
      {"protection", &npu.protection},
      {"tick", &npu.tick},
      {"stuck", &npu.stuck},
      {"overflow", &npu.overflow},
      {"counters", &npu.counters},
      {"answer", &answer},
      {"regions", &job.regions},
      {"payload", &job.payload},
#ifdef HOOKS
      {"last_moment", (uint32_t*)&last_moment},
      {"refuse", (uint32_t*)&refuse},
      {"give_up", (uint32_t*)&give_up},
#endif
  };
  if (!strcmp(name, "cycles_at_start")) {
    npu.cycles_at_start = value;
    return;
  }
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
    if (!strcmp(name, fields[i].name)) {
      *fields[i].field = (uint32_t)value;
      return;
    }
  }
  printf("unknown %s\n", name);
  exit(8);
}

/* Behind the payload comes memory that nobody may touch. */
static void put_payload(uint8_t* end, const char* hex) {
  const uint32_t bytes = (uint32_t)(strlen(hex) / 2);
  uint8_t* at = end - bytes;
  for (uint32_t i = 0; i < bytes; i++) {
    unsigned byte;
    sscanf(hex + 2 * i, "%2x", &byte);
    at[i] = (uint8_t)byte;
  }
  job.payload = (uint32_t)(uintptr_t)at;
  job.payload_bytes = bytes;
}

static void report(void) {
  const fw_npu_report* error = fw_npu_error();
  printf("error %s\n", error ? error->name : "none");
  const fw_npu_counts* counts = fw_npu_counters();
  if (!counts) {
    puts("counts none");
    return;
  }
  printf("counts %u %" PRIu64, counts->jobs, counts->cycles);
  for (uint32_t i = 0; i < counts->events; i++) printf(" %" PRIu64, counts->event[i]);
  puts("");
}

int main(void) {
  uint8_t* const low = mmap((void*)(uintptr_t)LOW, 4 * PAGE, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (low != (void*)(uintptr_t)LOW || mprotect(low + PAGE, PAGE, PROT_NONE)) return 7;
  char* const line = malloc(LINE);
  char* const text = malloc(LINE);
  uint64_t a, b;
  while (fgets(line, (int)LINE, stdin)) {
    if (sscanf(line, "set %s %" SCNx64, text, &a) == 2) {
      set(text, a);
    } else if (sscanf(line, "payload %s", text) == 1) {
      put_payload(low + PAGE, text);
    } else if (sscanf(line, "region %" SCNx64 " %" SCNx64, &a, &b) == 2) {
      job.region[job.regions++] = (fw_npu_region){LOW + (uint32_t)a, (uint32_t)b};
    } else if (sscanf(line, "kernel %" SCNx64, &a) == 1) {
      const fw_ethos_u_params params = {job.payload_bytes, 64, 96, 32};
      fw_ethos_u((const uint8_t*)(uintptr_t)job.payload, low + 2 * PAGE, low + 3 * PAGE,
                 a ? low + 3 * PAGE + 512 : 0, &params);
    } else if (!strcmp(line, "run\n")) {
      printf("run %d\n", fw_npu_run(&job));
    } else if (!strcmp(line, "report\n")) {
      report();
    } else if (!strcmp(line, "clear\n")) {
      fw_npu_clear();
    } else if (!strcmp(line, "raise\n")) {
      fake_raise();
    } else if (!strcmp(line, "interrupt\n")) {
      fw_npu_interrupt();
    } else {
      printf("unknown %s", line);
      return 8;
    }
  }
  free(line);
  free(text);
  return 0;
}
