/* Registers of the RA8D1 group by their names and widths in Renesas' device header R7FA8D1BH.h
 * (FSP, folder bsp/cmsis). All are those of the secure state, in which the core starts. */
#ifndef RA8_H
#define RA8_H

#include <stdint.h>

#define RA8_8(address) (*(volatile uint8_t*)(uintptr_t)(address))
#define RA8_16(address) (*(volatile uint16_t*)(uintptr_t)(address))
#define RA8_32(address) (*(volatile uint32_t*)(uintptr_t)(address))

/* PRCR lets registers be written: of the clocks (PRC0), or of security (PRC4). */
#define SYSTEM_PRCR RA8_16(UINT32_C(0x4001E3FA))
#define PRCR_KEY 0xA500u
#define PRCR_CLOCKS (PRCR_KEY | 1u << 0)
#define PRCR_SECURITY (PRCR_KEY | 1u << 4)

#define MSTP_MSTPCRB RA8_32(UINT32_C(0x40203004))

/* 480 MHz for the core, and SCICLK for serial lines. */
void ra8_start_clocks(void);

/* The pins of the line, and the trigger pin, which is high. */
void ra8_pins_init(void);

/* FW_UART_BAUD. The pins are connected. */
void ra8_sci_init(void);

/* For so many microseconds at least, at 480 MHz; at lower rates longer. */
void ra8_wait_us(uint32_t us);

#endif
