/* The search for the order of a pass with the least cycles, by simulated annealing: an operation
 * moves somewhere else between those it depends on and those that depend on it; what is worse stays
 * with a probability that falls. Integers only and a generator of its own: the same on any machine.
 *
 * A pass is a loop's body. Its cost is that of a pass of many: an in-order pipeline (see
 * pipeline.py) that issues each instruction as soon as its operands, its unit and the order of
 * results allow. Registers are given to values by a linear scan over the order; a value that the
 * next pass uses keeps its register to the end and from the beginning.
 */
#include <stdint.h>
#include <string.h>

enum { EXECUTION_UNITS = 32, SETS = 8 };
enum { MOST_UNITS = 512, MOST_VALUES = 512, REGISTERS = 64, POINTERS = 4, NONE = -1 };
enum { WARM = 1, COUNTED = 2, EXCESS_CYCLES = 15 };

/* A problem, as `passes.py` lays it out: arrays that begin at `..._at[i]` and end at `[i + 1]`. */
typedef struct {
  int32_t units, instructions, values, kinds; /* kinds of reads, a row's length in `distances` */
  int32_t width;
  int32_t sets;                               /* of execution units that instructions take one of */
  const int32_t* unit_at;                     /* a unit's instructions */
  const int32_t *uses_at, *uses, *use_cycles; /* execution units that an instruction takes */
  const int32_t *set, *set_cycles;            /* one that it takes any unit of, NONE: none */
  const int32_t* set_units;                   /* masks */
  const int32_t *alone, *latency;
  const int32_t *reads_at, *reads, *read_kinds; /* values read */
  const int32_t *writes_at, *writes, *write_kinds;
  const int32_t* distances; /* cycles from a write kind to a read kind */
  const int32_t *before_at, *before, *after_at, *after; /* units */
  const int32_t* registers;                             /* mask of those a value may have */
  const int32_t* preferred;                             /* mask of those it should have */
  const int32_t* carried;                               /* 1: used in the next pass */
  const int32_t *touches_at, *touches, *early;          /* units; 1: of the pass before */
  const int32_t* grouped;                               /* 1: the unit is several instructions */
  const int32_t *access_at, *access_pointer, *access_offset, *access_low, *access_high;
  const int32_t *move_pointer, *move_bytes, *move_opaque; /* per unit, NONE: none */
} problem;

typedef struct {
  int32_t order[MOST_UNITS], position[MOST_UNITS];
  int32_t given[MOST_VALUES], sorted[MOST_VALUES];
} state;

static uint64_t draw(uint64_t* seed) {
  *seed ^= *seed << 13;
  *seed ^= *seed >> 7;
  *seed ^= *seed << 17;
  return *seed;
}

static int32_t below(uint64_t* seed, int32_t n) {
  return (int32_t)((draw(seed) >> 11) % (uint64_t)n);
}

/* Where a value is live, in half positions: from `first` to `last`; of a carried one, to the end
 * from `first` on and from the beginning to `last`. */
static void live(const problem* p, const state* s, int32_t value, int32_t* first, int32_t* last) {
  int32_t low = 1 << 20, high = -1;
  const int32_t split = p->carried[value];
  for (int32_t i = p->touches_at[value]; i < p->touches_at[value + 1]; i++) {
    const int32_t unit = p->touches[i], at = 2 * s->position[unit], many = p->grouped[unit];
    if (!split || !p->early[i]) {
      const int32_t begin = many ? at : at + 1;
      if (begin < low) low = begin;
    }
    if (!split || p->early[i]) {
      const int32_t end = many ? at + 1 : at;
      if (end > high) high = end;
    }
  }
  if (!split && high < low) high = low; /* one that nothing reads */
  *first = low;
  *last = high;
}

/* Values by where they begin, those that begin together by number. `sorted` is an order of all
 * values, best the last one's. */
