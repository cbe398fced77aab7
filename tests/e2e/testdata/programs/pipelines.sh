# Some 300 forks: pipelines, subshells, command substitutions, a background job and a here-document.
total=0
for i in $(seq 1 38); do
	sum=$(seq 1 "$i" | sort -rn | head -n 3 | awk '{ s += $1 } END { print s }')
	words=$(echo "$i $sum" | wc -w)
	total=$((total + sum + words))
done
(exit 3); echo "subshell: $?"
false | true; echo "pipe: ${PIPESTATUS[*]}"
sleep 0.01 & wait $!; echo "waited: $?"
tr a-z A-Z <<END | cat -n
total is $total
END
