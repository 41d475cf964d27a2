#include "fw_crc.h"

uint16_t fw_crc16(uint16_t crc, uint8_t byte) {
  uint32_t x = (uint32_t)crc ^ ((uint32_t)byte << 8);
  for (int bit = 0; bit < 8; bit++) {
    x = (x << 1) ^ ((x & 0x8000u) ? 0x1021u : 0u);
  }
  return (uint16_t)x;
}

uint32_t fw_crc32(uint32_t crc, const void* data, uint32_t bytes) {
  /* Remainders of the 16 nibbles under the reflected polynomial 0xEDB88320. */
  static const uint32_t remainder[16] = {
      0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
      0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
      0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
  };
  const uint8_t* p = data;
  crc = ~crc;
  for (uint32_t i = 0; i < bytes; i++) {
    crc ^= p[i];
    crc = (crc >> 4) ^ remainder[crc & 15u];
    crc = (crc >> 4) ^ remainder[crc & 15u];
  }
  return ~crc;
}
