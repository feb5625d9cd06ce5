-- Which lane's answer was the better one; null when the user called it a draw.

CREATE TABLE votes (
    turn INTEGER PRIMARY KEY REFERENCES turns (id) ON DELETE CASCADE,
    lane TEXT,
    blind INTEGER NOT NULL,
    voted REAL NOT NULL                 -- Unix time in seconds
);
