/*
 * In place of the writers of exchange, in a tree that does not have them yet.
 */
#include "exchange/exchange.h"

ward_err exchange_writer_new(enum exchange_format format, const struct ward_list_info *info,
		exchange_sink *sink, void *context, struct exchange_writer **writer,
		struct ward_error *error)
{
	(void)format;
	(void)info;
	(void)sink;
	(void)context;
	(void)writer;
	return ward_fail(error, WARD_E_UNSUPPORTED, "this build writes no lists");
}

ward_err exchange_writer_add(struct exchange_writer *writer, const struct ward_record *record,
		struct ward_error *error)
{
	(void)writer;
	(void)record;
	return ward_fail(error, WARD_E_UNSUPPORTED, "this build writes no lists");
}

ward_err exchange_writer_finish(struct exchange_writer *writer, struct ward_error *error)
{
	(void)writer;
	return ward_fail(error, WARD_E_UNSUPPORTED, "this build writes no lists");
}

void exchange_writer_free(struct exchange_writer *writer)
{
	(void)writer;
}
