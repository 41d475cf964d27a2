/* What nRF52840 and nRF5340 have alike: pins, and a debug port that firmware has to keep open. Each
 * folder of a chip has an nrf_family.h with addresses. */
#ifndef NRF_H
#define NRF_H

#include <stdint.h>

#define NRF_REGISTER(address) (*(volatile uint32_t*)(uintptr_t)(address))

/* The pins of the serial line, which is idle, and the trigger pin, which is high. */
void nrf_pins_init(void);

/* Opens the debug port for as long as the chip runs, unless its owner has locked it. Addresses: of
 * an APPROTECT of UICR, and of the register that takes the same from firmware. */
void nrf_open_debug_port(uint32_t uicr, uint32_t disable);

#endif
