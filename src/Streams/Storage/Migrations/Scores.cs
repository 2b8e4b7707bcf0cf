using Microsoft.Data.Sqlite;

namespace Orca.Streams.Storage.Migrations;

/// <summary>
/// Version 4: what is told of a trace besides its verdict, by name; a trace that was let pass at random is labelled, and screens measure
/// instead of scoring.
/// </summary>
internal sealed class Scores : IMigration
{
    private const string Tables = """
        CREATE TABLE scores (
            request INTEGER NOT NULL REFERENCES requests (key),
            name TEXT NOT NULL,
            value REAL NOT NULL,
            PRIMARY KEY (request, name)) WITHOUT ROWID;

        ALTER TABLE verdicts DROP COLUMN score;
        ALTER TABLE former_verdicts DROP COLUMN score;

        -- 'control' for a trace that passed whatever the screens found.
        ALTER TABLE verdicts ADD COLUMN arm TEXT;
        ALTER TABLE former_verdicts ADD COLUMN arm TEXT;
        """;

    /// <inheritdoc/>
    public void Apply(SqliteConnection connection) => connection.Execute(Tables);
}
