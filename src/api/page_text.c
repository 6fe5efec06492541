#include "api/page_text.h"

const struct page_language page_languages[] = {
	{ "en", "English", false,
			{
					[PAGE_TITLE] = "ward: status",
					[PAGE_SKIP] = "Skip to the lists",
					[PAGE_READY] = "Ready: requests are taken.",
					[PAGE_STOPPING] = "Stopping: what was begun is finished.",
					[PAGE_DEMO] = "Demonstration: programs on this machine "
						      "need no key.",
					[PAGE_NOW] = "Now",
					[PAGE_UPTIME] = "Running for",
					[PAGE_REQUESTS] = "Requests answered",
					[PAGE_SCANS_ALLOWED] = "Files allowed",
					[PAGE_SCANS_HELD] = "Files held",
					[PAGE_SCANS_BLOCKED] = "Files blocked",
					[PAGE_WAITING] = "Requests waiting",
					[PAGE_RUNNING] = "Scans running",
					[PAGE_JAIL] = "Jail of the decoders",
					[PAGE_RESTARTS] = "Decoders replaced after a bad file",
					[PAGE_MEMORY] = "Memory in use",
					[PAGE_VERSION] = "Version",
					[PAGE_LISTS] = "Lists",
					[PAGE_NO_LISTS] = "There are no lists yet; \"ward list "
							  "import\" makes one.",
					[PAGE_NAME] = "Name",
					[PAGE_SENSE] = "Sense",
					[PAGE_ENTRIES] = "Entries",
					[PAGE_HASHES] = "PDQ hashes",
					[PAGE_CHANGED] = "Changed (UTC)",
					[PAGE_STATE] = "State",
					[PAGE_ON] = "in use",
					[PAGE_OFF] = "off or expired",
					[PAGE_DENY] = "known bad",
					[PAGE_ALLOW] = "known good",
					[PAGE_EXCLUDE] = "exclusion",
					[PAGE_TRY] = "Try it",
					[PAGE_TRY_SAYS] = "This command scans one file and "
							  "answers with a verdict:",
					[PAGE_DAYS] = "d",
					[PAGE_HOURS] = "h",
					[PAGE_MINUTES] = "min",
					[PAGE_LANGUAGE] = "Language",
			} },
	{ "es", "Español", false,
			{
					[PAGE_TITLE] = "ward: estado",
					[PAGE_SKIP] = "Ir a las listas",
					[PAGE_READY] = "Listo: se aceptan peticiones.",
					[PAGE_STOPPING] = "Deteniéndose: se termina lo empezado.",
					[PAGE_DEMO] = "Demostración: los programas de este equipo "
						      "no necesitan clave.",
					[PAGE_NOW] = "Ahora",
					[PAGE_UPTIME] = "En marcha desde hace",
					[PAGE_REQUESTS] = "Peticiones respondidas",
					[PAGE_SCANS_ALLOWED] = "Archivos permitidos",
					[PAGE_SCANS_HELD] = "Archivos retenidos",
					[PAGE_SCANS_BLOCKED] = "Archivos bloqueados",
					[PAGE_WAITING] = "Peticiones en espera",
					[PAGE_RUNNING] = "Análisis en curso",
					[PAGE_JAIL] = "Aislamiento de los decodificadores",
					[PAGE_RESTARTS] = "Decodificadores reemplazados tras un "
							  "archivo dañado",
					[PAGE_MEMORY] = "Memoria en uso",
					[PAGE_VERSION] = "Versión",
					[PAGE_LISTS] = "Listas",
					[PAGE_NO_LISTS] = "Todavía no hay listas; \"ward list "
							  "import\" crea una.",
					[PAGE_NAME] = "Nombre",
					[PAGE_SENSE] = "Sentido",
					[PAGE_ENTRIES] = "Entradas",
					[PAGE_HASHES] = "Huellas PDQ",
					[PAGE_CHANGED] = "Cambiada (UTC)",
					[PAGE_STATE] = "Estado",
					[PAGE_ON] = "en uso",
					[PAGE_OFF] = "apagada o caducada",
					[PAGE_DENY] = "dañino conocido",
					[PAGE_ALLOW] = "inocuo conocido",
					[PAGE_EXCLUDE] = "exclusión",
					[PAGE_TRY] = "Probar",
					[PAGE_TRY_SAYS] =
							"Esta orden analiza un archivo y responde "
							"con un veredicto:",
					[PAGE_DAYS] = "d",
					[PAGE_HOURS] = "h",
					[PAGE_MINUTES] = "min",
					[PAGE_LANGUAGE] = "Idioma",
			} },
	{ "ar", "العربية", true,
			{
					[PAGE_TITLE] = "ward: الحالة",
					[PAGE_SKIP] = "انتقل إلى القوائم",
					[PAGE_READY] = "جاهز: تُقبل الطلبات.",
					[PAGE_STOPPING] = "قيد التوقف: يُنجز ما بدأ.",
					[PAGE_DEMO] = "عرض تجريبي: لا تحتاج البرامج على هذا الجهاز "
						      "إلى مفتاح.",
					[PAGE_NOW] = "الآن",
					[PAGE_UPTIME] = "يعمل منذ",
					[PAGE_REQUESTS] = "الطلبات المُجابة",
					[PAGE_SCANS_ALLOWED] = "ملفات مسموح بها",
					[PAGE_SCANS_HELD] = "ملفات محتجزة",
					[PAGE_SCANS_BLOCKED] = "ملفات محظورة",
					[PAGE_WAITING] = "طلبات في الانتظار",
					[PAGE_RUNNING] = "فحوص جارية",
					[PAGE_JAIL] = "عزل برامج فك الترميز",
					[PAGE_RESTARTS] = "برامج فك ترميز استُبدلت بعد ملف تالف",
					[PAGE_MEMORY] = "الذاكرة المستخدمة",
					[PAGE_VERSION] = "الإصدار",
					[PAGE_LISTS] = "القوائم",
					[PAGE_NO_LISTS] = "لا توجد قوائم بعد؛ الأمر \"ward list "
							  "import\" ينشئ واحدة.",
					[PAGE_NAME] = "الاسم",
					[PAGE_SENSE] = "المعنى",
					[PAGE_ENTRIES] = "المدخلات",
					[PAGE_HASHES] = "بصمات PDQ",
					[PAGE_CHANGED] = "تاريخ التغيير (UTC)",
					[PAGE_STATE] = "الحالة",
					[PAGE_ON] = "مستخدمة",
					[PAGE_OFF] = "متوقفة أو منتهية",
					[PAGE_DENY] = "ضار معروف",
					[PAGE_ALLOW] = "سليم معروف",
					[PAGE_EXCLUDE] = "استثناء",
					[PAGE_TRY] = "جرّب",
					[PAGE_TRY_SAYS] = "يفحص هذا الأمر ملفًا واحدًا ويجيب بحكم:",
					[PAGE_DAYS] = "ي",
					[PAGE_HOURS] = "س",
					[PAGE_MINUTES] = "د",
					[PAGE_LANGUAGE] = "اللغة",
			} },
};

size_t page_language_count(void)
{
	return sizeof(page_languages) / sizeof(*page_languages);
}

/* "ar-EG" is spoken by "ar". */
static const struct page_language *speaks(ward_str tag)
{
	for (size_t i = 0; i < page_language_count(); i++) {
		ward_str code = ward_str_from(page_languages[i].code);
		ward_str start = { tag.ptr, tag.len < code.len ? tag.len : code.len };

		if (ward_str_eq_nocase(start, code) &&
				(tag.len == code.len || tag.ptr[code.len] == '-'))
			return &page_languages[i];
	}
	return NULL;
}

const struct page_language *page_language_find(ward_str asked, ward_str accept)
{
	const struct page_language *language = asked.len > 0 ? speaks(asked) : NULL;

	while (!language && accept.len > 0) {
		ward_str tag = ward_str_cut(&accept, ',');

		language = speaks(ward_str_trim(ward_str_cut(&tag, ';')));
	}
	return language ? language : &page_languages[0];
}
