/* STM32L4 at 80 MHz and L4+ at 120 MHz, from the internal oscillator: it needs nothing of the
 * board. Addresses, registers and bits: ST's stm32l475xx.h and stm32l4r5xx.h. Wait states and the
 * order of steps: the tables and HAL_RCC_ClockConfig of ST's stm32l4xx_hal_rcc.c, and
 * HAL_PWREx_ControlVoltageScaling of stm32l4xx_hal_pwr_ex.c. Reference manuals: RM0351, RM0432.
 *
 * QEMU's b-l475e-iot01a has RCC, pins and USART, but no flash interface, no PWR and no DBGMCU: they
 * read as 0. A chip has its number in the last one. */
#include "core_counter.h"
#include "fw_board.h"
#include "fw_platform.h"
#include "stm32.h"

#define RCC UINT32_C(0x40021000)
#define RCC_CR (RCC + 0x00u)
#define CR_HSION (1u << 8)
#define CR_HSIRDY (1u << 10)
#define CR_PLLON (1u << 24)
#define CR_PLLRDY (1u << 25)
#define RCC_CFGR (RCC + 0x08u)
#define CFGR_SW_PLL 3u
#define CFGR_SWS_PLL (3u << 2)
#define CFGR_HPRE_DIV2 (8u << 4)
#define CFGR_HPRE_MASK (15u << 4)
#define RCC_PLLCFGR (RCC + 0x0Cu)
#define PLLCFGR_HSI 2u
#define PLLCFGR_REN (1u << 24)
#define RCC_AHB2ENR (RCC + 0x4Cu) /* a bit for each port, A is bit 0 */
#define RCC_APB1ENR1 (RCC + 0x58u)
#define APB1ENR1_PWR (1u << 28)
#define RCC_APB1ENR2 (RCC + 0x5Cu)
#define APB1ENR2_LPUART1 (1u << 0)
#define RCC_APB2ENR (RCC + 0x60u)
#define APB2ENR_USART1 (1u << 14)

#define PWR UINT32_C(0x40007000)
#define PWR_CR2 (PWR + 0x04u)
#define CR2_IOSV (1u << 9) /* VDDIO2 is there, which feeds PG2 to PG15 */
#define PWR_SR2 (PWR + 0x14u)
#define SR2_VOSF (1u << 10)
#define PWR_CR5 (PWR + 0x80u)
#define CR5_R1MODE (1u << 8) /* 0: range 1 is boosted */

#define FLASH_ACR UINT32_C(0x40022000)
#define ACR_LATENCY_MASK 15u
#define ACR_CACHES_PREFETCH (1u << 10 | 1u << 9 | 1u << 8)

#define DBGMCU_IDCODE UINT32_C(0xE0042000)
#define IDCODE_DEV_ID 0xFFFu

/* HSI of 16 MHz / 2 * N / 2; before the last division it is 160 or 240 MHz, of 344 that are
 * allowed. The fields hold M - 1, N, and R / 2 - 1. */
#define PLL_M 2u
#define PLL_N (FW_CLOCK_HZ / 4000000u)

#if FW_CLOCK_HZ == 120000000
#define BOOST 1 /* above 80 MHz: L4+ only */
#define LATENCY 5u
#elif FW_CLOCK_HZ == 80000000
#define BOOST 0
#define LATENCY 4u
#else
#error "clock_hz of the board file: 80000000 on an STM32L4, 120000000 on an STM32L4+"
#endif

static int is_simulated(void) { return !(STM32_REGISTER(DBGMCU_IDCODE) & IDCODE_DEV_ID); }

static void set_flash_waits(void) {
  stm32_modify(FLASH_ACR, ACR_LATENCY_MASK, LATENCY | ACR_CACHES_PREFETCH);
  if (!is_simulated()) stm32_wait(FLASH_ACR, LATENCY);
}

static void raise_clock(void) {
#if BOOST
  STM32_REGISTER(PWR_CR5) &= ~CR5_R1MODE;
  while (STM32_REGISTER(PWR_SR2) & SR2_VOSF) {
  }
#endif
  set_flash_waits();
  STM32_REGISTER(RCC_CR) |= CR_HSION;
  stm32_wait(RCC_CR, CR_HSIRDY);
  STM32_REGISTER(RCC_PLLCFGR) = PLLCFGR_REN | PLL_N << 8 | (PLL_M - 1u) << 4 | PLLCFGR_HSI;
  STM32_REGISTER(RCC_CR) |= CR_PLLON;
  stm32_wait(RCC_CR, CR_PLLRDY);
#if BOOST
  /* To more than 80 MHz by way of half the clock, for a microsecond at least. */
  stm32_modify(RCC_CFGR, CFGR_HPRE_MASK, CFGR_HPRE_DIV2);
#endif
  STM32_REGISTER(RCC_CFGR) |= CFGR_SW_PLL;
  stm32_wait(RCC_CFGR, CFGR_SWS_PLL);
#if BOOST
  for (uint32_t cycles = FW_CLOCK_HZ / 1000000u; cycles; cycles--) __asm__ volatile("nop");
  stm32_modify(RCC_CFGR, CFGR_HPRE_MASK, 0);
#endif
}

#ifdef FW_COUNTER_SIMULATED
int fw_counter_is_simulated(void) { return is_simulated(); }
#endif

void fw_platform_init(void) {
  STM32_REGISTER(RCC_APB1ENR1) |= APB1ENR1_PWR;
  (void)STM32_REGISTER(RCC_APB1ENR1); /* two cycles until a clock is there */
  raise_clock();
  STM32_REGISTER(PWR_CR2) |= CR2_IOSV;
  STM32_REGISTER(RCC_AHB2ENR) |= STM32_PORT_BITS;
  STM32_REGISTER(RCC_APB1ENR2) |= APB1ENR2_LPUART1;
  STM32_REGISTER(RCC_APB2ENR) |= APB2ENR_USART1;
  (void)STM32_REGISTER(RCC_APB2ENR);
  stm32_io_init();
  fw_counter_start();
}