static void sort(const int32_t* first, int32_t count, int32_t* sorted) {
  for (int32_t i = 1; i < count; i++) {
    const int32_t v = sorted[i];
    int32_t k = i;
    for (; k > 0; k--) {
      const int32_t u = sorted[k - 1];
      if (first[u] < first[v] || (first[u] == first[v] && u < v)) break;
      sorted[k] = u;
    }
    sorted[k] = v;
  }
}

/* Gives registers to values; the number of values without. */
static int32_t allocate(const problem* p, state* s) {
  int32_t first[MOST_VALUES], last[MOST_VALUES], lacking = 0;
  int32_t free_from[REGISTERS] = {0}, free_to[REGISTERS];
  for (int32_t r = 0; r < REGISTERS; r++) free_to[r] = 1 << 20;
  for (int32_t v = 0; v < p->values; v++) {
    s->given[v] = NONE;
    first[v] = 0;
    if (!p->registers[v]) continue;
    live(p, s, v, &first[v], &last[v]);
    if (!p->carried[v]) continue;
    for (int32_t r = 0; r < 32 && s->given[v] == NONE; r++) {
      if (p->registers[v] >> r & 1 && free_to[r] == 1 << 20) {
        s->given[v] = r;
        free_from[r] = last[v];
        free_to[r] = first[v];
      }
    }
    if (s->given[v] == NONE || last[v] >= first[v]) lacking++;
  }
  sort(first, p->values, s->sorted);
  for (int32_t i = 0; i < p->values; i++) {
    const int32_t v = s->sorted[i];
    if (p->carried[v] || !p->registers[v]) continue;
    int32_t best = NONE;
    for (uint32_t mask = (uint32_t)p->registers[v]; mask; mask &= mask - 1) {
      const int32_t r = __builtin_ctz(mask);
      if (free_from[r] > first[v] || free_to[r] < last[v]) continue;
      if (best == NONE) {
        best = r;
        continue;
      }
      const int32_t liked = p->preferred[v] >> r & 1, now = p->preferred[v] >> best & 1;
      if (liked != now ? liked : free_to[r] < free_to[best]) best = r;
    }
    if (best == NONE) {
      lacking++;
      continue;
    }
    s->given[v] = best;
    free_from[best] = last[v];
  }
  return lacking;
}

/* Which unit of a set llvm-mca takes: it goes round, from the last to the first. */
typedef struct {
  uint32_t all, next, removed;
} turns;

static uint32_t highest(uint32_t mask) {
  while (mask & (mask - 1)) mask &= mask - 1;
  return mask;
}

static uint32_t choose(turns* t, uint32_t free) {
  if (!(free & t->next)) {
    t->next = t->all ^ t->removed;
    t->removed = 0;
    if (!(free & t->next)) t->next = t->all;
  }
  return highest(free & t->next);
}

static void pass_turn(turns* t, uint32_t unit) {
  if (unit > t->next) {
    t->removed |= unit;
    return;
  }
  t->next &= ~unit;
  if (t->next) return;
  t->next = t->all ^ t->removed;
  t->removed = 0;
}

/* Execution units: until when each is taken, and whose turn it is in each set. */
typedef struct {
  int32_t until[EXECUTION_UNITS];
  turns turns[SETS];
} execution;

/* When an instruction gets its execution units, from `at` on. */
static int32_t granted(const problem* p, const execution* e, int32_t i, int32_t at) {
  for (int32_t u = p->uses_at[i]; u < p->uses_at[i + 1]; u++) {
    if (e->until[p->uses[u]] > at) at = e->until[p->uses[u]];
  }
  if (p->set[i] == NONE) return at;
  int32_t first = 1 << 30;
  for (uint32_t mask = (uint32_t)p->set_units[p->set[i]]; mask; mask &= mask - 1) {
    const int32_t until = e->until[__builtin_ctz(mask)];
    if (until < first) first = until;
  }
  return first > at ? first : at;
}

static void take(const problem* p, execution* e, int32_t unit, int32_t until) {
  e->until[unit] = until;
  for (int32_t t = 0; t < p->sets; t++) {
    if (e->turns[t].all >> unit & 1) pass_turn(&e->turns[t], 1u << unit);
  }
}

