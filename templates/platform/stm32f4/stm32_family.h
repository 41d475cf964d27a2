/* STM32F405: what stm32_pins.c and stm32_usart.c need to know. Source: ST's stm32f405xx.h. */
#ifndef STM32_FAMILY_H
#define STM32_FAMILY_H

#include <stdint.h>

#define STM32_PORTS UINT32_C(0x40020000) /* GPIOA_BASE, AHB1 */

/* USART_TypeDef: SR, DR, BRR, CR1. Reading SR and then DR clears errors. */
#define USART_STATUS 0x00u
#define USART_RECEIVE 0x04u
#define USART_SEND 0x04u
#define USART_BRR 0x08u
#define USART_CR1 0x0Cu
#define USART_ON (1u << 13) /* UE */
#define USART_OPTIONS 0u
#define USART_IS_LOW_POWER 0

#endif
