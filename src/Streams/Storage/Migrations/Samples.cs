using Microsoft.Data.Sqlite;

namespace Orca.Streams.Storage.Migrations;

/// <summary>Version 6: a question may be asked several times, each answer a request of its own.</summary>
internal sealed class Samples : IMigration
{
    private const string Tables = """
        -- Which of several answers to a question it asks for, from 0.
        ALTER TABLE requests ADD COLUMN sample INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX further_samples ON requests (key) WHERE sample > 0;
        """;

    /// <inheritdoc/>
    public void Apply(SqliteConnection connection) => connection.Execute(Tables);
}
