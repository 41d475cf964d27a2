/* Sum of two int8 tensors of the same shape, one by a table, for Armv7-M: addition and subtraction
 * of any scales. */
#ifndef FW_SUM_TABLE_S8_V7M_H
#define FW_SUM_TABLE_S8_V7M_H

#include "v7m_rescaled.h"

typedef struct {
  int32_t near_weight; /* 2^21, or less 2^21 */
  fw_rescaling rescaling;
} fw_sum_table_s8_v7m_params;

/* table[b & 255] is 4 times the far operand b at the common scale, added or subtracted, and what
 * the near operand's zero point adds. output may be either input. */
void fw_sum_table_s8_v7m(const fw_sum_table_s8_v7m_params* p, const int32_t* table,
                         const int8_t* near, const int8_t* far, int8_t* output, int32_t count);

#endif
