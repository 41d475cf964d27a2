/* nRF52840: what nrf_pins.c and nrf_debug_port.c need to know. Source: Nordic's nrf52840.h and
 * nrf52840_bitfields.h (nrfx, folder mdk). */
#ifndef NRF_FAMILY_H
#define NRF_FAMILY_H

#include <stdint.h>

#define NRF_PORTS UINT32_C(0x50000504) /* OUT of NRF_P0 */
#define NRF_NVMC UINT32_C(0x4001E000)

#define NRF_UNPROTECTED UINT32_C(0xFFFFFF5A) /* UICR.APPROTECT: HwDisabled */

#endif
