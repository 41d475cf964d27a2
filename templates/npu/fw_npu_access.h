/* How the NPU's registers are read and written. */
#ifndef FW_NPU_ACCESS_H
#define FW_NPU_ACCESS_H

#include <stdint.h>

#include "fw_board.h"

static inline uint32_t npu_read(uint32_t offset) {
  return *(volatile uint32_t*)(uintptr_t)(FW_NPU_BASE + offset);
}

static inline void npu_write(uint32_t offset, uint32_t value) {
  *(volatile uint32_t*)(uintptr_t)(FW_NPU_BASE + offset) = value;
}

#endif
