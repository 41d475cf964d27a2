/* Pins (GPIO). A port has 0x400 bytes; in each: MODER 0x00, OSPEEDR 0x08, PUPDR 0x0C, BSRR 0x18,
 * AFRL 0x20, AFRH 0x24 (GPIO_TypeDef of every STM32 device header from the F4 on). */
#include "fw_board.h"
#include "fw_platform.h"
#include "stm32.h"
#include "stm32_family.h"
#include "stm32_usart.h"

#define PORT(pin) (STM32_PORTS + ((pin) >> 4) * 0x400u)
#define NUMBER(pin) ((pin) & 15u)
#define MODER 0x00u
#define OSPEEDR 0x08u
#define PUPDR 0x0Cu
#define BSRR 0x18u
#define AFR 0x20u

#define OUTPUT 1u    /* of MODER */
#define ALTERNATE 2u /* of MODER */
#define MEDIUM 1u    /* of OSPEEDR */
#define PULL_UP 1u   /* of PUPDR */

static void set_two_bits(uintptr_t address, uint32_t number, uint32_t bits) {
  stm32_modify(address, 3u << (2u * number), bits << (2u * number));
}

/* The function is chosen before the pin is given to it, so that the line does not glitch. Pulled
 * up: a line that nobody drives is idle. */
static void connect(uint32_t pin) {
  const uint32_t shift = 4u * (NUMBER(pin) & 7u);
  stm32_modify(PORT(pin) + AFR + 4u * (NUMBER(pin) >> 3), 15u << shift,
               FW_UART_PIN_FUNCTION << shift);
  set_two_bits(PORT(pin) + OSPEEDR, NUMBER(pin), MEDIUM);
  set_two_bits(PORT(pin) + PUPDR, NUMBER(pin), PULL_UP);
  set_two_bits(PORT(pin) + MODER, NUMBER(pin), ALTERNATE);
}

void stm32_io_init(void) {
  connect(FW_UART_TX_PIN);
  connect(FW_UART_RX_PIN);
  stm32_usart_init();
#ifdef FW_TRIGGER_PIN
  STM32_REGISTER(PORT(FW_TRIGGER_PIN) + BSRR) = 1u << NUMBER(FW_TRIGGER_PIN);
  set_two_bits(PORT(FW_TRIGGER_PIN) + OSPEEDR, NUMBER(FW_TRIGGER_PIN), MEDIUM);
  set_two_bits(PORT(FW_TRIGGER_PIN) + MODER, NUMBER(FW_TRIGGER_PIN), OUTPUT);
#endif
}

#ifdef FW_TRIGGER_PIN
void fw_platform_trigger(void) {
  STM32_REGISTER(PORT(FW_TRIGGER_PIN) + BSRR) = 0x10000u << NUMBER(FW_TRIGGER_PIN);
  for (uint32_t cycles = FW_TRIGGER_US * (FW_CLOCK_HZ / 1000000u); cycles; cycles--) {
    __asm__ volatile("nop");
  }
  STM32_REGISTER(PORT(FW_TRIGGER_PIN) + BSRR) = 1u << NUMBER(FW_TRIGGER_PIN);
}
#endif
