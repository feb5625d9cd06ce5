-- A conversation is a row of turns; a turn is one run of the engine, with one row for each lane.

CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    created REAL NOT NULL,              -- Unix time in seconds
    updated REAL NOT NULL,
    pinned INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX conversations_by_update ON conversations (updated DESC);

CREATE TABLE tags (
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    tag TEXT NOT NULL,
    PRIMARY KEY (conversation, tag)
) WITHOUT ROWID;
CREATE INDEX tags_by_name ON tags (tag);

CREATE TABLE turns (
    id INTEGER PRIMARY KEY,             -- explicit, so that VACUUM keeps it: the full-text index refers to it
    run TEXT NOT NULL UNIQUE,
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,          -- runs that repeat a turn for some lanes share its position
    prompt TEXT NOT NULL,
    system TEXT,
    started REAL NOT NULL,              -- Unix time in seconds, for order
    started_at TEXT NOT NULL,           -- as the engine wrote it
    osstui TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'died')),
    owner TEXT                          -- the writer, whose lock tells whether it lives
);
CREATE INDEX turns_by_start ON turns (started DESC, id DESC);
CREATE INDEX turns_by_conversation ON turns (conversation, position);
CREATE INDEX turns_running ON turns (state) WHERE state <> 'done';

CREATE TABLE lanes (
    turn INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    lane TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    model_id TEXT NOT NULL,
    params TEXT,                        -- JSON
    status TEXT,                        -- null until the lane has ended, and so are all below
    finish_reason TEXT,
    text TEXT,
    reasoning TEXT,
    tool TEXT,
    cost_usd REAL,
    document TEXT,                      -- JSON: the lane's part of the --json document, less the three texts
    PRIMARY KEY (turn, position)
) WITHOUT ROWID;

-- The run's event lines, one zlib stream cut into blocks, each ending on a whole line.
CREATE TABLE events (
    turn INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    block BLOB NOT NULL,
    PRIMARY KEY (turn, seq)
) WITHOUT ROWID;

-- Prompts and answers are indexed once a run is over: from then on its texts don't change, and the index
-- takes back exactly what it was given when the run is deleted.
CREATE VIEW searchable AS
    SELECT id, prompt,
        (SELECT group_concat(text, char(10)) FROM (SELECT text FROM lanes WHERE turn = turns.id ORDER BY position))
        AS answers
    FROM turns WHERE state <> 'running';

CREATE VIRTUAL TABLE found USING fts5 (
    prompt, answers,
    content = 'searchable', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
INSERT INTO found (found, rank) VALUES ('rank', 'bm25(4.0, 1.0)');

CREATE TRIGGER turns_over AFTER UPDATE OF state ON turns
WHEN old.state = 'running' AND new.state <> 'running'
BEGIN
    INSERT INTO found (rowid, prompt, answers) SELECT id, prompt, answers FROM searchable WHERE id = new.id;
END;

CREATE TRIGGER turns_deleted BEFORE DELETE ON turns WHEN old.state <> 'running'
BEGIN
    INSERT INTO found (found, rowid, prompt, answers)
    SELECT 'delete', id, prompt, answers FROM searchable WHERE id = old.id;
END;
