using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Orca.Streams.Storage;

/// <summary>The tables, and how a file is opened.</summary>
internal static class TraceStoreSchema
{
    /// <summary>Grows by one with each change of the tables.</summary>
    public const long Version = 1;

    private const string Tables = """
        CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

        -- Every request, written before it is put to a teacher.
        CREATE TABLE requests (
            key INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            stage TEXT NOT NULL,
            system_message TEXT NOT NULL,
            query_id TEXT NOT NULL,
            collection TEXT NOT NULL,
            task TEXT NOT NULL,
            prompt TEXT NOT NULL,
            gold_answers TEXT NOT NULL,
            answer_kind TEXT NOT NULL,
            explanation TEXT,
            prescribed_message TEXT,
            chance REAL,
            difficulty INTEGER,
            asked_at TEXT NOT NULL,
            times_asked INTEGER NOT NULL DEFAULT 1);

        -- Every answer, written before it is judged.
        CREATE TABLE answers (
            request INTEGER PRIMARY KEY REFERENCES requests (key),
            response TEXT NOT NULL,
            finish TEXT NOT NULL,
            teacher TEXT NOT NULL,
            prompt_tokens INTEGER NOT NULL,
            completion_tokens INTEGER NOT NULL,
            cost TEXT NOT NULL,
            latency_ticks INTEGER NOT NULL,
            answered_at TEXT NOT NULL);

        -- How every request ended; place numbers the accepted ones of a stage.
        CREATE TABLE verdicts (
            request INTEGER PRIMARY KEY REFERENCES requests (key),
            stage TEXT NOT NULL,
            outcome TEXT NOT NULL,
            place INTEGER,
            screen TEXT,
            reason TEXT,
            score REAL NOT NULL,
            screens TEXT NOT NULL,
            judged_at TEXT NOT NULL);
        CREATE UNIQUE INDEX accepted_in_order ON verdicts (stage, place) WHERE place IS NOT NULL;

        -- Every command to the curriculum, written before it takes effect.
        CREATE TABLE commands (
            revision INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            payload TEXT NOT NULL,
            given_at TEXT NOT NULL);
        """;

    /// <summary>Opens the file to write, and lays the tables where there are none.</summary>
    public static SqliteConnection OpenWriter(string path, TraceStoreOptions options)
    {
        var connection = Open(path);
        try
        {
            Run(connection, "PRAGMA journal_mode = WAL");
            Run(connection, options.Durability == Durability.PowerFailure ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            if (options.MaxPages > 0)
            {
                Run(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count = {options.MaxPages}"));
            }

            Lay(path, connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Opens the file to read beside the writer.</summary>
    public static SqliteConnection OpenReader(string path)
    {
        var connection = Open(path);
        Run(connection, "PRAGMA query_only = 1");
        return connection;
    }

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static void Lay(string path, SqliteConnection connection)
    {
        var version = (long)Run(connection, "PRAGMA user_version")!;
        if (version > Version)
        {
            throw new TraceStoreException(
                $"The trace store '{path}' was written by a newer Orca (tables of version {version}, this one knows {Version}); update "
                    + "Orca or give another folder.");
        }

        if (version == 0)
        {
            using var transaction = connection.BeginTransaction();
            Run(connection, Tables);
            Run(connection, $"INSERT INTO about VALUES ('id', '{Guid.NewGuid():N}')");
            Run(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {Version}"));
            transaction.Commit();
        }
    }

    private static object? Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
