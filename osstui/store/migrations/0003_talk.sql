-- What a run's lanes were to go on with: earlier turns by their runs, and how they were asked. JSON.
ALTER TABLE turns ADD COLUMN talk TEXT;

-- Pinned conversations are listed first.
DROP INDEX conversations_by_update;
CREATE INDEX conversations_by_pin ON conversations (pinned DESC, updated DESC);
