#include <ward/base.h>

#include <stdarg.h>

ward_err ward_fail(struct ward_error *error, ward_err code, const char *fmt, ...)
{
	if (error) {
		va_list args;

		va_start(args, fmt);
		vsnprintf(error->message, sizeof(error->message), fmt, args);
		va_end(args);
		error->code = code;
	}
	return code;
}

const char *ward_err_name(ward_err code)
{
	static const char *const names[WARD_ERR_COUNT] = {
		[WARD_OK] = "ok",
		[WARD_E_NOMEM] = "nomem",
		[WARD_E_FORMAT] = "format",
		[WARD_E_LIMIT] = "limit",
		[WARD_E_UNSUPPORTED] = "unsupported",
		[WARD_E_IO] = "io",
		[WARD_E_NOT_FOUND] = "not_found",
		[WARD_E_EXISTS] = "exists",
		[WARD_E_CONFLICT] = "conflict",
		[WARD_E_DENIED] = "denied",
		[WARD_E_TIMEOUT] = "timeout",
		[WARD_E_WORKER] = "worker",
		[WARD_E_CORRUPT] = "corrupt",
		[WARD_E_ARGUMENT] = "argument",
	};

	return (unsigned)code < WARD_ERR_COUNT ? names[code] : "unknown";
}
