/* near.h - which earlier signatures share bands with this one (locality-sensitive hashing)
 *
 * Items are numbered from 0 in the order they are added. Memory per item: 8 bytes a band in tables that
 * are between 1/2 and 3/4 full, and one byte more. An item costs one look-up a band and a step for each
 * earlier item that shares one: texts of which many share a band with many (one template, filled in
 * differently) make that quadratic.
 */
#ifndef PREF_NEAR_H
#define PREF_NEAR_H

#include "base.h"

struct near;

struct near *near_new(uint32_t bands);
/* The items that share a band with keys[0, bands), each once, in no order that means anything: their number,
 * *items borrowed until the next call. */
size_t near_find(struct near *n, const uint32_t *keys, const uint32_t **items);
uint32_t near_add(struct near *n, const uint32_t *keys);	/* the item's number */
void near_free(struct near *n);

#endif
