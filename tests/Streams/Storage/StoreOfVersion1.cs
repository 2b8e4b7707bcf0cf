using Microsoft.Data.Sqlite;

namespace Orca.Streams.Tests.Storage;

/// <summary>
/// A store as the first version of the tables left it, text for text: its statements, names and ids are never brought up to date.
/// </summary>
internal static class StoreOfVersion1
{
    /// <summary>
    /// Of the six questions of <c>ListSource.Of("old", 6)</c> number 0 was accepted, 1 rejected, 2 answered but not judged, 3 refused for
    /// good, 4 asked but not answered, 5 never asked; and the curriculum was paused once.
    /// </summary>
    public static void Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = Tables + Rows;
        command.ExecuteNonQuery();
    }

    private const string Tables = """
        PRAGMA journal_mode = WAL;
        CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
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
        CREATE TABLE commands (
            revision INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL,
            payload TEXT NOT NULL,
            given_at TEXT NOT NULL);
        PRAGMA user_version = 1;
        """;

    private const string Rows = """
        INSERT INTO about VALUES ('id', 'a5ee6f1a5ee6f1a5ee6f1a5ee6f1a5ee');
        INSERT INTO commands VALUES (1, 'c1', 'pause', '', '2026-11-28T10:00:00.0000000+00:00');
        INSERT INTO commands VALUES (2, 'c2', 'resume', '', '2026-11-28T10:00:01.0000000+00:00');
        INSERT INTO requests VALUES
            (1, 'c46f239ccb38c0c313454e20734eacad', 'expert', '', '6c32253f3f68390a6d9ec5ce9538f4c6', 'old', 'task', 'old question 0',
                '["0"]', 'Exact', 'The answer is 0.', NULL, 0.25, 3, '2026-11-28T10:00:00.0000000+00:00', 2),
            (2, '231e37bcc9efe335180aa8fa52beee96', 'expert', '', 'f6a517d7cf1d6c8cb7a258e74bfb0712', 'old', 'task', 'old question 1',
                '["1"]', 'Exact', 'The answer is 1.', NULL, NULL, NULL, '2026-11-28T10:00:00.0000000+00:00', 1),
            (3, 'cb57b9ba66fbddbe5b4b9bfe9941d4ab', 'expert', '', 'f651e9fed6157b12703731b39a729c3f', 'old', 'task', 'old question 2',
                '["2"]', 'Exact', 'The answer is 2.', NULL, NULL, NULL, '2026-11-28T10:00:00.0000000+00:00', 1),
            (4, 'c9e48e21bdb433572e46cd212330c818', 'expert', '', 'a2cd543c8f0d82103600fe17e7765e38', 'old', 'task', 'old question 3',
                '["3"]', 'Exact', 'The answer is 3.', NULL, NULL, NULL, '2026-11-28T10:00:00.0000000+00:00', 1),
            (5, 'dd80032a627e6bb5a476d5a10a4aebe0', 'expert', '', '5fc4d2f265cf08a69fa3959d92419fc6', 'old', 'task', 'old question 4',
                '["4"]', 'Exact', 'The answer is 4.', NULL, NULL, NULL, '2026-11-28T10:00:00.0000000+00:00', 1);
        INSERT INTO answers VALUES
            (1, 'Well – the answer is 0. 🐋', 'Stop', 'gpt', 12, 34, '0.000123456789', 123456789, '2026-11-28T10:00:02.0000000+00:00'),
            (2, 'The answer is 7.', 'Stop', 'gpt', 12, 34, '0.1', 10000000, '2026-11-28T10:00:02.0000000+00:00'),
            (3, 'The answer is 2.', 'Stop', 'gpt', 12, 34, '0.1', 10000000, '2026-11-28T10:00:02.0000000+00:00');
        INSERT INTO verdicts VALUES
            (1, 'expert', 'Accepted', 0, NULL, NULL, 1.0,
                '[{"Screen":"finish","Passed":true,"Score":1,"Reason":null},{"Screen":"gold-answer","Passed":true,"Score":1,"Reason":null}]',
                '2026-11-28T10:00:03.0000000+00:00'),
            (2, 'expert', 'Rejected', NULL, 'gold-answer', 'The answer is not ''1''.', 0.0,
                '[{"Screen":"gold-answer","Passed":false,"Score":0,"Reason":"The answer is not \u00271\u0027."}]',
                '2026-11-28T10:00:03.0000000+00:00'),
            (4, 'expert', 'Failed', NULL, NULL, 'it is too long', 0.0, '', '2026-11-28T10:00:03.0000000+00:00');
        """;
}
