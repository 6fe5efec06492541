#include "filing/reply.h"

#include "base/file.h"

#include "base/test.h"

static struct ward_arena arena;
static struct filing_findings findings;
static struct filing_reply reply;
static struct ward_error error;

static ward_err read_as(enum filing_call call, const char *text)
{
	ward_arena_free(&arena);
	ward_arena_init(&arena, (size_t)16 << 20);
	findings = (struct filing_findings){ .arena = &arena };
	return filing_reply_read(&arena, call, ward_str_from(text), &reply, &findings, &error);
}

static ward_err read_sample(enum filing_call call, const char *name)
{
	char path[4096], *text;
	size_t len;

	snprintf(path, sizeof(path), "%s/tests/vectors/ncmec/%s", getenv("WARD_SOURCE_ROOT"), name);
	if (file_read(path, 1 << 20, &text, &len, &error))
		return WARD_E_IO;
	ward_err err = read_as(call, text);

	free(text);
	return err;
}

static void reads_the_answers_of_the_documentation(void)
{
	CHECK_EQ(read_sample(FILING_CALL_SUBMIT, "response_submit_ok.xml"), WARD_OK);
	CHECK_EQ(reply.code, 0);
	CHECK_EQ(reply.report_id, 4564654);
	CHECK_EQ(read_sample(FILING_CALL_UPLOAD, "response_upload_ok.xml"), WARD_OK);
	CHECK(ward_str_eq(reply.file_id, WARD_STR("b0754af766b426f2928a02c651ed4b99")));
	CHECK(ward_str_eq(reply.hash, WARD_STR("fafa5efeaf3cbe3b23b2748d13e629a1")));
	CHECK_EQ(read_sample(FILING_CALL_FINISH, "response_finish_ok.xml"), WARD_OK);
	CHECK_EQ(reply.file_count, 1);
	CHECK_EQ(findings.errors + findings.warnings, 0);
	CHECK_EQ(read_sample(FILING_CALL_SUBMIT, "response_validation_error.xml"), WARD_OK);
	CHECK_EQ(reply.code, 4100);
	CHECK(ward_str_eq(reply.description, WARD_STR("Validation failed: synthetic example")));
}

#define R(inside) "<reportResponse>" inside "</reportResponse>"
#define D(inside) "<reportDoneResponse>" inside "</reportDoneResponse>"

