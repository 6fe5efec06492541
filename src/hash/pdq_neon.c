/* PDQ for aarch64 with NEON, which every one has: 4 lanes. */
#include "hash/pdq_code.h"

#include <arm_neon.h>

#define LANES 4

typedef float32x4_t vec;

extern const struct pdq_code ward_pdq_neon;

static inline vec all(float x)
{
	return vdupq_n_f32(x);
}

static inline vec load(const float *at)
{
	return vld1q_f32(at);
}

static inline vec load_any(const float *at)
{
	return vld1q_f32(at);
}

static inline void store(float *at, vec x)
{
	vst1q_f32(at, x);
}

/* a * b + c, and c - a * b, rounded once. */
static inline vec fused(vec a, vec b, vec c)
{
	return vfmaq_f32(c, a, b);
}

static inline vec fused_minus(vec a, vec b, vec c)
{
	return vfmsq_f32(c, a, b);
}

struct weights {
	vec red, green, blue;
};

static inline struct weights weights_of(const float weight[3])
{
	return (struct weights){ all(weight[0]), all(weight[1]), all(weight[2]) };
}

static inline vec grey(const uint8_t *samples)
{
	uint32_t four;

	memcpy(&four, samples, sizeof(four));
	uint16x8_t wide = vmovl_u8(vcreate_u8(four));

	return vcvtq_f32_u32(vmovl_u16(vget_low_u16(wide)));
}

/* 4 pixels of three bytes, of which 16 bytes are read: each pixel to 32 bits of its own. */
static inline vec luma(const uint8_t *rgb, const struct weights *weights)
{
	static const uint8_t order[16] = { 0, 1, 2, 255, 3, 4, 5, 255, 6, 7, 8, 255, 9, 10, 11,
		255 };
	uint32x4_t pixels = vreinterpretq_u32_u8(vqtbl1q_u8(vld1q_u8(rgb), vld1q_u8(order)));
	uint32x4_t low = vdupq_n_u32(255);
	vec red = vcvtq_f32_u32(vandq_u32(pixels, low));
	vec green = vcvtq_f32_u32(vandq_u32(vshrq_n_u32(pixels, 8), low));
	vec blue = vcvtq_f32_u32(vshrq_n_u32(pixels, 16));

	return weights->red * red + weights->green * green + weights->blue * blue;
}

static inline void transpose(vec r[4])
{
	float32x4x2_t a = vtrnq_f32(r[0], r[1]), b = vtrnq_f32(r[2], r[3]);

	r[0] = vcombine_f32(vget_low_f32(a.val[0]), vget_low_f32(b.val[0]));
	r[1] = vcombine_f32(vget_low_f32(a.val[1]), vget_low_f32(b.val[1]));
	r[2] = vcombine_f32(vget_high_f32(a.val[0]), vget_high_f32(b.val[0]));
	r[3] = vcombine_f32(vget_high_f32(a.val[1]), vget_high_f32(b.val[1]));
}

#include "hash/pdq_lanes.h"

const struct pdq_code ward_pdq_neon = {
	.name = "neon",
	.scratch = lanes_scratch,
	.filter = lanes_filter,
	.quality = lanes_quality,
	.dct = lanes_dct,
};
