/* What all STM32 have alike: pins, and the serial line. Each folder of a chip family has a
 * stm32_family.h with what differs. Register maps are those of ST's device headers
 * (cmsis_device_f4, _l4, _u5, _h7), which name the files stm32f405xx.h and so on. */
#ifndef STM32_H
#define STM32_H

#include <stdint.h>

#include "fw_board.h"

#define STM32_REGISTER(address) (*(volatile uint32_t*)(uintptr_t)(address))

/* The bits of the ports in use, in the register that turns the clocks of ports on: A is bit 0. */
#ifdef FW_TRIGGER_PIN
#define STM32_TRIGGER_BIT (1u << (FW_TRIGGER_PIN >> 4))
#else
#define STM32_TRIGGER_BIT 0u
#endif
#define STM32_PORT_BITS \
  (1u << (FW_UART_TX_PIN >> 4) | 1u << (FW_UART_RX_PIN >> 4) | STM32_TRIGGER_BIT)

/* Connects the pins of the serial line and sets it up for FW_UART_BAUD; sets the trigger pin high.
 * The clocks of both must be on. */
void stm32_io_init(void);

/* Waits until all bits of the mask are set. */
static inline void stm32_wait(uintptr_t address, uint32_t mask) {
  while ((STM32_REGISTER(address) & mask) != mask) {
  }
}

/* Replaces the bits of a mask. */
static inline void stm32_modify(uintptr_t address, uint32_t mask, uint32_t bits) {
  STM32_REGISTER(address) = (STM32_REGISTER(address) & ~mask) | bits;
}

#endif
