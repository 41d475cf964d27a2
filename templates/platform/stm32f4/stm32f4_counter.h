/* Cycles of the core. */
#ifndef STM32F4_COUNTER_H
#define STM32F4_COUNTER_H

/* Starts the cycle counter, or what stands in for it where this is no chip but QEMU. Ends the run
 * by a fault if it does not count on a chip. For fw_platform_init to call last. */
void stm32f4_counter_init(int on_chip);

#endif
