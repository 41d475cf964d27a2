/* An NPU as far as a driver sees it: registers that act, and a clock that goes on whenever one of
 * them is read. Prints each access. What it does wrong is set by name; what the driver does wrong
 * ends the program. */
#include "fake_npu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fw_npu.h"
#include "fw_npu_registers.h"

#define WORDS (0x1400 / 4)
#define CMD_AFTER_RESET 0xCu

fake_npu npu = {.run_reads = 3, .reset_reads = 2, .tick = 7};

static uint32_t memory[WORDS];
static uint32_t status = STATUS_RESETTING, left, resetting = 2, pmcr;
static uint64_t cycles;
static int running;

static void wrong(const char* what, uint32_t offset) {
  printf("wrong %s at %x\n", what, offset);
  exit(9);
}

void fake_finish(void) {
  if (!running) return;
  running = 0;
  status = (status & ~UINT32_C(1)) | npu.end_status | (npu.no_irq ? 0 : STATUS_IRQ_RAISED);
  memory[NPU_QREAD / 4] = npu.qread;
}

void fake_raise(void) { status |= STATUS_IRQ_RAISED; }

static void advance(void) {
  if (resetting && --resetting == 0) status &= ~STATUS_RESETTING;
  if (running && !npu.never && left && --left == 0) fake_finish();
  if (pmcr & 1 && !npu.stuck) cycles += npu.tick;
}

static uint32_t value_of(uint32_t offset) {
  if (offset == NPU_STATUS) return status;
  if (status & STATUS_RESETTING) return 0;
  switch (offset) {
    case NPU_ID:
      return npu.id;
    case NPU_CONFIG:
      return npu.config;
    case NPU_PROT:
      return memory[NPU_PROT / 4] ^ npu.protection;
    case NPU_PMCCNTR:
      return (uint32_t)cycles;
    case NPU_PMCCNTR_HI:
      return (uint32_t)(cycles >> 32);
    case NPU_PMOVSSET:
      return npu.overflow;
    case NPU_QREAD:
    case NPU_CMD:
      return memory[offset / 4];
    default:
      break;
  }
  if (offset >= NPU_PMEVCNTR(0) && offset < NPU_PMEVCNTR(npu.counters)) {
    return 1000 + memory[(offset + 0x80) / 4]; /* by the event that it was told to count */
  }
  wrong("read", offset);
  return 0;
}

uint32_t npu_read(uint32_t offset) {
  advance();
  const uint32_t value = value_of(offset);
  printf("r %x %x\n", offset, value);
  if (npu.nested && offset == NPU_STATUS && value & STATUS_IRQ_RAISED) {
    npu.nested = 0; /* an interrupt just after this read */
    fw_npu_interrupt();
  }
  return value;
}

static void reset(uint32_t value) {
  if (running) puts("stopped");
  memset(memory, 0, sizeof memory);
  memory[NPU_PROT / 4] = value;
  memory[NPU_CMD / 4] = CMD_AFTER_RESET;
  running = 0;
  pmcr = 0;
  cycles = npu.cycles_at_start;
  status = STATUS_RESETTING;
  resetting = npu.reset_reads;
}

static void command(uint32_t value) {
  memory[NPU_CMD / 4] = value & 0xCu;
  if (value & CMD_CLEAR_IRQ) status &= ~STATUS_IRQ_RAISED;
  if (!(value & CMD_RUN)) return;
  if (value & 0xCu) wrong("run without power", NPU_CMD);
  running = 1;
  status = 1;
  left = npu.run_reads;
}

void npu_write(uint32_t offset, uint32_t value) {
  printf("w %x %x\n", offset, value);
  if (offset == NPU_RESET) {
    reset(value);
    return;
  }
  if (status & STATUS_RESETTING) wrong("write in reset", offset);
  if (running && offset != NPU_CMD && offset != NPU_PMCR) wrong("write to a running NPU", offset);
  if (offset >= sizeof memory) wrong("write", offset);
  memory[offset / 4] = value;
  if (offset == NPU_CMD) command(value);
  if (offset == NPU_PMCR) {
    pmcr = value;
    if (value & 4 && !npu.stuck) cycles = npu.cycles_at_start;
  }
}
