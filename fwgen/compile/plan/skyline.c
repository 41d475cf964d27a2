/* Search for offsets of buffers that may never share a byte: branch and bound from the bottom up.
 *
 * Time is cut into sections in which the same buffers live. The head of a buffer is the least
 * offset left to it; the floor of a section is the least head of the unplaced buffers in it. Each
 * node takes one section and decides what lies on its floor: one of the unplaced buffers whose head
 * is the floor, in the order of their rank, or none, which raises the floor to where the next
 * buffer can begin. A section qualifies if all of those buffers see no lower floor anywhere: then
 * nothing can come to lie below them, and a placed buffer is placed for good. The choices exclude
 * each other and miss no solution in which every buffer lies as low as it can (the canonical
 * solutions of MiniMalloc, Moffitt, ASPLOS 2023).
 *
 * A node fails if in some section the unplaced buffers, one on top of the other in order of their
 * heads, end above the limit, or if a raised buffer would still fit below what is decided. It falls
 * into parts where no unplaced buffer spans two sections; the parts are searched one by one. What
 * failed is remembered by 128 bits of hash over the unplaced buffers with their heads.
 *
 * Rounds with growing budgets alternate between rules for the section and ranks of the buffers,
 * which later rounds shuffle a little. Sections weigh more for each failure in them; weights and
 * failures are kept over the rounds.
 * skyline.py has the same algorithm, step by step, in Python: keep them alike.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { INTERRUPTED = -3, NO_MEMORY = -2, EXHAUSTED = -1, INFEASIBLE = 0, SOLVED = 1 };
enum { MEMO_BITS = 18, MOST_DEPTH = 8000, FIRST_ROUND = 500, RULES = 4, RANKS = 2, NOISE = 4 };
static const int64_t NONE = INT64_MAX;

typedef struct {
  int32_t index; /* of a buffer, or ~index of a section */
  int64_t low;   /* head or floor */
  int64_t high;  /* support, or number of buffers on the floor */
} Change;        /* what was before */

typedef struct {
  int32_t count, sections;
  const int32_t *first, *last; /* sections of each buffer, half-open */
  const int64_t *size, *stacked, *alignment;
  int64_t capacity, limit; /* limit: of stacked sizes, which are rounded up */
  int64_t budget, nodes, depth;
  int32_t rule;
  int64_t* rank;           /* all different */
  int64_t *head, *support; /* support: the head without raised floors */
  uint64_t* key;           /* equal for buffers that can take each other's place */
  bool* placed;
  int32_t *in_start, *in;     /* buffers of each section */
  int32_t *born_start, *born; /* buffers that begin in each section */
  int32_t *near_start, *near; /* buffers that live when each buffer does */
  int64_t *floor, *weight;
  int64_t *on_floor, *touched, step;
  int64_t *heads, *sizes; /* of one section, while it is measured */
  Change* changes;
  int64_t change_count, change_room;
  int32_t *order, placed_count;
  uint64_t (*memo)[2];
  bool out_of_memory;
  int (*give_up)(void);
} Search;

static uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

static int64_t aligned(const Search* s, int32_t buffer, int64_t offset) {
  return (offset + s->alignment[buffer] - 1) / s->alignment[buffer] * s->alignment[buffer];
}

static bool note(Search* s, int32_t index, int64_t low, int64_t high) {
  if (s->change_count == s->change_room) {
    int64_t room = 2 * s->change_room + 64;
    Change* bigger = realloc(s->changes, (size_t)room * sizeof(Change));
    if ((s->out_of_memory = !bigger)) return false;
    s->changes = bigger;
    s->change_room = room;
  }
  s->changes[s->change_count++] = (Change){index, low, high};
  return true;
}

static void touch(Search* s, int32_t buffer) {
  for (int32_t t = s->first[buffer]; t < s->last[buffer]; t++) s->touched[t] = s->step;
}

static void lift(Search* s, int32_t buffer, int64_t head, int64_t support) {
  if (!note(s, buffer, s->head[buffer], s->support[buffer])) return;
  if (s->head[buffer] != head) touch(s, buffer);
  s->head[buffer] = head;
  s->support[buffer] = support;
}

