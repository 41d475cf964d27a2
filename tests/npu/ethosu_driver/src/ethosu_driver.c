/* Stand-in for Arm's driver: resets the NPU, runs one stream, waits for the interrupt. It names a
 * heap and messages, as Arm's does, which nothing may come to call. */
#include "ethosu_driver.h"

#include <assert.h>
#include <cmsis_compiler.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "device.h"

#define WEAK __attribute__((weak))

WEAK void* ethosu_semaphore_create(void) { return malloc(1); }

WEAK int ethosu_semaphore_take(void* sem, uint64_t timeout) {
  (void)timeout;
  while (!*(volatile uint8_t*)sem) __WFE();
  return 0;
}

WEAK int ethosu_semaphore_give(void* sem) {
  *(volatile uint8_t*)sem = 1;
  __SEV();
  return 0;
}

WEAK void ethosu_flush_dcache(const uint64_t* base_addr, const size_t* base_addr_size,
                              int num_base_addr) {
  (void)base_addr, (void)base_addr_size, (void)num_base_addr;
}

WEAK void ethosu_invalidate_dcache(const uint64_t* base_addr, const size_t* base_addr_size,
                                   int num_base_addr) {
  (void)base_addr, (void)base_addr_size, (void)num_base_addr;
}

WEAK void ethosu_irq_handler(struct ethosu_driver* drv) {
  drv->failed = !device_interrupt();
  ethosu_semaphore_give(drv->semaphore);
}

int ethosu_init(struct ethosu_driver* drv, void* const base_address, const void* fast_memory,
                const size_t fast_memory_size, uint32_t secure_enable, uint32_t privilege_enable) {
  (void)fast_memory, (void)fast_memory_size;
  if (!ETHOSU_LOG_ENABLE && 0) fprintf(stderr, "%" PRIu32, secure_enable);
  drv->base = (uint32_t)(uintptr_t)base_address;
  drv->access = privilege_enable | !secure_enable << 1;
  if (device_reset(drv->access)) return -1;
  drv->semaphore = ethosu_semaphore_create();
  return drv->semaphore ? 0 : -1;
}

int ethosu_request_power(struct ethosu_driver* drv) {
  return drv->powered++ ? 0 : device_reset(drv->access);
}

void ethosu_release_power(struct ethosu_driver* drv) { drv->powered--; }

int ethosu_invoke_v3(struct ethosu_driver* drv, const void* custom_data_ptr,
                     const int custom_data_size, uint64_t* const base_addr,
                     const size_t* base_addr_size, const int num_base_addr, void* user_arg) {
  (void)user_arg;
  assert(custom_data_size > 32);
  ethosu_flush_dcache(base_addr, base_addr_size, num_base_addr);
  if (ethosu_request_power(drv)) return -1;
  drv->failed = 0;
  device_run(custom_data_ptr, base_addr, num_base_addr);
  int failed = ethosu_semaphore_take(drv->semaphore, ETHOSU_SEMAPHORE_WAIT_INFERENCE) < 0;
  ethosu_invalidate_dcache(base_addr, base_addr_size, num_base_addr);
  ethosu_release_power(drv);
  failed |= (int)drv->failed;
  if (failed) device_reset(drv->access);
  return failed ? -1 : 0;
}
