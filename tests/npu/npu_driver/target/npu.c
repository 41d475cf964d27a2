/* On a board's own core: an NPU that ends when the core has waited
 * for it LATE times, or never. STALE: its interrupt is pending before it begins. */
#include "core.h"
#include "fw_board.h"
#include "fw_npu_access.h"
#include "fw_npu_registers.h"
#include "fw_platform.h"

#define NVIC_ISPR ((volatile uint32_t*)(uintptr_t)UINT32_C(0xE000E200))

uint32_t __wrap_fw_platform_microseconds(void);
uint32_t __real_fw_platform_microseconds(void);

static uint32_t status, left, cycles;

static void interrupt(void) { NVIC_ISPR[FW_NPU_IRQ / 32] = UINT32_C(1) << (FW_NPU_IRQ % 32); }

uint32_t __wrap_fw_platform_microseconds(void) {
  if (left && --left == 0) {
    status = END_STATUS | STATUS_IRQ_RAISED;
    interrupt();
  }
  return __real_fw_platform_microseconds();
}

uint32_t npu_read(uint32_t offset) {
  switch (offset) {
    case NPU_STATUS:
      return status;
    case NPU_CONFIG:
      return 0x1807;
    case NPU_ID:
      return 0x10066001;
    case NPU_PROT:
      return 1;
    case NPU_QREAD:
      return 0x14;
    case NPU_PMCCNTR:
      return ++cycles;
    default:
      return 0;
  }
}

void npu_write(uint32_t offset, uint32_t value) {
  if (offset == NPU_RESET) status = left = 0;
  if (offset != NPU_CMD) return;
  if (value & CMD_CLEAR_IRQ) status &= ~STATUS_IRQ_RAISED;
  if (!(value & CMD_RUN)) return;
  status = 1;
  left = LATE;
#ifdef STALE
  interrupt();
#endif
}
