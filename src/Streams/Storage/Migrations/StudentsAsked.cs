using Microsoft.Data.Sqlite;

namespace Orca.Streams.Storage.Migrations;

/// <summary>Version 8: what the student answered before a teacher was asked, also of questions that then no teacher was.</summary>
internal sealed class StudentsAsked : IMigration
{
    private const string Tables = """
        -- By the id of the request that a teacher would be sent, which need not be among the requests.
        CREATE TABLE student_answers (
            key INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            stage TEXT NOT NULL,
            collection TEXT NOT NULL,
            task TEXT NOT NULL,
            difficulty INTEGER,
            chance REAL NOT NULL,
            -- Whether its first answer is right; then how many of how many are.
            is_right INTEGER NOT NULL,
            right_answers INTEGER NOT NULL,
            answers INTEGER NOT NULL,
            knew INTEGER NOT NULL,
            asked_anyway INTEGER NOT NULL,
            mistake TEXT,
            version TEXT NOT NULL,
            answered_at TEXT NOT NULL);
        """;

    /// <inheritdoc/>
    public void Apply(SqliteConnection connection) => connection.Execute(Tables);
}
