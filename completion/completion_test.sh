#!/bin/bash
# completion_test.sh WARD SCRIPT - what bash offers is what ward has
ward=$(realpath "$1")
source "$2" || exit 1
number=0 failed=0

# offers SENTENCE WANTED WORD...: completing the last word offers exactly the wanted ones.
offers() {
	local sentence=$1 wanted=$2
	shift 2
	COMP_WORDS=("$ward" "$@") COMP_CWORD=$#
	_ward
	number=$((number + 1))
	local got
	got=$(printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' ')
	wanted=$(printf '%s\n' $wanted | sort | tr '\n' ' ')
	if [ "$got" = "$wanted" ] && [ -n "${got// /}" ]; then
		echo "ok $number - $sentence"
	else
		echo "# got $got"
		echo "# want $wanted"
		echo "not ok $number - $sentence"
		failed=1
	fi
}

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir/lists/partner" "$dir/lists/own" "$dir/sites/web"
export WARD_HOME=$dir

echo 1..16
offers "verbs are offered by their beginning" "scan" sc
offers "every verb is offered, once" "$("$ward" --table | cut -f1 | sort -u) --help --version" ""
offers "options are offered by their beginning" "--set --state --summary" scan --s
offers "every option of a verb is offered" \
	"$("$ward" --table | awk -F'\t' '$1 == "match" && $3 != "" { print $3 }')" match -
offers "every action is offered" \
	"$("$ward" --table | awk -F'\t' '$1 == "list" && $2 != "" && $3 == "" { print $2 }')" list ""
offers "an action's options are offered" \
	"$("$ward" --table | awk -F'\t' '$1 == "list" && $2 == "import" && $3 != "" { print $3 }')" list import --
offers "lists of the workspace are offered where one is wanted" "own partner" match -l ""
offers "site lists are offered where one is wanted" "web" site show ""
offers "a type is offered where one is wanted" "sha1 sha256" match --type sha
offers "a number is offered where one is wanted" "time_to_assess time_to_triage" stats -m time_
offers "a split is offered where one is wanted" "age" stats --by ag
offers "rules are offered where they are wanted" "safe-browsing" link canonical --rules saf
offers "a shape is offered where one is wanted" "html" link find -a ht
touch "$dir/report7.dd" && cd "$dir" || exit 1
offers "a verb that takes files offers them beside its actions" "report report7.dd" disk rep
offers "behind a file stand the verb's own options" "--radius --raw --report" disk report7.dd --r
offers "behind an action stand the action's" "--report" disk report --r
exit $failed
