/* Search for offsets where some buffers may overlap or are fixed: branch and bound on pairs.
 *
 * A pair (a, b) of buffers that live together is apart in one of two ways: b from a on,
 * x_b >= x_a + forth, or a from b on, x_a >= x_b + back. Each buffer has an interval of offsets
 * left to it, its head to its tail. Deciding a way tightens intervals, which decides further pairs
 * whose other way has become impossible, until nothing changes. Sets of buffers that must all be
 * disjoint (cliques) must fit between the least head and the last end among them. A node takes
 * the pair that the heads, taken as offsets, violate and that has the least freedom left, and
 * tries the way with more freedom first. If no pair is violated, the heads are a solution.
 *
 * No order of the buffers is assumed, so distances may be negative and go round in circles.
 * pairs.py has the same algorithm, step by step, in Python: keep them alike.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

enum { INTERRUPTED = -3, NO_MEMORY = -2, EXHAUSTED = -1, INFEASIBLE = 0, SOLVED = 1 };
enum { MOST_DEPTH = 8000 };
enum { OPEN = 0, FORTH = 1, BACK = 2 };

typedef struct {
  int32_t index; /* of a buffer, or ~index of a pair */
  int64_t head, tail;
} Change; /* what was before */

typedef struct {
  int32_t count, pairs, cliques;
  const int32_t *a, *b; /* of each pair */
  const int64_t *forth, *back;
  const int32_t *clique_start, *clique;
  const int64_t *stacked, *alignment;
  int64_t budget, nodes, depth;
  int64_t *head, *tail;
  char* way;               /* of each pair */
  int32_t *of_start, *of;  /* pairs of each buffer */
  int32_t *queue, waiting; /* buffers whose interval changed */
  bool* queued;
  int64_t *heads, *sizes; /* of one clique */
  Change* changes;
  int64_t change_count, change_room;
  bool out_of_memory;
  int (*give_up)(void);
} Search;

static void note(Search* s, int32_t index, int64_t head, int64_t tail) {
  if (s->change_count == s->change_room) {
    int64_t room = 2 * s->change_room + 64;
    Change* bigger = realloc(s->changes, (size_t)room * sizeof(Change));
    if (!bigger) {
      s->out_of_memory = true;
      return;
    }
    s->changes = bigger;
    s->change_room = room;
  }
  s->changes[s->change_count++] = (Change){index, head, tail};
}

/* Narrows a buffer's interval to aligned offsets; false if it is empty. */
static bool narrow(Search* s, int32_t j, int64_t head, int64_t tail) {
  int64_t to = s->alignment[j];
  head = head > s->head[j] ? (head + to - 1) / to * to : s->head[j];
  if (tail < 0) return false;
  tail = tail < s->tail[j] ? tail / to * to : s->tail[j];
  if (head == s->head[j] && tail == s->tail[j]) return head <= tail;
  note(s, j, s->head[j], s->tail[j]);
  s->head[j] = head;
  s->tail[j] = tail;
  if (!s->queued[j]) {
    s->queued[j] = true;
    s->queue[s->waiting++] = j;
  }
  return head <= tail;
}

/* What a pair says of its buffers' intervals, and they of it; false if neither way is left. */
static bool tighten(Search* s, int32_t p) {
  int32_t a = s->a[p], b = s->b[p];
  if (s->way[p] == OPEN) {
    bool forth = s->head[a] + s->forth[p] <= s->tail[b];
    bool back = s->head[b] + s->back[p] <= s->tail[a];
    if (forth && back) return true;
    if (!forth && !back) return false;
    note(s, ~p, 0, 0);
    s->way[p] = forth ? FORTH : BACK;
  }
  if (s->way[p] == FORTH)
    return narrow(s, b, s->head[a] + s->forth[p], s->tail[b]) &&
           narrow(s, a, s->head[a], s->tail[b] - s->forth[p]);
  return narrow(s, a, s->head[b] + s->back[p], s->tail[a]) &&
         narrow(s, b, s->head[b], s->tail[a] - s->back[p]);
}

/* Tightens the pairs of waiting buffers until nothing changes; false if there is no way on. */
static bool propagate(Search* s) {
  bool possible = true;
  while (s->waiting > 0) {
    int32_t j = s->queue[--s->waiting];
    s->queued[j] = false;
    for (int32_t q = s->of_start[j]; possible && q < s->of_start[j + 1]; q++)
      possible = tighten(s, s->of[q]);
  }
  return possible && !s->out_of_memory;
}

static bool fits(Search* s, int32_t clique) {
  int64_t *heads = s->heads, *sizes = s->sizes, end = 0, last = 0;
  int32_t n = 0;
  for (int32_t q = s->clique_start[clique]; q < s->clique_start[clique + 1]; q++) {
    int32_t j = s->clique[q], p = n++;
    for (; p > 0 && heads[p - 1] > s->head[j]; p--) {
      heads[p] = heads[p - 1];
      sizes[p] = sizes[p - 1];
    }
    heads[p] = s->head[j];
    sizes[p] = s->stacked[j];
    if (s->tail[j] + s->stacked[j] > last) last = s->tail[j] + s->stacked[j];
  }
  for (int32_t p = 0; p < n; p++) end = (heads[p] > end ? heads[p] : end) + sizes[p];
  return end <= last;
}

