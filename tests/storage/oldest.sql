BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'intake','m001_first_tables','2026-06-15 09:30:00.000000+00:00');
CREATE TABLE activations (
    id INTEGER PRIMARY KEY,
    pack_hash TEXT NOT NULL REFERENCES packs (hash),
    at TEXT NOT NULL,
    by TEXT NOT NULL
) STRICT;
INSERT INTO "activations" VALUES(1,'pack-hash','2026-06-15T09:30:00.000000Z','test');
CREATE TABLE addenda (
    id TEXT PRIMARY KEY,
    response_id TEXT NOT NULL REFERENCES responses (id),
    text TEXT NOT NULL,
    by TEXT NOT NULL REFERENCES practitioners (id),
    by_name TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
INSERT INTO "addenda" VALUES('a1','sent','Called her.','ada-id','Ada','2026-06-15T09:30:00.000000Z');
CREATE TABLE answers (
    response_id TEXT NOT NULL REFERENCES responses (id),
    link_id TEXT NOT NULL,
    value TEXT NOT NULL,
    answered_at TEXT NOT NULL,
    PRIMARY KEY (response_id, link_id)
) STRICT;
INSERT INTO "answers" VALUES('draft','birth_date','"1988-03-12"','2026-06-15T09:30:00.000000Z');
INSERT INTO "answers" VALUES('draft','smoker','"no"','2026-06-15T09:30:00.000000Z');
INSERT INTO "answers" VALUES('sent','birth_date','"1988-03-12"','2026-06-15T09:30:00.000000Z');
INSERT INTO "answers" VALUES('sent','smoker','"no"','2026-06-15T09:30:00.000000Z');
CREATE TABLE audit_events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
INSERT INTO "audit_events" VALUES(1,'2026-06-15T09:30:00.000000Z','ada-id','decided','sent','{}');
CREATE TABLE packs (
    hash TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    files TEXT NOT NULL,
    kept_at TEXT NOT NULL
) STRICT;
INSERT INTO "packs" VALUES('pack-hash','tiny','1','{"pack.yaml":"name: tiny"}','2026-06-15T09:30:00.000000Z');
CREATE TABLE patients (
    id TEXT PRIMARY KEY,
    record_number TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    birth_date TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
INSERT INTO "patients" VALUES('maria-id','P-1000001','María Duarte','maria duarte','1988-03-12','2026-06-15T09:30:00.000000Z');
CREATE TABLE practitioners (
    id TEXT PRIMARY KEY,
    username TEXT NOT NULL UNIQUE COLLATE NOCASE,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('practitioner', 'dermatologist', 'administrator')),
    password_hash TEXT NOT NULL,
    must_change_password INTEGER NOT NULL CHECK (must_change_password IN (0, 1)),
    created_at TEXT NOT NULL,
    disabled_at TEXT
) STRICT;
INSERT INTO "practitioners" VALUES('ada-id','ada','Ada','practitioner','hash',0,'2026-06-15T09:30:00.000000Z',NULL);
CREATE TABLE responses (
    id TEXT PRIMARY KEY,
    patient_id TEXT NOT NULL REFERENCES patients (id),
    status TEXT NOT NULL
        CHECK (status IN ('in-progress', 'completed', 'entered-in-error', 'stopped')),
    pack_hash TEXT NOT NULL REFERENCES packs (hash),
    plan TEXT NOT NULL,
    visited TEXT NOT NULL,
    begun_at TEXT NOT NULL,
    begun_by TEXT,
    submitted_at TEXT,
    receipt TEXT UNIQUE,
    replaces TEXT REFERENCES responses (id),
    signature TEXT,
    CHECK ((submitted_at IS NULL) = (receipt IS NULL)),
    CHECK ((submitted_at IS NULL) = (signature IS NULL)),
    CHECK (status <> 'completed' OR submitted_at IS NOT NULL)
) STRICT;
INSERT INTO "responses" VALUES('draft','maria-id','in-progress','pack-hash','{"area":["face"]}','["today"]','2026-06-15T09:30:00.000000Z','ada-id',NULL,NULL,NULL,NULL);
INSERT INTO "responses" VALUES('sent','maria-id','completed','pack-hash','{"area":["face"]}','["today"]','2026-06-15T09:30:00.000000Z','ada-id','2026-06-15T09:30:00.000000Z','12345678',NULL,'{"kind":"typed","name":"María Duarte","statement":"I have answered.","strokes":[]}');
CREATE TABLE reviews (
    id TEXT PRIMARY KEY,
    response_id TEXT NOT NULL REFERENCES responses (id),
    screening_id TEXT NOT NULL REFERENCES screenings (id),
    sequence INTEGER NOT NULL,
    disposition TEXT NOT NULL,
    until TEXT,
    decision TEXT NOT NULL,
    by TEXT NOT NULL REFERENCES practitioners (id),
    by_name TEXT NOT NULL,
    by_role TEXT NOT NULL,
    at TEXT NOT NULL,
    UNIQUE (response_id, sequence)
) STRICT;
INSERT INTO "reviews" VALUES('r1','sent','s1',1,'defer','2026-06-20','{"acknowledged":[],"disposition":"defer","note":"Wait.","overrides":[],"until":"2026-06-20"}','ada-id','Ada','practitioner','2026-06-15T09:30:00.000000Z');
CREATE TABLE screenings (
    id TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL UNIQUE,
    response_id TEXT NOT NULL REFERENCES responses (id),
    pack_hash TEXT NOT NULL REFERENCES packs (hash),
    on_date TEXT NOT NULL,
    triage TEXT NOT NULL CHECK (triage IN ('stop', 'review', 'defer', 'caution', 'routine')),
    triage_rank INTEGER NOT NULL,
    unknown_count INTEGER NOT NULL,
    content TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
INSERT INTO "screenings" VALUES('s1',1,'sent','pack-hash','2026-06-15','defer',2,2,'{"earliest_safe_date":"2026-06-20","engine_version":"1","findings":[{"cited":[{"ask":"When?","link_id":"wax_date","said":"last week","sentence":"wax_date within wax","truth":"unknown"}],"earliest_safe_date":"2026-06-20","effect":"defer","error":false,"label":"exceed","level":"defer","only_dates":true,"rule_id":"wax-recent","title":"Wax in the last 3 days","truth":"unknown"}],"on":"2026-06-15","pack_hash":"pack-hash","pack_version":"1","set_aside":["wax_kind"],"triage":"defer","unknown_count":2}','2026-06-15T09:30:00.000000Z');
CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    practitioner_id TEXT NOT NULL REFERENCES practitioners (id),
    created_at TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    ended_at TEXT
) STRICT;
INSERT INTO "sessions" VALUES('c101e911469c969171040b50d70543313cf968fdef5bacc780776f8fb399ab36','ada-id','2026-06-15T09:30:00.000000Z','2026-06-15T09:30:00.000000Z',NULL);
CREATE TABLE sign_in_attempts (
    id INTEGER PRIMARY KEY,
    username TEXT NOT NULL COLLATE NOCASE,
    at TEXT NOT NULL,
    succeeded INTEGER NOT NULL CHECK (succeeded IN (0, 1))
) STRICT;
INSERT INTO "sign_in_attempts" VALUES(1,'ada','2026-06-15T09:30:00.000000Z',0);
CREATE TABLE tablets (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    code_hash TEXT UNIQUE,
    code_until TEXT,
    token_hash TEXT UNIQUE,
    added_at TEXT NOT NULL,
    added_by TEXT NOT NULL,
    enrolled_at TEXT,
    revoked_at TEXT,
    revoked_by TEXT,
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
) STRICT;
INSERT INTO "tablets" VALUES('t1','Room 2','5694d08a2e53ffcae0c3103e5ad6f6076abd960eb1f8a56577040bc1028f702b','2026-06-15T09:30:00.000000Z',NULL,'2026-06-15T09:30:00.000000Z','ada-id',NULL,NULL,NULL);
CREATE TABLE visits (
    token_hash TEXT PRIMARY KEY,
    response_id TEXT NOT NULL REFERENCES responses (id),
    opened_at TEXT NOT NULL,
    ended_at TEXT
) STRICT;
INSERT INTO "visits" VALUES('32e6e7a45605fd766962081f832bba25514c28417c2daab41ff5b43fd4bdb1f2','draft','2026-06-15T09:30:00.000000Z',NULL);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX sign_in_attempts_by_name ON sign_in_attempts (username, at);
CREATE INDEX patients_by_name ON patients (name_key, birth_date);
CREATE INDEX responses_by_patient ON responses (patient_id);
CREATE UNIQUE INDEX one_amendment_of_a_version ON responses (replaces)
    WHERE replaces IS NOT NULL AND status IN ('in-progress', 'completed');
CREATE INDEX visits_by_response ON visits (response_id);
CREATE INDEX screenings_by_response ON screenings (response_id, sequence);
CREATE INDEX audit_events_by_subject ON audit_events (subject, sequence);
CREATE TRIGGER packs_no_update BEFORE UPDATE ON packs BEGIN SELECT RAISE(ABORT, 'packs are kept as they were written'); END;
CREATE TRIGGER packs_no_delete BEFORE DELETE ON packs BEGIN SELECT RAISE(ABORT, 'packs are kept as they were written'); END;
CREATE TRIGGER activations_no_update BEFORE UPDATE ON activations BEGIN SELECT RAISE(ABORT, 'activations are kept as they were written'); END;
CREATE TRIGGER activations_no_delete BEFORE DELETE ON activations BEGIN SELECT RAISE(ABORT, 'activations are kept as they were written'); END;
CREATE TRIGGER screenings_no_update BEFORE UPDATE ON screenings BEGIN SELECT RAISE(ABORT, 'screenings are kept as they were written'); END;
CREATE TRIGGER screenings_no_delete BEFORE DELETE ON screenings BEGIN SELECT RAISE(ABORT, 'screenings are kept as they were written'); END;
CREATE TRIGGER reviews_no_update BEFORE UPDATE ON reviews BEGIN SELECT RAISE(ABORT, 'reviews are kept as they were written'); END;
CREATE TRIGGER reviews_no_delete BEFORE DELETE ON reviews BEGIN SELECT RAISE(ABORT, 'reviews are kept as they were written'); END;
CREATE TRIGGER addenda_no_update BEFORE UPDATE ON addenda BEGIN SELECT RAISE(ABORT, 'addenda are kept as they were written'); END;
CREATE TRIGGER addenda_no_delete BEFORE DELETE ON addenda BEGIN SELECT RAISE(ABORT, 'addenda are kept as they were written'); END;
CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events BEGIN SELECT RAISE(ABORT, 'audit_events are kept as they were written'); END;
CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events BEGIN SELECT RAISE(ABORT, 'audit_events are kept as they were written'); END;
CREATE TRIGGER answers_no_UPDATE_OLD_once_completed BEFORE UPDATE ON answers WHEN (SELECT status FROM responses WHERE id = OLD.response_id) <> 'in-progress' BEGIN SELECT RAISE(ABORT, 'answers are kept as they were submitted'); END;
CREATE TRIGGER answers_no_UPDATE_NEW_once_completed BEFORE UPDATE ON answers WHEN (SELECT status FROM responses WHERE id = NEW.response_id) <> 'in-progress' BEGIN SELECT RAISE(ABORT, 'answers are kept as they were submitted'); END;
CREATE TRIGGER answers_no_INSERT_NEW_once_completed BEFORE INSERT ON answers WHEN (SELECT status FROM responses WHERE id = NEW.response_id) <> 'in-progress' BEGIN SELECT RAISE(ABORT, 'answers are kept as they were submitted'); END;
CREATE TRIGGER answers_no_DELETE_OLD_once_completed BEFORE DELETE ON answers WHEN (SELECT status FROM responses WHERE id = OLD.response_id) <> 'in-progress' BEGIN SELECT RAISE(ABORT, 'answers are kept as they were submitted'); END;
CREATE TRIGGER responses_no_update_once_completed BEFORE UPDATE ON responses WHEN OLD.status <> 'in-progress' AND NOT (OLD.status = 'completed' AND NEW.status = 'entered-in-error' AND NEW.id IS OLD.id AND NEW.patient_id IS OLD.patient_id AND NEW.pack_hash IS OLD.pack_hash AND NEW.plan IS OLD.plan AND NEW.visited IS OLD.visited AND NEW.begun_at IS OLD.begun_at AND NEW.begun_by IS OLD.begun_by AND NEW.submitted_at IS OLD.submitted_at AND NEW.receipt IS OLD.receipt AND NEW.replaces IS OLD.replaces AND NEW.signature IS OLD.signature) BEGIN SELECT RAISE(ABORT, 'a completed response is never edited'); END;
CREATE TRIGGER responses_no_delete_once_completed BEFORE DELETE ON responses WHEN OLD.status <> 'in-progress' BEGIN SELECT RAISE(ABORT, 'a completed response is never deleted'); END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('audit_events',1);
COMMIT;
