/* The two checksums of the serial protocol. */
#ifndef FW_CRC_H
#define FW_CRC_H

#include <stdint.h>

#define FW_CRC16_START UINT16_C(0xFFFF)

/* CRC-16/CCITT, polynomial 0x1021, not reflected; crc is FW_CRC16_START at first. */
uint16_t fw_crc16(uint16_t crc, uint8_t byte);

/* zlib's CRC-32; crc is 0 at first, then what the call before returned. */
uint32_t fw_crc32(uint32_t crc, const void* data, uint32_t bytes);

#endif
