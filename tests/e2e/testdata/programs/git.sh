# A repository from nothing: commits, branches, a merge, history, repacking, a clone. Authors and dates are
# given, so that the hashes are the same in every run.
set -e
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org
export GIT_AUTHOR_DATE='2020-01-01T00:00:00Z' GIT_COMMITTER_DATE='2020-01-01T00:00:00Z' GIT_PAGER=cat
git -c init.defaultBranch=main init -q repo
cd repo
git config gc.auto 0
for i in 1 2 3 4 5 6; do
	seq "$i" $((i * 200)) > "file$i"
	git add "file$i"
	git commit -q -m "commit $i"
done
git checkout -q -b side HEAD~2
seq 5 50 > other
git add other
git commit -q -m 'on the side'
git checkout -q main
git merge -q -m merge side
git log --oneline --graph --stat
git blame -s file3 | tail -n 1
git diff HEAD~3 --stat
git gc -q
git count-objects -v | grep -e count -e in-pack
git fsck --no-progress
git clone -q --no-local . ../clone
git -C ../clone rev-parse HEAD
git status --short
