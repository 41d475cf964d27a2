/* Sum of two int8 tensors of one shape, of any scales, for Armv6-M. */
#ifndef FW_SUM_TABLES_S8_V6M_H
#define FW_SUM_TABLES_S8_V6M_H

#include "v6m_sums.h"

typedef struct {
  fw_v6m_sum sum;
} fw_sum_tables_s8_v6m_params;

/* tables: what the 256 values of input1 add to a sum, from 0 to 127 and -128 to -1, and then those
 * of input2. output may be either input. */
void fw_sum_tables_s8_v6m(const fw_sum_tables_s8_v6m_params* p, const int32_t* tables,
                          const int8_t* input1, const int8_t* input2, int8_t* output,
                          int32_t count);

#endif
