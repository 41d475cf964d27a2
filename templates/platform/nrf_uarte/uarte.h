/* The UARTE of nRF52, nRF53 and nRF91. */
#ifndef UARTE_H
#define UARTE_H

/* Sets the line up for FW_UART_BAUD. The crystal runs, and the pins are set up as GPIO. */
void fw_uarte_init(void);

#endif
