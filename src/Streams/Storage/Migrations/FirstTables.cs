using Microsoft.Data.Sqlite;

namespace Orca.Streams.Storage.Migrations;

/// <summary>Version 1: requests, answers, verdicts and commands, every text in plain columns.</summary>
internal sealed class FirstTables : IMigration
{
    private const string Tables = """
        CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        INSERT INTO about VALUES ('id', lower(hex(randomblob(16))));

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

    /// <inheritdoc/>
    public void Apply(SqliteConnection connection) => connection.Execute(Tables);
}
