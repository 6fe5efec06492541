#include "store/postgresql_value.h"

/* pg_type.oid; they never change. */
enum {
	TYPE_BOOL = 16,
	TYPE_BYTEA = 17,
	TYPE_NAME = 19,
	TYPE_INT8 = 20,
	TYPE_INT2 = 21,
	TYPE_INT4 = 23,
	TYPE_TEXT = 25,
	TYPE_UNKNOWN = 705,
	TYPE_VARCHAR = 1043,
	TYPE_NUMERIC = 1700,
};

void postgresql_kinds(struct store_values values, char kinds[STORE_VALUES_MAX + 1])
{
	static const char letters[] = { [STORE_NULL] = 'n',
		[STORE_INT] = 'i',
		[STORE_TEXT] = 't',
		[STORE_BLOB] = 'b' };

	for (size_t i = 0; i < values.count; i++)
		kinds[i] = letters[values.at[i].type];
	kinds[values.count] = '\0';
}

void postgresql_types(const char *kinds, Oid types[STORE_VALUES_MAX])
{
	for (size_t i = 0; kinds[i]; i++)
		types[i] = kinds[i] == 'i'   ? TYPE_INT8
			   : kinds[i] == 't' ? TYPE_TEXT
			   : kinds[i] == 'b' ? TYPE_BYTEA
					     : 0;
}

size_t postgresql_parameters(const char *sql)
{
	size_t highest = 0;
	char quote = '\0';

	for (const char *at = sql; *at; at++) {
		size_t number = 0;

		if (quote) {
			quote = *at == quote ? '\0' : quote;
		} else if (*at == '\'' || *at == '"') {
			quote = *at;
		} else if (*at == '$') {
			while (at[1] >= '0' && at[1] <= '9' && number <= STORE_VALUES_MAX)
				number = number * 10 + (size_t)(*++at - '0');
			highest = number > highest ? number : highest;
		}
	}
	return highest;
}

void postgresql_encode(struct store_values values, struct postgresql_values *sent)
{
	for (size_t i = 0; i < values.count; i++) {
		const struct store_value *value = &values.at[i];

		sent->formats[i] = 1;
		sent->lengths[i] = value->type == STORE_INT ? 8 : (int)value->bytes.len;
		sent->at[i] = value->type == STORE_NULL  ? NULL
			      : value->type == STORE_INT ? (const char *)sent->numbers[i]
			      : value->bytes.ptr         ? (const char *)value->bytes.ptr
							 : "";
		for (int byte = 0; value->type == STORE_INT && byte < 8; byte++)
			sent->numbers[i][byte] =
					(uint8_t)((uint64_t)value->number >> (56 - 8 * byte));
	}
}

static bool decode_number(ward_bytes bytes, size_t size, struct store_value *value)
{
	uint64_t number = bytes.len > 0 && bytes.ptr[0] & 0x80 ? UINT64_MAX : 0;

	if (bytes.len != size)
		return false;
	for (size_t i = 0; i < size; i++)
		number = number << 8 | bytes.ptr[i];
	*value = store_int((int64_t)number);
	return true;
}

/*
 * Digits to the base of 10000: how many, the power of the first, the sign, and
 * how many decimal places are shown.  Only whole numbers of 64 bits are taken.
 */
static bool decode_numeric(ward_bytes bytes, struct store_value *value)
{
	struct ward_reader reader = ward_reader_from(bytes);
	unsigned digits = ward_read_u16be(&reader);
	int weight = (int16_t)ward_read_u16be(&reader);
	unsigned sign = ward_read_u16be(&reader);
	int64_t number = 0;

	ward_read_u16be(&reader);
	if ((sign != 0 && sign != 0x4000) || weight > 4 || weight + 1 < (int)digits)
		return false;
	for (int i = 0; i <= weight; i++) {
		int64_t digit = i < (int)digits ? ward_read_u16be(&reader) : 0;

		if (digit > 9999 || ckd_mul(&number, number, (int64_t)10000) ||
				ckd_sub(&number, number, digit))
			return false;
	}
	/* Counted downwards, for there is one more negative number. */
	if (sign == 0 && ckd_sub(&number, (int64_t)0, number))
		return false;
	*value = store_int(number);
	return !reader.failed && ward_reader_left(&reader) == 0;
}

bool postgresql_decode(Oid type, ward_bytes bytes, struct store_value *value)
{
	switch (type) {
	case TYPE_BOOL:
		*value = store_int(bytes.len == 1 && bytes.ptr[0] == 1);
		return bytes.len == 1;
	case TYPE_INT2:
		return decode_number(bytes, 2, value);
	case TYPE_INT4:
		return decode_number(bytes, 4, value);
	case TYPE_INT8:
		return decode_number(bytes, 8, value);
	case TYPE_NUMERIC:
		return decode_numeric(bytes, value);
	case TYPE_TEXT:
	case TYPE_VARCHAR:
	case TYPE_NAME:
	case TYPE_UNKNOWN:
		*value = (struct store_value){ .type = STORE_TEXT, .bytes = bytes };
		return true;
	case TYPE_BYTEA:
		*value = store_blob(bytes);
		return true;
	default:
		return false;
	}
}
