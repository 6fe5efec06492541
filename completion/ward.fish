# Completion of ward for fish, from what the program says of itself (ward --table).

function __ward_verb
	set -l words (commandline -opc)
	test (count $words) -gt 1; and echo $words[2]
end

function __ward_words
	set -l words (commandline -opc)
	set -l action ""
	set -l table (ward --table 2>/dev/null | string collect)
	test (count $words) -gt 2; and set action $words[3]
	switch (count $words)
		case 1
			echo $table | awk -F'\t' '$2 == "" && $3 == "" { print $1 "\t" $6 }'
		case 2
			echo $table | awk -F'\t' -v verb=$words[2] '$1 == verb && $2 != "" && $3 == "" { print $2 "\t" $6 }'
	end
	if test (count $words) -gt 1
		# A verb may take files as well; then what is no action is one.
		echo $table | awk -F'\t' -v verb=$words[2] -v action=$action '
			$1 == verb && $2 != "" && $3 == "" && $2 == action { is = 1 }
			$1 == verb && $3 != "" { of[++n] = $2; row[n] = $3 "\t" $6 }
			END { for (i = 1; i <= n; i++) if (of[i] == (is ? action : "")) print row[i] }'
	end
end

complete -c ward -n 'test (count (commandline -opc)) -eq 1' -f
complete -c ward -a '(__ward_words)'