/* The floor of a section; false if the buffers left in it do not fit. */
static bool measure(Search* s, int32_t section) {
  int64_t *heads = s->heads, *sizes = s->sizes, end = 0, on_floor = 0;
  int32_t n = 0;
  for (int32_t q = s->in_start[section]; q < s->in_start[section + 1]; q++) {
    int32_t j = s->in[q], p = n;
    if (s->placed[j]) continue;
    for (; p > 0 && heads[p - 1] > s->head[j]; p--) {
      heads[p] = heads[p - 1];
      sizes[p] = sizes[p - 1];
    }
    heads[p] = s->head[j];
    sizes[p] = s->stacked[j];
    n++;
  }
  for (int32_t p = 0; p < n; p++) {
    on_floor += heads[p] == heads[0];
    end = (heads[p] > end ? heads[p] : end) + sizes[p];
  }
  if (!note(s, ~section, s->floor[section], s->on_floor[section])) return false;
  s->floor[section] = n ? heads[0] : NONE;
  s->on_floor[section] = on_floor;
  if (end > s->limit) s->weight[section]++;
  return end <= s->limit;
}

/* Measures what the step touched; false if something does not fit. */
static bool fits(Search* s, int32_t from, int32_t to) {
  for (int32_t t = from; t < to; t++)
    if (s->touched[t] == s->step && !measure(s, t)) return false;
  return true;
}

/* Whether a raised buffer could lie where nothing else will come to lie. */
static bool dominated(const Search* s, int32_t from, int32_t to) {
  for (int32_t q = s->born_start[from]; q < s->born_start[to]; q++) {
    int32_t j = s->born[q], t = s->first[j];
    int64_t end = s->support[j] + s->stacked[j];
    if (s->placed[j] || end > s->head[j]) continue;
    while (t < s->last[j] && s->floor[t] >= end) t++;
    if (t == s->last[j]) return true;
  }
  return false;
}

/* Whether nothing can come to lie below the buffers on the section's floor. */
static bool lowest(const Search* s, int32_t section) {
  for (int32_t q = s->in_start[section]; q < s->in_start[section + 1]; q++) {
    int32_t j = s->in[q];
    if (s->placed[j] || s->head[j] != s->floor[section]) continue;
    for (int32_t t = s->first[j]; t < s->last[j]; t++)
      if (s->floor[t] < s->floor[section]) return false;
  }
  return true;
}

/* The section to branch on: few choices, low, with many failures, as the rule weighs them. */
static int32_t choose(const Search* s, int32_t from, int32_t to) {
  int32_t best = from;
  int64_t least = NONE;
  for (int32_t t = from; t < to; t++) {
    if (s->floor[t] == NONE) continue;
    int64_t choices = s->on_floor[t] << 30, height = s->floor[t] * 64 / s->capacity;
    int64_t score = s->rule == 0   ? choices * (height + 8) / s->weight[t]
                    : s->rule == 1 ? (height << 40) + choices / s->weight[t]
                    : s->rule == 2 ? choices
                                   : choices * (height + 8) / (s->weight[t] + 16);
    if (score < least && lowest(s, t)) {
      least = score;
      best = t;
    }
  }
  return best;
}

/* The buffer on the section's floor that has the next rank, or -1. */
static int32_t next_choice(const Search* s, int32_t section, int64_t after) {
  int32_t best = -1;
  for (int32_t q = s->in_start[section]; q < s->in_start[section + 1]; q++) {
    int32_t j = s->in[q];
    if (s->placed[j] || s->head[j] != s->floor[section] || s->rank[j] <= after) continue;
    if (best < 0 || s->rank[j] < s->rank[best]) best = j;
  }
  return best;
}

static void place(Search* s, int32_t buffer) {
  int64_t top = s->head[buffer] + s->size[buffer];
  s->placed[buffer] = true;
  s->order[s->placed_count++] = buffer;
  touch(s, buffer);
  for (int32_t q = s->near_start[buffer]; q < s->near_start[buffer + 1]; q++) {
    int32_t j = s->near[q];
    int64_t offset = aligned(s, j, top);
    if (!s->placed[j] && s->support[j] < offset)
      lift(s, j, s->head[j] > offset ? s->head[j] : offset, offset);
  }
}

/* Nothing lies on the section's floor: up to the next place; false if there is none. */
static bool raise_floor(Search* s, int32_t section) {
  int64_t floor = s->floor[section], to = NONE;
  for (int32_t q = s->in_start[section]; q < s->in_start[section + 1]; q++) {
    int32_t j = s->in[q];
    if (s->placed[j]) continue;
    if (s->head[j] > floor && s->head[j] < to) to = s->head[j];
    if (s->head[j] > floor) continue;
    for (int32_t p = s->near_start[j]; p < s->near_start[j + 1]; p++) {
      int32_t k = s->near[p];
      bool here = s->first[k] <= section && section < s->last[k];
      if (s->placed[k] || here) continue;
      int64_t offset = aligned(s, j, s->head[k] + s->size[k]);
      if (offset < to) to = offset;
    }
  }
  if (to == NONE) return false;
  for (int32_t q = s->in_start[section]; q < s->in_start[section + 1]; q++) {
    int32_t j = s->in[q];
    if (!s->placed[j] && s->head[j] < to) lift(s, j, aligned(s, j, to), s->support[j]);
  }
  return true;
}