static void every_rule_of_an_answer_is_broken_by_one(void)
{
	static const struct {
		const char *rule;
		enum filing_call call;
		const char *text;
		bool useless;
	} cases[] = {
		{ "reportResponse/responseCode", FILING_CALL_STATUS,
				R("<responseDescription>x</responseDescription>"), true },
		{ "reportResponse/responseCode", FILING_CALL_STATUS,
				R("<responseCode>zero</responseCode>"), true },
		{ "reportResponse/responseDescription", FILING_CALL_STATUS,
				R("<responseCode>0</responseCode>"), false },
		{ "reportResponse/reportId", FILING_CALL_SUBMIT,
				R("<responseCode>0</responseCode><responseDescription/>"), true },
		{ "reportResponse/reportId", FILING_CALL_RETRACT,
				R("<responseCode>0</responseCode><responseDescription/><reportId>-1"
				  "</reportId>"),
				false },
		{ "reportResponse/fileId", FILING_CALL_UPLOAD,
				R("<responseCode>0</responseCode><responseDescription/><reportId>1"
				  "</reportId><hash>ab</hash>"),
				true },
		{ "reportResponse/hash", FILING_CALL_UPLOAD,
				R("<responseCode>0</responseCode><responseDescription/><reportId>1"
				  "</reportId><fileId>1</fileId>"),
				true },
		{ "reportDoneResponse/responseCode", FILING_CALL_FINISH,
				D("<reportId>1</reportId><files/>"), true },
		{ "reportDoneResponse/reportId", FILING_CALL_FINISH,
				D("<responseCode>0</responseCode><files/>"), false },
		{ "reportDoneResponse/files", FILING_CALL_FINISH,
				D("<responseCode>0</responseCode><reportId>1</reportId>"), false },
		{ "reportDoneResponse/fileId", FILING_CALL_FINISH,
				D("<responseCode>0</responseCode><reportId>1</"
				  "reportId><files><fileId>"
				  "</fileId></files>"),
				false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		ward_err err = read_as(cases[i].call, cases[i].text);

		CHECK_EQ(err, cases[i].useless ? WARD_E_FORMAT : WARD_OK);
		CHECK_EQ(findings.errors + findings.warnings, 1);
		CHECK_STR(findings.first->rule, cases[i].rule);
	}
	/* All of NCMEC's rules of answers are above. */
	for (unsigned i = 0; i < filing_rules_stated; i++) {
		bool found = strncmp(filing_rules[i].id, "report", 6) != 0 ||
			     !strstr(filing_rules[i].id, "Response/");

		for (size_t j = 0; j < sizeof(cases) / sizeof(*cases); j++)
			found |= strcmp(filing_rules[i].id, cases[j].rule) == 0;
		CHECK(found);
	}
}

static void what_is_no_answer_is_refused(void)
{
	static const char *const texts[] = { "", " ", "<html><body>Bad Gateway</body></html>",
		"<reportResponse>", R("<responseCode>0</responseCode>") "x", R("<responseCode>0"),
		"<reportResponse><responseCode>0</reportResponse>",
		"<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>" R(
				"<responseCode>0</responseCode><responseDescription>&x;"
				"</responseDescription>"),
		R("<responseCode>0</responseCode><responseDescription>&x;</responseDescription>"),
		R("<responseCode>0</responseCode><responseDescription>&#0;</responseDescription>"),
		R("<a><a><a><a><a><a><a><a></a></a></a></a></a></a></a></a>"
		  "<responseCode>0</responseCode>"),
		R("<responseCode>0</responseCode>") R("<responseCode>0</responseCode>"),
		"\xff\xfe<", R("<responseCode>99999999999</responseCode>"),
		"<reportResponse a='<'/>" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		ward_err err = read_as(FILING_CALL_STATUS, texts[i]);

		if (err != WARD_E_FORMAT)
			printf("# %s\n", texts[i]);
		CHECK_EQ(err, WARD_E_FORMAT);
	}
}

static void entities_comments_and_pieces_are_joined(void)
{
	CHECK_EQ(read_as(FILING_CALL_STATUS,
				 "\xef\xbb\xbf<?xml version='1.0'?><!-- a --><x:reportResponse "
				 "xmlns:x='u'>\n"
				 "<x:responseCode> 0 </x:responseCode><x:responseDescription>a "
				 "&lt;&#65;"
				 "&#x1F526;<!-- b --><![CDATA[<b>]]></x:responseDescription>\n"
				 "</x:reportResponse>\n"),
			WARD_OK);
	CHECK(ward_str_eq(reply.description, WARD_STR("a <A\xf0\x9f\x94\xa6<b>")));
}

static void the_end_of_a_report_does_not_answer_its_opening(void)
{
	CHECK_EQ(read_as(FILING_CALL_SUBMIT,
				 D("<responseCode>0</responseCode><reportId>7</reportId>"
				   "<files/>")),
			WARD_E_FORMAT);
}

static void an_unknown_code_is_permanent(void)
{
	CHECK_EQ(filing_code_of(1234).class, FILING_CODE_CLIENT);
	CHECK_EQ(filing_code_of(1100).class, FILING_CODE_SERVER);
	CHECK_EQ(filing_code_of(2000).class, FILING_CODE_AUTH);
	CHECK_EQ(filing_code_of(5102).class, FILING_CODE_STATE);
	CHECK_EQ(filing_code_of(0).class, FILING_CODE_OK);
}

static const struct test_case cases[] = {
	{ "reads the answers of the documentation", reads_the_answers_of_the_documentation },
	{ "every rule of an answer is broken by one", every_rule_of_an_answer_is_broken_by_one },
	{ "what is no answer is refused", what_is_no_answer_is_refused },
	{ "entities, comments and pieces are joined", entities_comments_and_pieces_are_joined },
	{ "the end of a report does not answer its opening",
			the_end_of_a_report_does_not_answer_its_opening },
	{ "an unknown code is permanent", an_unknown_code_is_permanent },
};

int main(void)
{
	int status = test_run(cases, (int)(sizeof(cases) / sizeof(*cases)));

	ward_arena_free(&arena);
	return status;
}
