/* STM32F405 at 168 MHz from its internal oscillator. Addresses, registers and bits: ST's
 * stm32f405xx.h. What they mean, and wait states: reference manual RM0090, chapters "Embedded Flash
 * memory interface", "Power controller" and "Reset and clock control for STM32F405xx".
 *
 * QEMU's netduinoplus2 has no RCC, PWR, flash interface and pins: they read as 0. On the chip, HSI
 * runs and is ready from reset on, so that 0 there tells the simulator from the chip. */
#include "core_counter.h"
#include "fw_platform.h"
#include "stm32.h"

#define RCC UINT32_C(0x40023800)
#define RCC_CR (RCC + 0x00u)
#define CR_HSIRDY (1u << 1)
#define CR_PLLON (1u << 24)
#define CR_PLLRDY (1u << 25)
#define RCC_PLLCFGR (RCC + 0x04u)
#define RCC_CFGR (RCC + 0x08u)
#define CFGR_SW_PLL 2u
#define CFGR_SWS_PLL (2u << 2)
#define CFGR_PPRE1_DIV4 (5u << 10)
#define CFGR_PPRE2_DIV2 (4u << 13)
#define RCC_AHB1ENR (RCC + 0x30u) /* a bit for each port, A is bit 0 */
#define RCC_APB1ENR (RCC + 0x40u)
#define APB1ENR_PWR (1u << 28)
#define RCC_APB2ENR (RCC + 0x44u)
#define APB2ENR_USART1 (1u << 4)

#define PWR_CR UINT32_C(0x40007000)
#define CR_VOS (1u << 14) /* scale 1, as above 144 MHz */
#define FLASH_ACR UINT32_C(0x40023C00)
#define ACR_CACHES_PREFETCH (1u << 10 | 1u << 9 | 1u << 8)
#define ACR_LATENCY 5u /* 150 to 168 MHz at 2.7 to 3.6 V */
#define ACR_LATENCY_MASK 7u

/* HSI of 16 MHz / 16 * 336 / 2 = 168 MHz, the middle of the PLL at 336 MHz; Q makes 48 MHz. P is 2
 * as 0, and the source is HSI as 0. */
#define PLL_M 16u
#define PLL_N 336u
#define PLL_Q 7u

static void raise_clock(void) {
  stm32_modify(FLASH_ACR, ACR_LATENCY_MASK, ACR_LATENCY | ACR_CACHES_PREFETCH);
  stm32_wait(FLASH_ACR, ACR_LATENCY);
  STM32_REGISTER(PWR_CR) |= CR_VOS;
  STM32_REGISTER(RCC_PLLCFGR) = PLL_Q << 24 | PLL_N << 6 | PLL_M;
  STM32_REGISTER(RCC_CR) |= CR_PLLON;
  stm32_wait(RCC_CR, CR_PLLRDY);
  STM32_REGISTER(RCC_CFGR) = CFGR_PPRE1_DIV4 | CFGR_PPRE2_DIV2; /* 42 and 84 MHz */
  STM32_REGISTER(RCC_CFGR) |= CFGR_SW_PLL;
  stm32_wait(RCC_CFGR, CFGR_SWS_PLL);
}

static int is_simulated(void) { return !(STM32_REGISTER(RCC_CR) & CR_HSIRDY); }

#ifdef FW_COUNTER_SIMULATED
int fw_counter_is_simulated(void) { return is_simulated(); }
#endif

void fw_platform_init(void) {
  STM32_REGISTER(RCC_AHB1ENR) |= STM32_PORT_BITS;
  STM32_REGISTER(RCC_APB1ENR) |= APB1ENR_PWR;
  STM32_REGISTER(RCC_APB2ENR) |= APB2ENR_USART1;
  (void)STM32_REGISTER(RCC_APB2ENR); /* two cycles until a clock is there */
  if (!is_simulated()) raise_clock();
  stm32_io_init();
  fw_counter_start();
}
