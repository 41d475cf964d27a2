/* What a platform may define for the driver, by the names and with the arguments of Arm's driver
 * (ethosu_driver.h 1.0), so that the same definitions serve both. All are weak here. */
#ifndef FW_NPU_HOOKS_H
#define FW_NPU_HOOKS_H

#include <stddef.h>
#include <stdint.h>

struct ethosu_driver;

/* A lock around each job. 0 on success, negative on failure. By default there is none. */
void* ethosu_mutex_create(void);
void ethosu_mutex_destroy(void* mutex);
int ethosu_mutex_lock(void* mutex);
int ethosu_mutex_unlock(void* mutex);

/* Taken by who waits for the NPU, for at most `timeout` microseconds, and given by
 * ethosu_irq_handler. By default taking it polls the NPU, with or without an interrupt. */
void* ethosu_semaphore_create(void);
void ethosu_semaphore_destroy(void* semaphore);
int ethosu_semaphore_take(void* semaphore, uint64_t timeout);
int ethosu_semaphore_give(void* semaphore);

/* Bring memory up to date for the NPU before it runs, and for the core afterwards. */
void ethosu_flush_dcache(const uint64_t* base_addr, const size_t* base_addr_size,
                         int num_base_addr);
void ethosu_invalidate_dcache(const uint64_t* base_addr, const size_t* base_addr_size,
                              int num_base_addr);

/* An address as the NPU sees it: of region `index`, or of the command stream, -1. */
uint64_t ethosu_address_remap(uint64_t address, int index);

/* Just before and after a run. */
void ethosu_inference_begin(struct ethosu_driver* driver, void* user_arg);
void ethosu_inference_end(struct ethosu_driver* driver, void* user_arg);

/* For an interrupt service routine: the driver's, which there is one of; `driver` may be 0. */
void ethosu_irq_handler(struct ethosu_driver* driver);

#endif
