/*
 * postgresql_value.h - values as they travel to PostgreSQL and back, in binary
 *
 * Whole numbers go as eight bytes, texts and bytes as they are.  What comes
 * back may be of other types than any column's: count() is eight bytes, a
 * literal four, EXISTS a boolean, sum() a decimal number.  Their forms are
 * told in PostgreSQL's source by each type's send function; the numbers of
 * the types are in its catalogue pg_type.
 */
#ifndef POSTGRESQL_VALUE_H
#define POSTGRESQL_VALUE_H

#include <libpq-fe.h>

#include "store/engine.h"

/* One letter a value: i, t, b, and n for NULL. */
void postgresql_kinds(struct store_values values, char kinds[STORE_VALUES_MAX + 1]);
/* The type that each letter asks for; a NULL's is the server's to find. */
void postgresql_types(const char *kinds, Oid types[STORE_VALUES_MAX]);

/* The highest of $1, $2, ... outside of quotes, which is how many values are wanted. */
size_t postgresql_parameters(const char *sql);

/* What libpq is given; borrows the values. */
struct postgresql_values {
	const char *at[STORE_VALUES_MAX];
	int lengths[STORE_VALUES_MAX];
	int formats[STORE_VALUES_MAX];
	uint8_t numbers[STORE_VALUES_MAX][8];
};

void postgresql_encode(struct store_values values, struct postgresql_values *sent);

/* False for a type that is none of ours, or bytes that are none of its. */
bool postgresql_decode(Oid type, ward_bytes bytes, struct store_value *value);

#endif
