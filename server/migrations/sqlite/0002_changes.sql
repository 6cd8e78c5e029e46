-- What each transaction has changed, for the other processes on the file; only the last few hundred are kept.

CREATE TABLE changes (
    -- Greater for later transactions; one more for each.
    id INTEGER PRIMARY KEY,
    -- The keys under which something else stands now, one after the other, 32 bytes each.
    keys BLOB NOT NULL
) STRICT;