static int search(Search* s, int32_t from, int32_t to);

/* Searches each run of sections that unplaced buffers hold together. */
static int parts(Search* s, int32_t from, int32_t to) {
  for (int32_t t = from; t < to;) {
    int32_t begin = t, end = t + 1;
    if (s->floor[t++] == NONE) continue;
    for (t = begin; t < end; t++)
      for (int32_t q = s->born_start[t]; q < s->born_start[t + 1]; q++)
        if (!s->placed[s->born[q]] && s->last[s->born[q]] > end) end = s->last[s->born[q]];
    int result = search(s, begin, end);
    if (result != SOLVED) return result;
  }
  return SOLVED;
}

static void undo(Search* s, int64_t changes, int32_t placed) {
  while (s->change_count > changes) {
    Change old = s->changes[--s->change_count];
    bool section = old.index < 0;
    (section ? s->floor : s->head)[section ? ~old.index : old.index] = old.low;
    (section ? s->on_floor : s->support)[section ? ~old.index : old.index] = old.high;
  }
  while (s->placed_count > placed) s->placed[s->order[--s->placed_count]] = false;
}

static int branch(Search* s, int32_t from, int32_t to) {
  int32_t section = choose(s, from, to), placed = s->placed_count, choice = -1;
  int64_t changes = s->change_count;
  for (bool more = true; more;) {
    choice = next_choice(s, section, choice < 0 ? -1 : s->rank[choice]);
    more = choice >= 0;
    if (more && s->head[choice] + s->size[choice] > s->capacity) continue;
    s->step++;
    if (more)
      place(s, choice);
    else if (!raise_floor(s, section))
      return INFEASIBLE;
    if (fits(s, from, to) && !dominated(s, from, to)) {
      int result = parts(s, from, to);
      if (result != INFEASIBLE) return result;
    }
    if (s->out_of_memory) return NO_MEMORY;
    undo(s, changes, placed);
  }
  return INFEASIBLE;
}

static int search(Search* s, int32_t from, int32_t to) {
  if (s->nodes >= s->budget || s->depth >= MOST_DEPTH) return EXHAUSTED;
  if (s->give_up()) return INTERRUPTED;
  uint64_t low = mix(((uint64_t)from << 32) + (uint64_t)to), high = low;
  for (int32_t q = s->born_start[from]; q < s->born_start[to]; q++) {
    int32_t j = s->born[q];
    if (s->placed[j]) continue;
    uint64_t state = mix(mix(s->key[j] + (uint64_t)s->head[j]) + (uint64_t)s->support[j]);
    low += state;
    high += mix(state + 1);
  }
  uint64_t* failed = s->memo[low >> (64 - MEMO_BITS)];
  if (failed[0] == low && failed[1] == high) return INFEASIBLE;
  s->nodes++;
  s->depth++;
  int result = branch(s, from, to);
  s->depth--;
  if (result == INFEASIBLE) {
    failed[0] = low;
    failed[1] = high;
  }
  return result;
}

static void* room(Search* s, size_t count, size_t size) {
  void* items = calloc(count + 1, size);
  if (!items) s->out_of_memory = true;
  return items;
}

static bool together(const Search* s, int32_t a, int32_t b) {
  return a != b && s->first[a] < s->last[b] && s->first[b] < s->last[a];
}

/* Who lives where, and who with whom. */
static void index_buffers(Search* s) {
  size_t n = (size_t)s->count, m = (size_t)s->sections, in = 0, near = 0;
  for (int32_t a = 0; a < s->count; a++) {
    in += (size_t)(s->last[a] - s->first[a]);
    for (int32_t b = 0; b < s->count; b++) near += together(s, a, b);
  }
  s->in_start = room(s, m, sizeof(int32_t));
  s->in = room(s, in, sizeof(int32_t));
  s->born_start = room(s, m, sizeof(int32_t));
  s->born = room(s, n, sizeof(int32_t));
  s->near_start = room(s, n, sizeof(int32_t));
  s->near = room(s, near, sizeof(int32_t));
  if (s->out_of_memory) return;
  int32_t in_end = 0, born_end = 0, near_end = 0;
  for (int32_t t = 0; t < s->sections; t++) {
    for (int32_t j = 0; j < s->count; j++) {
      if (s->first[j] <= t && t < s->last[j]) s->in[in_end++] = j;
      if (s->first[j] == t) s->born[born_end++] = j;
    }
    s->in_start[t + 1] = in_end;
    s->born_start[t + 1] = born_end;
  }
  for (int32_t a = 0; a < s->count; a++) {
    for (int32_t b = 0; b < s->count; b++)
      if (together(s, a, b)) s->near[near_end++] = b;
    s->near_start[a + 1] = near_end;
  }
}

