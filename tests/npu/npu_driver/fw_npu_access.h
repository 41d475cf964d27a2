/* Registers of a fake NPU, in place of the driver's header of this name. */
#ifndef FW_NPU_ACCESS_H
#define FW_NPU_ACCESS_H

#include <stdint.h>

uint32_t npu_read(uint32_t offset);
void npu_write(uint32_t offset, uint32_t value);

#endif