static void occupy(const problem* p, execution* e, int32_t i, int32_t at) {
  if (p->set[i] != NONE) {
    uint32_t free = 0;
    for (uint32_t mask = (uint32_t)p->set_units[p->set[i]]; mask; mask &= mask - 1) {
      const int32_t unit = __builtin_ctz(mask);
      if (e->until[unit] <= at) free |= 1u << unit;
    }
    take(p, e, __builtin_ctz(choose(&e->turns[p->set[i]], free)), at + p->set_cycles[i]);
  }
  for (int32_t u = p->uses_at[i]; u < p->uses_at[i + 1]; u++) {
    take(p, e, p->uses[u], at + p->use_cycles[u]);
  }
}

/* When the operands of an instruction are there. Registers tell whose results it awaits; values
 * without a register have a place of their own. */
static int32_t place(const state* s, int32_t value) {
  return s->given[value] == NONE ? REGISTERS + value : s->given[value];
}

static int32_t ready(const problem* p, const state* s, int32_t i, const int32_t* written,
                     const int32_t* kind, int32_t at) {
  for (int32_t r = p->reads_at[i]; r < p->reads_at[i + 1]; r++) {
    const int32_t g = place(s, p->reads[r]);
    if (kind[g] == NONE) continue;
    const int32_t there = written[g] + p->distances[kind[g] * p->kinds + p->read_kinds[r]];
    if (there > at) at = there;
  }
  return at;
}

/* Cycles of COUNTED passes after WARM ones. */
static int32_t cycles(const problem* p, const state* s) {
  static int32_t written[MOST_VALUES + REGISTERS], kind[MOST_VALUES + REGISTERS];
  execution units = {{0}, {{0, 0, 0}}};
  for (int32_t t = 0; t < p->sets; t++) {
    units.turns[t].all = units.turns[t].next = (uint32_t)p->set_units[t];
  }
  int32_t now = 0, used = 0, alone = 0, results = 0, began = 0;
  for (int32_t r = 0; r < MOST_VALUES + REGISTERS; r++) kind[r] = NONE;
  for (int32_t pass = 0; pass < WARM + COUNTED; pass++) {
    if (pass == WARM) began = now;
    for (int32_t k = 0; k < p->units; k++) {
      const int32_t unit = s->order[k];
      for (int32_t i = p->unit_at[unit]; i < p->unit_at[unit + 1]; i++) {
        int32_t at = alone || p->alone[i] || used >= p->width ? now + 1 : now;
        if (results - p->latency[i] > at) at = results - p->latency[i];
        at = ready(p, s, i, written, kind, at);
        at = granted(p, &units, i, at);
        occupy(p, &units, i, at);
        used = at == now ? used + 1 : 1;
        now = at;
        alone = p->alone[i];
        if (at + p->latency[i] > results) results = at + p->latency[i];
        for (int32_t w = p->writes_at[i]; w < p->writes_at[i + 1]; w++) {
          const int32_t g = place(s, p->writes[w]);
          written[g] = at;
          kind[g] = p->write_kinds[w];
        }
      }
    }
  }
  return now - began;
}

/* How far accesses are out of the reach of their pointer, which moves on its way: a cycle each, and
 * one for 16 bytes. */
static int32_t beyond(const problem* p, const state* s) {
  int32_t moved[POINTERS] = {0}, far = 0;
  for (int32_t k = 0; k < p->units; k++) {
    const int32_t unit = s->order[k], pointer = p->move_pointer[unit];
    for (int32_t a = p->access_at[unit]; a < p->access_at[unit + 1]; a++) {
      const int32_t offset = p->access_offset[a] - moved[p->access_pointer[a]];
      if (offset < p->access_low[a]) far += 1 + (p->access_low[a] - offset) / 16;
      if (offset > p->access_high[a]) far += 1 + (offset - p->access_high[a]) / 16;
    }
    if (pointer != NONE) {
      moved[pointer] = p->move_opaque[unit] ? 0 : moved[pointer] + p->move_bytes[unit];
    }
  }
  return far;
}

