-- The configuration: files with every revision, public ids, secrets, discoveries.

-- name: read_documents
select file, body from document order by file;

-- name: read_revision
select max(number) from revision;

-- name: begin_revision
insert into revision (number, at, actor, action, subject, reason)
values (:number, :at, :actor, :action, :subject, :reason)
on conflict do nothing returning number;

-- name: put_document
insert into document (file, body, revision) values (:file, :body, :revision)
on conflict (file) do update set body = excluded.body, revision = excluded.revision;

-- name: remove_document
delete from document where file = :file;

-- name: add_change
insert into document_change (revision, file, body) values (:revision, :file, :body);

-- name: add_removal
insert into document_change (revision, file, body) values (:revision, :file, null);

-- name: list_revisions
select number, at, actor, action, subject, reason from revision order by number desc limit :limit;

-- name: list_revisions_of
select number, at, actor, action, subject, reason from revision
where number in (select revision from document_change where file = :file) order by number desc limit :limit;

-- name: times
select d.file, min(r.at), max(r.at) from document d
join document_change c on c.file = d.file join revision r on r.number = c.revision group by d.file;

-- name: documents_at
select c.file, c.body from document_change c
join (select file, max(revision) as revision from document_change where revision <= :revision group by file) l
on l.file = c.file and l.revision = c.revision
where c.body is not null order by c.file;

-- name: read_ids
select kind, path, id from public_id;

-- name: find_id
select kind, path from public_id where id = :id;

-- name: add_ids
insert into public_id (kind, path) select kind, path from staged_ids;

-- name: drop_id
delete from public_id where id = :id;

-- name: move_id
update public_id set path = :path where id = :id;

-- name: read_secret
select sealed from secret where name = :name;

-- name: list_secrets
select name, sealed, changed_at from secret order by name;

-- name: keep_secret
insert into secret (name, sealed, changed_at) values (:name, :sealed, :at)
on conflict (name) do update set sealed = excluded.sealed, changed_at = excluded.changed_at;

-- name: drop_secret
delete from secret where name = :name;

-- name: read_discovery
select body, at from discovery where system = :system and kind = :kind;

-- name: keep_discovery
insert into discovery (system, kind, at, body) values (:system, :kind, :at, :body)
on conflict (system, kind) do update set at = excluded.at, body = excluded.body;

-- name: drop_discoveries
delete from discovery where system = :system;
