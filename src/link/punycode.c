/* Punycode, RFC 3492: letters of any script in letters, digits and hyphens. */
#include "link/idna.h"

#include "link/chars.h"

enum {
	BASE = 36,
	T_MIN = 1,
	T_MAX = 26,
	SKEW = 38,
	DAMP = 700,
	BIAS = 72,
	FIRST = 128,
	POINT_MAX = 0x10ffff
};

static uint32_t adapt(uint32_t delta, uint32_t points, bool first)
{
	uint32_t k = 0;

	delta = first ? delta / DAMP : delta / 2;
	delta += delta / points;
	for (; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE)
		delta /= BASE - T_MIN;
	return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

static uint32_t threshold(uint32_t k, uint32_t bias)
{
	if (k <= bias)
		return T_MIN;
	return k - bias > T_MAX ? T_MAX : k - bias;
}

static int digit_value(char c)
{
	if (link_is_alpha(c))
		return link_lower(c) - 'a';
	return link_is_digit(c) ? c - '0' + 26 : -1;
}

/* One number of variable length; `at` moves behind it.  False when it is broken or too large. */
static bool number_read(ward_str digits, size_t *at, uint32_t bias, uint32_t *number)
{
	uint32_t weight = 1;

	for (uint32_t k = BASE;; k += BASE) {
		int digit = *at < digits.len ? digit_value(digits.ptr[(*at)++]) : -1;
		uint32_t t = threshold(k, bias);
		uint32_t step;

		if (digit < 0 || ckd_mul(&step, (uint32_t)digit, weight) ||
				ckd_add(number, *number, step))
			return false;
		if ((uint32_t)digit < t)
			return true;
		if (ckd_mul(&weight, weight, BASE - t))
			return false;
	}
}

size_t link_punycode_read(ward_str digits, int32_t *points, size_t room)
{
	size_t count = 0;
	size_t at = 0;
	uint32_t point = FIRST;
	uint32_t place = 0;
	uint32_t bias = BIAS;

	for (size_t i = digits.len; i > 0 && at == 0; i--) {
		if (digits.ptr[i - 1] == '-')
			at = i;
	}
	for (size_t i = 0; i + 1 < at; i++) {
		if (count == room || (uint8_t)digits.ptr[i] >= 0x80)
			return 0;
		points[count++] = digits.ptr[i];
	}
	while (at < digits.len) {
		uint32_t before = place;

		if (count == room || !number_read(digits, &at, bias, &place))
			return 0;
		bias = adapt(place - before, (uint32_t)count + 1, before == 0);
		if (ckd_add(&point, point, place / ((uint32_t)count + 1)) || point > POINT_MAX)
			return 0;
		place %= (uint32_t)count + 1;
		memmove(points + place + 1, points + place, (count - place) * sizeof(*points));
		points[place++] = (int32_t)point;
		count++;
	}
	return count;
}

static void number_write(uint32_t number, uint32_t bias, struct ward_buf *out)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";

	for (uint32_t k = BASE;; k += BASE) {
		uint32_t t = threshold(k, bias);

		if (number < t)
			break;
		ward_buf_char(out, digits[t + (number - t) % (BASE - t)]);
		number = (number - t) / (BASE - t);
	}
	ward_buf_char(out, digits[number]);
}

/* The least code point that is not written yet. */
static int32_t next_point(const int32_t *points, size_t count, int32_t from)
{
	int32_t least = INT32_MAX;

	for (size_t i = 0; i < count; i++) {
		if (points[i] >= from && points[i] < least)
			least = points[i];
	}
	return least;
}

bool link_punycode_write(const int32_t *points, size_t count, struct ward_buf *out)
{
	uint32_t delta = 0;
	uint32_t bias = BIAS;
	uint32_t basic = 0;
	uint32_t done;
	int32_t point = FIRST;

	for (size_t i = 0; i < count; i++) {
		if (points[i] < FIRST) {
			ward_buf_char(out, (char)points[i]);
			basic++;
		}
	}
	if (basic > 0)
		ward_buf_char(out, '-');
	for (done = basic; done < count; delta++, point++) {
		int32_t next = next_point(points, count, point);
		uint32_t skipped;

		if (ckd_mul(&skipped, (uint32_t)(next - point), done + 1) ||
				ckd_add(&delta, delta, skipped))
			return false;
		point = next;
		for (size_t i = 0; i < count; i++) {
			if (points[i] < point && ckd_add(&delta, delta, 1u))
				return false;
			if (points[i] != point)
				continue;
			number_write(delta, bias, out);
			bias = adapt(delta, done + 1, done == basic);
			delta = 0;
			done++;
		}
	}
	return true;
}
