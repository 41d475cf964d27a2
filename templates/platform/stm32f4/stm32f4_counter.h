/* Cycles of the core. */
#ifndef STM32F4_COUNTER_H
#define STM32F4_COUNTER_H

/* Starts the cycle counter, or what stands in for it on QEMU. */
void stm32f4_counter_init(void);

#endif
