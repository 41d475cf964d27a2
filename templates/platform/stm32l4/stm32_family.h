/* STM32L4 and L4+: what stm32_pins.c and stm32_usart.c need to know. Source: ST's stm32l475xx.h and
 * stm32l4r5xx.h. */
#ifndef STM32_FAMILY_H
#define STM32_FAMILY_H

#include "fw_board.h"

#define STM32_PORTS UINT32_C(0x48000000) /* GPIOA_BASE, AHB2 */

/* USART_TypeDef: CR1, BRR, ISR, ICR, RDR, TDR. */
#define USART_STATUS 0x1Cu
#define USART_RECEIVE 0x24u
#define USART_SEND 0x28u
#define USART_CLEAR 0x20u
#define USART_BRR 0x0Cu
#define USART_CR1 0x00u
#define USART_PRESC 0x2Cu  /* of the L4+ */
#define USART_ON (1u << 0) /* UE */
#if FW_CLOCK_HZ > 80000000
#define USART_OPTIONS (1u << 29) /* FIFOEN, which only the L4+ has */
#else
#define USART_OPTIONS 0u
#endif
#define USART_IS_LOW_POWER (FW_UART_BASE == 0x40008000) /* LPUART1 */

#endif
