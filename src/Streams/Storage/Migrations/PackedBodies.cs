using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Orca.Streams.Screening;

namespace Orca.Streams.Storage.Migrations;

/// <summary>
/// Version 2: the texts of requests and answers and what each screen found are packed; reasoning stands apart from the answer; a
/// rejection says by which settings it came, and what was judged before is kept.
/// </summary>
internal sealed class PackedBodies : IMigration
{
    private const string NewTables = """
        CREATE TABLE new_requests (
            key INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            stage TEXT NOT NULL,
            query_id TEXT NOT NULL,
            collection TEXT NOT NULL,
            task TEXT NOT NULL,
            answer_kind TEXT NOT NULL,
            chance REAL,
            difficulty INTEGER,
            asked_at TEXT NOT NULL,
            times_asked INTEGER NOT NULL DEFAULT 1,
            -- System message, prompt, gold answers, explanation and prescribed message.
            body BLOB NOT NULL);

        CREATE TABLE new_answers (
            request INTEGER PRIMARY KEY,
            finish TEXT NOT NULL,
            teacher TEXT NOT NULL,
            prompt_tokens INTEGER NOT NULL,
            completion_tokens INTEGER NOT NULL,
            cost TEXT NOT NULL,
            latency_ticks INTEGER NOT NULL,
            answered_at TEXT NOT NULL,
            -- Response and reasoning.
            body BLOB NOT NULL);

        CREATE TABLE new_verdicts (
            request INTEGER PRIMARY KEY,
            stage TEXT NOT NULL,
            outcome TEXT NOT NULL,
            place INTEGER,
            screen TEXT,
            -- Settings of the screen that rejected it; NULL where they are not known, so that it is judged again.
            settings TEXT,
            reason TEXT,
            score REAL NOT NULL,
            judged_at TEXT NOT NULL,
            -- What each screen found.
            screens BLOB NOT NULL);

        -- Verdicts that another has taken the place of.
        CREATE TABLE former_verdicts (
            request INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            screen TEXT,
            settings TEXT,
            reason TEXT,
            score REAL NOT NULL,
            judged_at TEXT NOT NULL,
            screens BLOB NOT NULL);
        CREATE INDEX former_verdicts_of_a_request ON former_verdicts (request);
        """;

    private const string InTheirPlace = """
        DROP TABLE verdicts;
        DROP TABLE answers;
        DROP TABLE requests;
        ALTER TABLE new_requests RENAME TO requests;
        ALTER TABLE new_answers RENAME TO answers;
        ALTER TABLE new_verdicts RENAME TO verdicts;
        CREATE UNIQUE INDEX accepted_in_order ON verdicts (stage, place) WHERE place IS NOT NULL;
        CREATE INDEX rejected_by_settings ON verdicts (settings) WHERE outcome = 'Rejected';
        """;

    /// <inheritdoc/>
    public void Apply(SqliteConnection connection)
    {
        connection.Execute(NewTables);
        Copy(
            connection,
            """
            SELECT key, id, stage, query_id, collection, task, answer_kind, chance, difficulty, asked_at, times_asked,
                system_message, prompt, gold_answers, explanation, prescribed_message
            FROM requests
            """,
            "new_requests", plainColumns: 11,
            row => Packing.Pack(new RequestBody(
                row.Text(11), row.Text(12), JsonSerializer.Deserialize<ImmutableArray<string>>(row.Text(13)),
                row.TextOrNull(14), row.TextOrNull(15))));
        Copy(
            connection,
            """
            SELECT request, finish, teacher, prompt_tokens, completion_tokens, cost, latency_ticks, answered_at, response FROM answers
            """,
            "new_answers", plainColumns: 8, row => Packing.Pack(new AnswerBody(row.Text(8), "")));
        Copy(
            connection,
            "SELECT request, stage, outcome, place, screen, NULL, reason, score, judged_at, screens FROM verdicts",
            "new_verdicts", plainColumns: 9, row => Packing.Pack(Screens(row.Text(9))));
        connection.Execute(InTheirPlace);
    }

    // Row by row: a store may be larger than the memory.
    private static void Copy(
        SqliteConnection connection, string from, string to, int plainColumns, Func<SqliteRow, byte[]> pack)
    {
        using var read = new SqliteStatement(connection, from);
        using var write = new SqliteStatement(
            connection,
            $"INSERT INTO {to} VALUES ({string.Join(", ", Enumerable.Range(1, plainColumns + 1).Select(number => $"${number}"))})");
        var values = new SqliteValue[plainColumns + 1];
        read.Read(row =>
        {
            for (var column = 0; column < plainColumns; column++)
            {
                values[column] = row.Value(column);
            }

            values[plainColumns] = pack(row);
            write.Execute(values);
        });
    }

    private static ImmutableArray<ScreenVerdict> Screens(string json) =>
        json.Length == 0 ? [] :
        [
            .. JsonSerializer.Deserialize<ImmutableArray<ScoredVerdict>>(json)
                .Select(verdict => new ScreenVerdict(verdict.Screen, verdict.Passed, verdict.Score, verdict.Reason)),
        ];

    private sealed record ScoredVerdict(string Screen, bool Passed, double Score, string? Reason);
}
