/* The core's data cache, which the NPU does not see. */
#include "core.h"
#include "fw_npu_hooks.h"

#define CCR_DC (UINT32_C(1) << 16)
#define DCCIMVAC CORE_REGISTER(0xE000EF70) /* clean and invalidate, by address */
#define LINE_BYTES 32u

/* Nothing of the ranges is left in the cache. Used after a run as well as before it: the core has
 * written to them in between no more than the lines at their ends, which others may share. */
static void empty(const uint64_t* base, const size_t* bytes, int ranges) {
  if (!(CCR & CCR_DC)) return;
  core_barrier();
  for (int i = 0; i < ranges; i++) {
    const uint32_t first = (uint32_t)base[i] & ~(LINE_BYTES - 1u);
    const uint32_t end = (uint32_t)base[i] + bytes[i];
    for (uint32_t line = first; line < end; line += LINE_BYTES) DCCIMVAC = line;
  }
  core_barrier();
}

void ethosu_flush_dcache(const uint64_t* base_addr, const size_t* base_addr_size,
                         int num_base_addr) {
  empty(base_addr, base_addr_size, num_base_addr);
}

void ethosu_invalidate_dcache(const uint64_t* base_addr, const size_t* base_addr_size,
                              int num_base_addr) {
  empty(base_addr, base_addr_size, num_base_addr);
}
