/*
 * What a list of hashes is asked by: "Suffix/prefix expressions" of Safe Browsing v4.  The host
 * as it is and up to four more, made of its last five labels by taking the first away again
 * and again, never one label alone; the path with its query, without, and up to four of its
 * folders from the root on.
 */
#include <ward/link.h>

enum { HOSTS_MAX = 5, PATHS_MAX = 6, FOLDERS_MAX = 4, LABELS_MAX = 5 };

static size_t hosts_of(const struct ward_link *link, ward_str hosts[HOSTS_MAX])
{
	ward_str host = link->host;
	size_t count = 0;
	size_t labels = 1;
	size_t start = host.len;

	hosts[count++] = host;
	if (link->host_kind != WARD_HOST_NAME)
		return count;
	for (; start > 0; start--) {
		if (host.ptr[start - 1] != '.')
			continue;
		/* `labels` of them lie behind this dot. */
		if (labels >= 2 && labels <= LABELS_MAX && count < HOSTS_MAX)
			hosts[count++] = (ward_str){ host.ptr + start, host.len - start };
		labels++;
	}
	/* They were found from the shortest on, and are told from the longest on. */
	for (size_t i = 1, j = count - 1; i < j; i++, j--) {
		ward_str swap = hosts[i];

		hosts[i] = hosts[j];
		hosts[j] = swap;
	}
	return count;
}

static size_t paths_of(const struct ward_link *link, ward_str paths[PATHS_MAX])
{
	ward_str path = link->path;
	size_t count = 0;
	size_t folders = 0;

	/* Path, '?' and query lie behind each other in the canonical form. */
	if (link->query.len > 0)
		paths[count++] = (ward_str){ path.ptr, path.len + 1 + link->query.len };
	paths[count++] = path;
	for (size_t i = 0; i + 1 < path.len && folders < FOLDERS_MAX; i++) {
		if (path.ptr[i] != '/')
			continue;
		paths[count++] = (ward_str){ path.ptr, i + 1 };
		folders++;
	}
	return count;
}

size_t ward_link_expressions(const struct ward_link *link, ward_expression_visit *visit,
		void *context)
{
	ward_str hosts[HOSTS_MAX];
	ward_str paths[PATHS_MAX];

	if (link->host.len == 0 || link->path.len == 0)
		return 0;

	size_t host_count = hosts_of(link, hosts);
	size_t path_count = paths_of(link, paths);

	for (size_t i = 0; i < host_count; i++) {
		for (size_t j = 0; j < path_count; j++)
			visit(context, hosts[i], paths[j]);
	}
	return host_count * path_count;
}
