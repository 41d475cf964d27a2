/* What the runtime needs from the target it runs on. One implementation per platform. */
#ifndef FW_PLATFORM_H
#define FW_PLATFORM_H

#include <stdint.h>

#define FW_FOREVER UINT32_C(0)
#define FW_NO_BYTE (-1)

void fw_platform_init(void);

/* The next byte of the serial line, or FW_NO_BYTE when none came for timeout_us (or FW_FOREVER). */
int fw_platform_getchar(uint32_t timeout_us);

/* Returns when the byte is on its way; waits as long as the other side does not read. */
void fw_platform_putchar(uint8_t byte);

/* Ticks of a free-running counter of FW_COUNTER_HZ; constant 0 where that is 0. */
uint64_t fw_platform_counter(void);

/* Only where FW_COUNTER_SIMULATED is: what counts here, and in which unit. */
const char* fw_platform_counter_source(void);
const char* fw_platform_counter_unit(void);

/* Only where FW_COUNTER_EVENTS is: counts events of the core of this number from now on, and how
 * many there were since. Two readings must be less than 2^32 events apart. */
void fw_platform_count_event(uint32_t event);
uint64_t fw_platform_events(void);

/* Time since boot, modulo 2^32. */
uint32_t fw_platform_microseconds(void);

/* Pulls the trigger pin, which is high, low for at least FW_TRIGGER_US: a meter of energy begins or
 * ends its window at that edge. Some look at the pin only every 10 us. Does nothing where there is
 * no such pin. */
#define FW_TRIGGER_US 20u
void fw_platform_trigger(void);

/* Only where FW_ENERGY is: a monitor on the board counts energy between these two, in a unit of its
 * own. Each returns what is wrong, in words without brackets, or a null pointer. */
const char* fw_platform_energy_begin(void);
const char* fw_platform_energy_end(uint64_t* count);

/* High-water mark of the stack since boot; 0 where FW_STACK_BYTES is 0. */
uint32_t fw_platform_stack_used(void);

/* 0 when something wrote to the last words of the stack. */
int fw_platform_stack_intact(void);

/* Called when the last byte is out. Never returns. */
_Noreturn void fw_platform_end(void);

#endif
