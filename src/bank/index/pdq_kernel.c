#include "bank/index/pdq_kernel.h"
#include "bank/index/pdq_index.h"
#include <stdatomic.h>

/* Ones in every 16-bit lane. */
static uint64_t lane_ones(uint64_t x)
{
	x -= x >> 1 & 0x5555555555555555;
	x = (x & 0x3333333333333333) + (x >> 2 & 0x3333333333333333);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0f;
	return (x + (x >> 8)) & 0x001f001f001f001f;
}

static bool plain_usable(void)
{
	return true;
}

static size_t plain_near(const uint16_t *chunks, size_t count, uint16_t want, unsigned limit,
		uint32_t *near)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		near[found] = (uint32_t)i;
		found += lane_ones(chunks[i] ^ want) <= limit;
	}
	return found;
}

static unsigned plain_distance(const ward_pdq *a, const ward_pdq *b)
{
	uint64_t lanes = 0;

	for (int i = 0; i < 4; i++)
		lanes += lane_ones(a->word[i] ^ b->word[i]);
	return (unsigned)(lanes * 0x0001000100010001 >> 48);
}

static size_t plain_within(const ward_pdq *hashes, size_t count, const ward_pdq *query,
		unsigned radius, uint32_t *near)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++) {
		near[found] = (uint32_t)i;
		found += plain_distance(&hashes[i], query) <= radius;
	}
	return found;
}

const struct pdq_kernel pdq_kernel_plain = { "plain", plain_usable, plain_near, plain_within,
	plain_distance };

/* ---- which one runs ---- */

/* Best first. */
static const struct pdq_kernel *const kernels[] = {
#if defined(PDQ_KERNEL_X86)
	&pdq_kernel_avx512,
	&pdq_kernel_avx2,
#elif defined(PDQ_KERNEL_NEON)
	&pdq_kernel_neon,
#endif
	&pdq_kernel_plain,
};

static _Atomic(const struct pdq_kernel *) chosen;

const struct pdq_kernel *pdq_kernel(void)
{
	const struct pdq_kernel *kernel = atomic_load_explicit(&chosen, memory_order_acquire);

	if (!kernel) {
		size_t i = 0;

		while (!kernels[i]->usable())
			i++;
		kernel = kernels[i];
		atomic_store_explicit(&chosen, kernel, memory_order_release);
	}
	return kernel;
}

const char *pdq_index_cpu(void)
{
	return pdq_kernel()->name;
}

bool pdq_index_cpu_limit(const char *name)
{
	const struct pdq_kernel *kernel = NULL;

	for (size_t i = 0; name && i < sizeof(kernels) / sizeof(*kernels); i++) {
		if (strcmp(kernels[i]->name, name) == 0 && kernels[i]->usable())
			kernel = kernels[i];
	}
	if (name && !kernel)
		return false;
	atomic_store_explicit(&chosen, kernel, memory_order_release);
	return true;
}