static int32_t cost(const problem* p, state* s) {
  const int32_t lacking = allocate(p, s), far = beyond(p, s);
  return cycles(p, s) + COUNTED * (EXCESS_CYCLES * lacking + far);
}

/* Takes a unit out of its place and puts it where `to` is. */
static void shift(state* s, int32_t from, int32_t to) {
  const int32_t unit = s->order[from], step = from < to ? 1 : -1;
  for (int32_t k = from; k != to; k += step) {
    s->order[k] = s->order[k + step];
    s->position[s->order[k]] = k;
  }
  s->order[to] = unit;
  s->position[unit] = to;
}

/* Moves a unit at random; 0 if it cannot move. `from` and `to` say what was done. */
static int32_t move(const problem* p, state* s, uint64_t* seed, int32_t* from, int32_t* to) {
  const int32_t at = below(seed, p->units), unit = s->order[at];
  int32_t low = 0, high = p->units - 1;
  for (int32_t i = p->before_at[unit]; i < p->before_at[unit + 1]; i++) {
    const int32_t k = s->position[p->before[i]] + 1;
    if (k > low) low = k;
  }
  for (int32_t i = p->after_at[unit]; i < p->after_at[unit + 1]; i++) {
    const int32_t k = s->position[p->after[i]] - 1;
    if (k < high) high = k;
  }
  if (low >= high) return 0;
  /* as often near as anywhere */
  if (draw(seed) >> 40 & 1) {
    low = low > at - 6 ? low : at - 6;
    high = high < at + 6 ? high : at + 6;
  }
  if (low >= high) return 0;
  *from = at;
  *to = low + below(seed, high - low);
  if (*to >= at) ++*to;
  shift(s, *from, *to);
  return 1;
}

/* `order` is where to begin, a valid order, and where the best one found goes; `given` the
 * registers of its values. Returns its cost: cycles of COUNTED passes. */
int32_t fw_search(const problem* p, int32_t* order, int32_t* given, int32_t tries, int32_t heat,
                  uint32_t seed_number) {
  static state s, best;
  uint64_t seed = 0x9e3779b97f4a7c15u * (seed_number + 1u);
  for (int32_t k = 0; k < p->units; k++) {
    s.order[k] = order[k];
    s.position[order[k]] = k;
  }
  for (int32_t v = 0; v < p->values; v++) s.sorted[v] = v;
  int32_t now = cost(p, &s), least = now;
  best = s;
  for (int32_t i = 0; i < tries; i++) {
    /* in 1/1024 of a counted cycle, falling with the square of what is left */
    const int64_t left = 1024 - (int64_t)i * 1024 / tries;
    const int64_t limit = (int64_t)heat * left * left >> 20;
    int32_t from[3], to[3], moves = 0;
    const int32_t wanted = draw(&seed) >> 33 & 3 ? 1 : 2 + below(&seed, 2);
    for (int32_t m = 0; m < wanted; m++) moves += move(p, &s, &seed, &from[moves], &to[moves]);
    if (!moves) continue;
    const int32_t got = cost(p, &s);
    /* the product of two draws: small allowances are likely, large ones rare */
    const int64_t allowed =
        limit * (int64_t)(draw(&seed) >> 54) * (int64_t)(draw(&seed) >> 54) >> 20;
    if ((int64_t)(got - now) * 1024 <= allowed) {
      now = got;
      if (got < least) {
        least = got;
        best = s;
      }
    } else {
      while (moves--) shift(&s, to[moves], from[moves]);
    }
  }
  least = cost(p, &best);
  memcpy(order, best.order, sizeof(int32_t) * (size_t)p->units);
  memcpy(given, best.given, sizeof(int32_t) * (size_t)p->values);
  return least;
}

/* Cycles of COUNTED passes of an order whose values have the registers `given`. */
int32_t fw_cycles(const problem* p, const int32_t* order, const int32_t* given) {
  static state s;
  memcpy(s.order, order, sizeof(int32_t) * (size_t)p->units);
  memcpy(s.given, given, sizeof(int32_t) * (size_t)p->values);
  return cycles(p, &s);
}
