/* What the driver does where the platform says nothing: no lock, no cache, addresses as they are,
 * and polling. */
#include "fw_npu_hooks.h"

#include "fw_board.h"
#include "fw_npu.h"

#define WEAK __attribute__((weak))

WEAK void fw_npu_failed(const fw_npu_report* report) { (void)report; }

#ifndef FW_NPU_ARM_DRIVER /* which has its own */

#define POLL_CYCLES 8u /* of the core, at least: a read of a peripheral and a call */

WEAK void* ethosu_mutex_create(void) {
  static uint8_t mutex;
  return &mutex;
}

WEAK void ethosu_mutex_destroy(void* mutex) { (void)mutex; }

WEAK int ethosu_mutex_lock(void* mutex) {
  (void)mutex;
  return 0;
}

WEAK int ethosu_mutex_unlock(void* mutex) {
  (void)mutex;
  return 0;
}

WEAK void* ethosu_semaphore_create(void) {
  static volatile uint32_t given;
  return (void*)&given;
}

WEAK void ethosu_semaphore_destroy(void* semaphore) { (void)semaphore; }

WEAK int ethosu_semaphore_take(void* semaphore, uint64_t timeout) {
  volatile uint32_t* const given = semaphore;
  uint64_t polls = timeout * (FW_CLOCK_HZ / 1000000u / POLL_CYCLES + 1u);
  for (; !*given; polls--) {
    if (!polls) return -1;
    fw_npu_interrupt(); /* as its service routine would, which may be there as well */
  }
  *given = 0;
  return 0;
}

WEAK int ethosu_semaphore_give(void* semaphore) {
  *(volatile uint32_t*)semaphore = 1;
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

WEAK uint64_t ethosu_address_remap(uint64_t address, int index) {
  (void)index;
  return address;
}

WEAK void ethosu_inference_begin(struct ethosu_driver* driver, void* user_arg) {
  (void)driver, (void)user_arg;
}

WEAK void ethosu_inference_end(struct ethosu_driver* driver, void* user_arg) {
  (void)driver, (void)user_arg;
}

#endif