static void prepare(Search* s) {
  size_t n = (size_t)s->count, m = (size_t)s->sections;
  index_buffers(s);
  s->head = room(s, n, sizeof(int64_t));
  s->support = room(s, n, sizeof(int64_t));
  s->key = room(s, n, sizeof(uint64_t));
  s->placed = room(s, n, sizeof(bool));
  s->floor = room(s, m, sizeof(int64_t));
  s->weight = room(s, m, sizeof(int64_t));
  s->on_floor = room(s, m, sizeof(int64_t));
  s->touched = room(s, m, sizeof(int64_t));
  s->heads = room(s, n, sizeof(int64_t));
  s->sizes = room(s, n, sizeof(int64_t));
  s->order = room(s, n, sizeof(int32_t));
  s->rank = room(s, n, sizeof(int64_t));
  s->memo = room(s, (size_t)1 << MEMO_BITS, sizeof(*s->memo));
  if (s->out_of_memory) return;
  for (size_t j = 0; j < n; j++) {
    uint64_t life = mix(((uint64_t)s->first[j] << 32) + (uint64_t)s->last[j]);
    s->key[j] = mix(mix(life + (uint64_t)s->size[j]) + (uint64_t)s->alignment[j]);
  }
  for (size_t t = 0; t < m; t++) s->weight[t] = 1;
}

static void release(Search* s) {
  void* all[] = {s->rank,       s->in_start, s->in,     s->born_start, s->born,
                 s->near_start, s->near,     s->head,   s->support,    s->key,
                 s->placed,     s->floor,    s->weight, s->on_floor,   s->touched,
                 s->heads,      s->sizes,    s->order,  s->memo,       s->changes};
  for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) free(all[i]);
}

/* The buffers' ranks; later cycles of rounds shift each by up to a quarter of their number. */
static void rank(Search* s, const int32_t* ranks, int32_t cycle) {
  for (int32_t j = 0; j < s->count; j++) {
    uint64_t noise = mix(((uint64_t)cycle << 32) + (uint64_t)j) % (uint64_t)(s->count / NOISE + 1);
    s->rank[j] = (ranks[j] + (cycle ? (int64_t)noise : 0)) * s->count + j;
  }
}

static int round_of(Search* s) {
  memset(s->placed, 0, (size_t)s->count * sizeof(bool));
  memset(s->head, 0, (size_t)s->count * sizeof(int64_t));
  memset(s->support, 0, (size_t)s->count * sizeof(int64_t));
  s->change_count = s->depth = s->placed_count = 0;
  s->step++;
  for (int32_t t = 0; t < s->sections; t++) s->touched[t] = s->step;
  int result = fits(s, 0, s->sections) ? parts(s, 0, s->sections) : INFEASIBLE;
  return s->out_of_memory ? NO_MEMORY : result;
}

/* `ranks` holds RANKS arrays of `count`; `limits` are capacity, the same for stacked sizes, and
 * budget. Writes `offsets` if SOLVED, `nodes` always. `give_up` is asked at each node, and ends the
 * search as INTERRUPTED unless it returns 0. */
int fw_skyline(int32_t count, int32_t sections, const int32_t* first, const int32_t* last,
               const int64_t* size, const int64_t* stacked, const int64_t* alignment,
               const int32_t* ranks, const int64_t* limits, int64_t* offsets, int64_t* nodes,
               int (*give_up)(void)) {
  Search s = {count, sections, first, last, size, stacked, alignment, .capacity = limits[0]};
  int64_t budget = limits[2], allowance = FIRST_ROUND;
  s.limit = limits[1];
  s.give_up = give_up;
  prepare(&s);
  int result = s.out_of_memory ? NO_MEMORY : EXHAUSTED;
  for (int32_t round = 0; result == EXHAUSTED && s.nodes < budget; round++) {
    s.rule = round % RULES;
    rank(&s, ranks + (size_t)count * (size_t)(round / RULES % RANKS), round / (RULES * RANKS));
    s.budget = budget - s.nodes < allowance ? budget : s.nodes + allowance;
    if (round % (RULES * RANKS) == RULES * RANKS - 1) allowance += allowance / 8;
    result = round_of(&s);
  }
  if (result == SOLVED) memcpy(offsets, s.head, (size_t)count * sizeof(int64_t));
  *nodes = s.nodes;
  release(&s);
  return result;
}
