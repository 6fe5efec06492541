# Completion of ward for bash.  What there is to complete comes from the program itself
# (ward --table: verb, action, option, letter, value, words; tabs between), so it is never out of date.

_ward_table() {
	local program=${COMP_WORDS[0]}
	"${program/#\~/$HOME}" --table 2>/dev/null
}

# _ward_column NUMBER VERB ACTION [OPTION]: that column of the rows that have these.
_ward_column() {
	_ward_table | awk -F'\t' -v n="$1" -v verb="$2" -v action="$3" -v option="${4-}" '
		$1 == verb && $2 == action && $3 != "" && (option == "" || $3 == option || $4 == option) {
			print $n }'
}

_ward_lists() {
	local home=${WARD_HOME-} i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-w | --workspace) home=${COMP_WORDS[i + 1]} ;;
		esac
	done
	[ -d "$home/lists" ] && ls "$home/lists"
}

_ward_sites() {
	local home=${WARD_HOME-} i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-w | --workspace) home=${COMP_WORDS[i + 1]} ;;
		esac
	done
	[ -d "$home/sites" ] && ls "$home/sites"
}

# `ward stats --catalogue`: "id (group, unit)", then two lines that are indented.
_ward_metrics() {
	local program=${COMP_WORDS[0]}
	"${program/#\~/$HOME}" stats --catalogue 2>/dev/null | sed -n 's/^\([a-z_]*\) (.*/\1/p'
}

_ward_splits() {
	local program=${COMP_WORDS[0]}
	"${program/#\~/$HOME}" stats --catalogue 2>/dev/null | sed -n 's/^  by //p' | tr -s ', ' '\n' | sort -u
}

_ward() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local verb=${COMP_WORDS[1]-} action= actions value
	COMPREPLY=()

	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W "$(_ward_table | cut -f1 | sort -u) --help --version" -- "$word")
		return
	fi
	actions=$(_ward_table | awk -F'\t' -v verb="$verb" '$1 == verb && $2 != "" && $3 == "" { print $2 }')
	if [ -n "$actions" ]; then
		if ((COMP_CWORD == 2)) && [[ $word != -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$actions" -- "$word")
			# A verb may take files as well.
			[ -n "$(_ward_table | awk -F'\t' -v verb="$verb" '$1 == verb && $2 == "" && $3 == "" { print $5 }')" ] &&
				mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$word")
			return
		fi
		grep -qxF -- "${COMP_WORDS[2]}" <<<"$actions" && action=${COMP_WORDS[2]}
	fi
	if [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_ward_column 3 "$verb" "$action")" -- "$word")
		return
	fi
	value=
	[[ $before == -* ]] && value=$(_ward_column 5 "$verb" "$action" "$before")
	case $value in
	LIST) mapfile -t COMPREPLY < <(compgen -W "$(_ward_lists)" -- "$word") ;;
	DIR) mapfile -t COMPREPLY < <(compgen -d -- "$word") ;;
	STEP) mapfile -t COMPREPLY < <(compgen -W "day week month year" -- "$word") ;;
	IDS) mapfile -t COMPREPLY < <(compgen -W "$(_ward_metrics)" -- "$word") ;;
	SPLIT) mapfile -t COMPREPLY < <(compgen -W "$(_ward_splits)" -- "$word") ;;
	TYPE) mapfile -t COMPREPLY < <(compgen -W "md5 sha1 sha256 pdq photodna ed2k aich tth btroot btih btmh" -- "$word") ;;
	RULES) mapfile -t COMPREPLY < <(compgen -W "lookup safe-browsing whatwg" -- "$word") ;;
	SHAPE) mapfile -t COMPREPLY < <(compgen -W "text html mail" -- "$word") ;;
	'' | FILE)
		# The first argument of a list's actions is its name.
		if [[ -z $value && $verb == site && $COMP_CWORD -eq 3 && $action =~ ^(show|add|remove|set|audit|verify|compact|rm|export|update)$ ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$(_ward_sites)" -- "$word")
			return
		fi
		if [[ -z $value && $verb == list && $COMP_CWORD -eq 3 ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$(_ward_lists)" -- "$word")
		else
			mapfile -t COMPREPLY < <(compgen -f -- "$word")
		fi
		;;
	esac
}

complete -o filenames -F _ward ward
