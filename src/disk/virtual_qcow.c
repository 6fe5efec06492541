/* QCOW2, versions 2 and 3: two levels of tables, clusters plain or packed. */
#include "disk/virtual_kind.h"

enum {
	HEAD_V2 = 72,
	HEAD_V3 = 104,
	/* QEMU's own bound for the first table: 32 MiB. */
	L1_MAX = 4 << 20,
};

/* Bits of a version 3 image that must be understood. */
enum { DIRTY = 1, CORRUPT = 2, PACKED_OTHERWISE = 8 };

#define OFFSET_BITS ((uint64_t)0x00fffffffffffe00)

static bool is_qcow(const struct disk_source *source)
{
	return virtual_begins(source, "QFI\xfb", 4);
}

static bool find_cluster(struct virtual *disk, uint64_t at, struct virtual_piece *piece)
{
	const struct virtual_qcow *qcow = &disk->qcow;
	uint64_t cluster = (uint64_t)1 << qcow->cluster_bits, number = at >> qcow->cluster_bits;
	uint64_t l1 = number >> (qcow->cluster_bits - 3);
	uint64_t l2 = number & (cluster / 8 - 1);
	uint8_t bytes[8];

	*piece = (struct virtual_piece){ .from = at & ~(cluster - 1), .len = cluster };
	if (l1 >= qcow->l1_count || !virtual_table(disk, 0, qcow->l1_at + l1 * 8, bytes, 8))
		return false;
	uint64_t table = virtual_u64be(bytes) & OFFSET_BITS;

	if (table == 0)
		return true;
	if (!virtual_table(disk, 0, table + l2 * 8, bytes, 8))
		return false;
	uint64_t entry = virtual_u64be(bytes);

	if (entry & (uint64_t)1 << 62) {
		unsigned bits = 62 - (qcow->cluster_bits - 8);
		uint64_t sectors = (entry & (((uint64_t)1 << 62) - 1)) >> bits;

		piece->packing = qcow->zstd ? VIRTUAL_ZSTD : VIRTUAL_DEFLATE;
		piece->at = entry & (((uint64_t)1 << bits) - 1);
		piece->stored = (sectors + 1) * 512 - (piece->at & 511);
		piece->whole = piece->len;
		return true;
	}
	piece->at = entry & OFFSET_BITS;
	if (piece->at != 0 && !(qcow->zeroes && (entry & 1)))
		piece->packing = VIRTUAL_PLAIN;
	return true;
}

/* Of a version 3 image: what this reader must know, and may not. */
static ward_err take_features(struct virtual *disk, const uint8_t *head, struct ward_error *error)
{
	uint64_t features = virtual_u64be(head + 72);
	uint32_t head_len = virtual_u32be(head + 100);
	uint8_t packing = 0;

	if (features & ~(uint64_t)(DIRTY | CORRUPT | PACKED_OTHERWISE))
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"the QCOW2 image keeps its data in another file or in parts of "
				"clusters: convert it to a raw one");
	if (features & CORRUPT)
		disk->remark = "the QCOW2 image says of itself that its tables are damaged";
	if (features & PACKED_OTHERWISE &&
			(head_len <= 104 || !virtual_bytes(disk, 0, 104, &packing, 1) ||
					packing > 1))
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"the QCOW2 image is packed in a way that is not known");
	disk->qcow.zstd = packing == 1;
	disk->qcow.zeroes = true;
	return WARD_OK;
}

static ward_err check_head(const struct virtual *disk, const uint8_t *head,
		struct ward_error *error)
{
	const struct virtual_qcow *qcow = &disk->qcow;

	if (virtual_u64be(head + 8) != 0)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"the QCOW2 image lies over a backing file: convert it to a whole "
				"one");
	if (virtual_u32be(head + 32) != 0)
		return ward_fail(error, WARD_E_UNSUPPORTED, "the QCOW2 image is encrypted");
	if (qcow->cluster_bits < 9 || qcow->cluster_bits > 21 || qcow->l1_count > L1_MAX ||
			disk->size > INT64_MAX)
		return ward_fail(error, WARD_E_FORMAT, "the QCOW2 image's head makes no sense");
	/* One entry of the first table stands for a table of clusters. */
	unsigned bits = 2 * qcow->cluster_bits - 3;

	if ((disk->size >> bits) + ((disk->size & (((uint64_t)1 << bits) - 1)) != 0) >
			qcow->l1_count)
		return ward_fail(error, WARD_E_FORMAT,
				"the QCOW2 image's table is shorter than its disk");
	return WARD_OK;
}

static ward_err open_qcow(struct virtual *disk, struct ward_error *error)
{
	uint8_t head[HEAD_V3] = { 0 };
	uint32_t version;

	if (!virtual_bytes(disk, 0, 0, head, HEAD_V2))
		return ward_fail(error, WARD_E_FORMAT, "the QCOW2 image is cut off");
	version = virtual_u32be(head + 4);
	if (version != 2 && version != 3)
		return ward_fail(error, WARD_E_UNSUPPORTED,
				"QCOW images of version %u are not read: convert it", version);
	if (version == 3 && !virtual_bytes(disk, 0, 0, head, HEAD_V3))
		return ward_fail(error, WARD_E_FORMAT, "the QCOW2 image is cut off");
	disk->size = virtual_u64be(head + 24);
	disk->qcow = (struct virtual_qcow){
		.cluster_bits = virtual_u32be(head + 20),
		.l1_count = virtual_u32be(head + 36),
		.l1_at = virtual_u64be(head + 40),
	};
	ward_err err = check_head(disk, head, error);

	if (!err && virtual_u32be(head + 60) > 0)
		disk->remark = "the QCOW2 image holds snapshots of earlier states: only its last "
			       "state is read";
	if (!err && version == 3)
		err = take_features(disk, head, error);
	disk->find = find_cluster;
	return err;
}

const struct virtual_kind virtual_qcow = { is_qcow, open_qcow, NULL };
