using Microsoft.Data.Sqlite;

namespace Orca.Streams.Storage.Migrations;

/// <summary>Version 3: calls of endpoints and what they cost, in millionths of a millionth of a US dollar.</summary>
internal sealed class Attempts : IMigration
{
    private const string Tables = """
        -- Every call of an endpoint, written before it is made. Without a cost its reply was lost, or it is under way: it may be
        -- charged for.
        CREATE TABLE attempts (
            key INTEGER PRIMARY KEY,
            request INTEGER REFERENCES requests (key),
            stage TEXT NOT NULL,
            endpoint TEXT NOT NULL,
            model TEXT NOT NULL,
            number INTEGER NOT NULL,
            reserved INTEGER NOT NULL,
            began_at TEXT NOT NULL,
            outcome TEXT,
            message TEXT,
            prompt_tokens INTEGER,
            completion_tokens INTEGER,
            cost INTEGER,
            latency_ticks INTEGER,
            ended_at TEXT);
        CREATE INDEX attempts_of_request ON attempts (request);
        CREATE INDEX attempts_without_cost ON attempts (key) WHERE cost IS NULL;

        -- What the run, a stage or an endpoint has spent, and what is reserved for calls without a cost.
        CREATE TABLE spending (
            scope TEXT NOT NULL,
            name TEXT NOT NULL,
            spent INTEGER NOT NULL,
            reserved INTEGER NOT NULL,
            PRIMARY KEY (scope, name)) WITHOUT ROWID;
        """;

    /// <inheritdoc/>
    public void Apply(SqliteConnection connection) => connection.Execute(Tables);
}
