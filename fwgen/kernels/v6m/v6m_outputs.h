/* The outputs of sums that lie side by side, on cores of Armv6-M: v6m_rescale.h has their
 * arithmetic. */
#ifndef FW_V6M_OUTPUTS_H
#define FW_V6M_OUTPUTS_H

#include "v6m_required.h"
#include "v6m_rescale.h"

/* `lines` of `count` outputs each, at least one, `step` bytes apart, in the order in which they are
 * loaded. */
typedef struct {
  int32_t sums_skip, output_skip; /* bytes from behind a line to the next */
  int32_t sums_bytes;             /* of a line, with those that are skipped */
  int32_t lines;
  const int32_t* sums;
  int8_t* output;
  int32_t step, count;
  const int32_t* scale; /* members of fw_v6m_scale, without the last two where there is no bend */
} fw_v6m_outputs;

typedef void fw_v6m_rescale(const fw_v6m_outputs* block);

#endif
