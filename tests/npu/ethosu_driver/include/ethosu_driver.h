/* Stand-in for Arm's ethos-u-core-driver 1.0: what fwgen uses of its interface. */
#ifndef ETHOSU_DRIVER_H
#define ETHOSU_DRIVER_H

#include <stddef.h>
#include <stdint.h>

#define ETHOSU_DRIVER_VERSION_MAJOR 1
#define ETHOSU_DRIVER_VERSION_MINOR 0

struct ethosu_driver {
  uint32_t base, access, powered, failed;
  void* semaphore;
};

int ethosu_init(struct ethosu_driver* drv, void* const base_address, const void* fast_memory,
                const size_t fast_memory_size, uint32_t secure_enable, uint32_t privilege_enable);
int ethosu_request_power(struct ethosu_driver* drv);
void ethosu_release_power(struct ethosu_driver* drv);
int ethosu_invoke_v3(struct ethosu_driver* drv, const void* custom_data_ptr,
                     const int custom_data_size, uint64_t* const base_addr,
                     const size_t* base_addr_size, const int num_base_addr, void* user_arg);
void ethosu_irq_handler(struct ethosu_driver* drv);

void* ethosu_semaphore_create(void);
int ethosu_semaphore_take(void* sem, uint64_t timeout);
int ethosu_semaphore_give(void* sem);
void ethosu_flush_dcache(const uint64_t* base_addr, const size_t* base_addr_size,
                         int num_base_addr);
void ethosu_invalidate_dcache(const uint64_t* base_addr, const size_t* base_addr_size,
                              int num_base_addr);

#endif
