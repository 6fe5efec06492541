/* Prints the table of settings for the test of ward.conf's page: section, name, default, bounds. */
#include "workspace/settings.h"

int main(void)
{
	struct setting_words words;

	for (size_t i = 0; settings_row(i, &words); i++)
		printf("%s\t%s\t%s\t%s\n", words.section, words.name, words.value, words.bounds);
	return 0;
}
