# sqlite.sh JOURNAL-MODE: fill a database in transactions, index, update, query, vacuum, reopen.
set -e
sqlite3 test.db <<SQL
pragma journal_mode = $1;
create table person(id integer primary key, name text, born int, note blob);
begin;
with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)
insert into person select i, 'name ' || (i * 7919 % 20011), 1900 + i % 120, zeroblob(i % 50) from n;
commit;
create index by_name on person(name);
begin; delete from person where id % 3 = 0; rollback;
begin; delete from person where id % 5 = 0; commit;
update person set note = hex(id) where born between 1950 and 1955;
select count(*), min(name), max(name), sum(length(note)) from person;
select born, count(*) from person group by born order by 2 desc, 1 limit 3;
pragma integrity_check;
SQL
# Two processes at one database: locks, and in WAL mode its shared memory.
for i in 1 2 3 4 5; do echo "insert into person(name, born) values ('extra $i', $i);"; done > one.sql
sqlite3 -cmd '.timeout 30000' test.db < one.sql &
sqlite3 -cmd '.timeout 30000' test.db < one.sql
wait
sqlite3 test.db "select count(*) from person where name like 'extra%'; vacuum; select count(*) from person;"
