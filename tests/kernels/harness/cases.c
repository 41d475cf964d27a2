#include "cases.h"

static uint32_t script[MOST_SCRIPT];
static fw_case_range ranges[MOST_RANGES];

void fw_feed_rows(const int8_t* from, int8_t* to, int32_t bytes) {
  for (int32_t i = 0; i < bytes; i++) to[i] = from[i];
}

int case_next(void) {
  fw_case_head head;
  if (!case_take(&head, sizeof head)) return 0;
  if (head.arena_bytes > MOST_ARENA || head.script_words > MOST_SCRIPT ||
      head.ranges > MOST_RANGES || !case_take(ranges, head.ranges * sizeof ranges[0]) ||
      !case_take(script, head.script_words * 4) || !case_take(case_arena, head.arena_bytes)) {
    case_quit(2);
  }
  const uint32_t* at = script;
  for (uint32_t i = 0; i < head.fills; i++) {
    fills[at[0]](case_arena + at[1], at + 3);
    at += 3 + at[2];
  }
  case_begin(&head, ranges);
  for (uint32_t i = 0; i < head.calls; i++) {
    calls[at[0]](case_arena, at + 2);
    at += 2 + at[1];
  }
  const uint32_t ticks = case_end();
  case_give(&ticks, sizeof ticks);
  case_give(case_arena, head.arena_bytes);
  return 1;
}
