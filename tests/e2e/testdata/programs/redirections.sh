# What a shell does with its output. Lines with "hidden" go elsewhere.
echo a
echo b >&2
(echo c | tr c d)
echo hidden | cat > file
cat file | wc -l
echo "twice" | tee -a /dev/stderr
{ echo out; echo err >&2; } 3>&1 1>&2 2>&3
echo "appended $(echo hidden | tr a-z A-Z | wc -c)" >> /dev/stdout
ls none 2> /dev/null || echo "no such file" 1>&2
sh -c 'echo child; exec sh -c "echo exec >&2; echo hidden 1>&-" 2>&1' 2>&1 | sed 's/^/> /'
for i in 1 2 3; do echo "line $i"; echo "error $i" >&2; done
seq 1 20000
cat <<END
here
END
sleep 0 & wait; (sleep 0.01; echo background) & wait
exec 3>&1 >/dev/null
echo hidden
echo shown >&3
exec 2>&3
ls none
exec >&3 3>&-
printf 'no end of line'
