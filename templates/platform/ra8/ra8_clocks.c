/* RA8D1: 480 MHz from the crystal of 20 MHz, wait states of the flash and its cache.
 *
 * Addresses, widths and fields: Renesas' R7FA8D1BH.h (R_SYSTEM, R_FCACHE). Limits, and from which
 * rate on flash and clocks need what: bsp_feature.h of ra8d1 in Renesas' FSP; the order of steps:
 * bsp_clock_init, bsp_prv_clock_set_hard_reset and bsp_peripheral_clock_set of its bsp_clocks.c.
 * Dividers: Zephyr's r7fa8d1xh.dtsi and ek_ra8d1.dts.
 */
#include "fw_board.h"
#include "ra8.h"

#define SYSTEM UINT32_C(0x4001E000)
#define SCKDIVCR RA8_32(SYSTEM + 0x020u)
#define SCKDIVCR2 RA8_8(SYSTEM + 0x024u)
#define SCKSCR RA8_8(SYSTEM + 0x026u)
#define PLLCCR RA8_16(SYSTEM + 0x028u)
#define PLLCR RA8_8(SYSTEM + 0x02Au)
#define MOSCCR RA8_8(SYSTEM + 0x032u)
#define OSCSF RA8_8(SYSTEM + 0x03Cu)
#define PLLCCR2 RA8_16(SYSTEM + 0x04Cu)
#define SCICKDIVCR RA8_8(SYSTEM + 0x054u)
#define SCICKCR RA8_8(SYSTEM + 0x055u)
#define MOSCWTCR RA8_8(SYSTEM + 0x0A2u)
#define MOMCR RA8_8(SYSTEM + 0xA50u)

#define OSCSF_MOSCSF (1u << 3)
#define OSCSF_PLLSF (1u << 5)
#define MOMCR_8_TO_24_MHZ (3u << 1) /* MODRV0, and a crystal (MOSEL 0) */
#define MOSCWTCR_LONG 9u            /* as in configurations of the FSP */

/* 20 MHz / 2 * 96 = 960 MHz, of 640 to 1440; by 2 for each of the outputs P, Q and R. */
#define PLLCCR_VALUE (95u << 8 | 1u)           /* PLLMUL holds one less; PLSRCSEL 0: the crystal */
#define PLLCCR2_VALUE (1u << 8 | 1u << 4 | 1u) /* PLODIVR, Q, P */

/* Codes of dividers: 0 to 3 for 1, 2, 4, 8. ICLK, of memory and flash, and PCLKE have 240 MHz;
 * PCLKA, PCLKD and BCLK 120, the rest 60. */
#define SCKDIVCR_VALUE                                                             \
  (UINT32_C(3) << 28 | UINT32_C(1) << 24 | UINT32_C(1) << 20 | UINT32_C(2) << 16 | \
   UINT32_C(2) << 12 | UINT32_C(3) << 8 | UINT32_C(3) << 4 | UINT32_C(2))
#define CPUCLK_BY_2 1u
#define CPUCLK_BY_1 0u
#define SOURCE_PLL1P 5u

#define SCICKDIVCR_BY_4 2u
#define SCICKCR_REQUEST (1u << 6)
#define SCICKCR_READY (1u << 7)

#define FCACHE UINT32_C(0x4001C100)
#define FCACHEE RA8_16(FCACHE + 0x00u)
#define FCACHEIV RA8_16(FCACHE + 0x04u)
#define FLWT RA8_8(FCACHE + 0x1Cu)
#define FLWT_4_WAITS 4u /* ICLK of 193 to 240 MHz. SRAM waits from reset on (SRAMWTSC). */

#define SETTLING_US 150u

_Static_assert(FW_CLOCK_HZ == 480000000u && FW_UART_HZ == FW_CLOCK_HZ / 4u,
               "clock_hz, uart.hz: this start-up code makes 480 and 120 MHz");

/* A turn of the loop takes a cycle at least. */
void ra8_wait_us(uint32_t us) {
  for (uint32_t turns = us * (FW_CLOCK_HZ / 1000000u); turns; turns--) __asm__ volatile("nop");
}

static void start_pll(void) {
  MOMCR = MOMCR_8_TO_24_MHZ;
  MOSCWTCR = MOSCWTCR_LONG;
  MOSCCR = 0;
  while (!(OSCSF & OSCSF_MOSCSF)) {
  }
  PLLCCR = PLLCCR_VALUE;
  PLLCCR2 = PLLCCR2_VALUE;
  PLLCR = 0;
  while (!(OSCSF & OSCSF_PLLSF)) {
  }
}

static void enable_flash_cache(void) {
  FCACHEIV = 1;
  while (FCACHEIV) {
  }
  FCACHEE = 1;
}

/* Up to 240 MHz first, and on when the supply has settled: no step may be larger. */
static void raise_clock(void) {
  FLWT = FLWT_4_WAITS;
  SCKDIVCR = SCKDIVCR_VALUE;
  SCKDIVCR2 = CPUCLK_BY_2;
  SCKSCR = SOURCE_PLL1P;
  ra8_wait_us(SETTLING_US);
  SCKDIVCR2 = CPUCLK_BY_1;
  ra8_wait_us(SETTLING_US);
}

static void start_line_clock(void) {
  SCICKCR |= SCICKCR_REQUEST; /* stops it */
  while (!(SCICKCR & SCICKCR_READY)) {
  }
  SCICKDIVCR = SCICKDIVCR_BY_4;
  SCICKCR = SOURCE_PLL1P | SCICKCR_REQUEST;
  SCICKCR = SOURCE_PLL1P;
  while (SCICKCR & SCICKCR_READY) {
  }
}

void ra8_start_clocks(void) {
  SYSTEM_PRCR = PRCR_CLOCKS;
  enable_flash_cache();
  start_pll();
  raise_clock();
  start_line_clock();
  SYSTEM_PRCR = PRCR_KEY;
}