/* The pair to branch on, -1 if the heads violate none. */
static int32_t choose(const Search* s) {
  int32_t best = -1;
  int64_t least = 0;
  for (int32_t p = 0; p < s->pairs; p++) {
    int32_t a = s->a[p], b = s->b[p];
    if (s->head[b] >= s->head[a] + s->forth[p] || s->head[a] >= s->head[b] + s->back[p]) continue;
    int64_t freedom = s->tail[b] - s->head[b] + s->tail[a] - s->head[a] - s->forth[p] - s->back[p];
    if (best < 0 || freedom < least) {
      least = freedom;
      best = p;
    }
  }
  return best;
}

static int search(Search* s);

/* Decides a pair and searches on; leaves everything as it was unless that solved it. */
static int decide(Search* s, int32_t p, char way) {
  int64_t before = s->change_count;
  note(s, ~p, 0, 0);
  s->way[p] = way;
  int result = INFEASIBLE;
  bool possible = tighten(s, p);
  if (propagate(s) && possible) result = search(s);
  if (s->out_of_memory) return NO_MEMORY;
  if (result != INFEASIBLE) return result;
  while (s->change_count > before) {
    Change old = s->changes[--s->change_count];
    if (old.index < 0) {
      s->way[~old.index] = OPEN;
    } else {
      s->head[old.index] = old.head;
      s->tail[old.index] = old.tail;
    }
  }
  return INFEASIBLE;
}

static int search(Search* s) {
  if (s->nodes >= s->budget || s->depth >= MOST_DEPTH) return EXHAUSTED;
  if (s->give_up()) return INTERRUPTED;
  s->nodes++;
  for (int32_t c = 0; c < s->cliques; c++)
    if (!fits(s, c)) return INFEASIBLE;
  int32_t p = choose(s);
  if (p < 0) return SOLVED;
  int64_t forth = s->tail[s->b[p]] - s->head[s->a[p]] - s->forth[p];
  int64_t back = s->tail[s->a[p]] - s->head[s->b[p]] - s->back[p];
  char first = forth >= back ? FORTH : BACK;
  s->depth++;
  int result = decide(s, p, first);
  if (result == INFEASIBLE) result = decide(s, p, first == FORTH ? BACK : FORTH);
  s->depth--;
  return result;
}

static bool prepare(Search* s) {
  size_t n = (size_t)s->count + 1, m = (size_t)s->pairs + 1;
  s->way = calloc(m, 1);
  s->of_start = calloc(n + 1, sizeof(int32_t));
  s->of = calloc(2 * m, sizeof(int32_t));
  s->queue = calloc(n, sizeof(int32_t));
  s->queued = calloc(n, sizeof(bool));
  s->heads = calloc(n, sizeof(int64_t));
  s->sizes = calloc(n, sizeof(int64_t));
  if (!s->way || !s->of_start || !s->of || !s->queue || !s->queued || !s->heads || !s->sizes)
    return false;
  for (int32_t p = 0; p < s->pairs; p++) {
    s->of_start[s->a[p] + 2]++;
    s->of_start[s->b[p] + 2]++;
  }
  for (size_t j = 2; j <= n; j++) s->of_start[j] += s->of_start[j - 1];
  for (int32_t p = 0; p < s->pairs; p++) {
    s->of[s->of_start[s->a[p] + 1]++] = p;
    s->of[s->of_start[s->b[p] + 1]++] = p;
  }
  for (int32_t j = 0; j < s->count; j++) {
    s->queue[s->waiting++] = j;
    s->queued[j] = true;
  }
  return true;
}

/* `give_up` is asked at each node, and ends the search as INTERRUPTED unless it returns 0.
 * Each buffer's offset is aligned and within `head` to `tail`, which are narrowed to the result:
 * if SOLVED, the heads are the offsets. Writes `nodes` always. */
int fw_pairs(int32_t count, int32_t pairs, int32_t cliques, const int32_t* a, const int32_t* b,
             const int64_t* forth, const int64_t* back, const int32_t* clique_start,
             const int32_t* clique, const int64_t* stacked, const int64_t* alignment,
             const int64_t* budget, int64_t* head, int64_t* tail, int64_t* nodes,
             int (*give_up)(void)) {
  Search s = {count,
              pairs,
              cliques,
              a,
              b,
              forth,
              back,
              clique_start,
              clique,
              stacked,
              alignment,
              .budget = *budget,
              .head = head,
              .tail = tail,
              .give_up = give_up};
  int result = NO_MEMORY;
  if (prepare(&s)) {
    result = propagate(&s) ? search(&s) : INFEASIBLE;
    if (s.out_of_memory) result = NO_MEMORY;
  }
  *nodes = s.nodes;
  void* all[] = {s.way, s.of_start, s.of, s.queue, s.queued, s.heads, s.sizes, s.changes};
  for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) free(all[i]);
  return result;
}
