using Microsoft.Data.Sqlite;

namespace Orca.Streams.Storage.Migrations;

/// <summary>
/// Version 7: commands are written as one JSON object each, with where they took effect; and every lesson that is given out is written, so
/// that a run that was killed gives the same ones again.
/// </summary>
internal sealed class CommandEffects : IMigration
{
    private const string Tables = """
        -- Numbers of the first lesson, question and step that a command acts on; null where that is not known.
        ALTER TABLE commands ADD COLUMN lesson INTEGER;
        ALTER TABLE commands ADD COLUMN draw INTEGER;
        ALTER TABLE commands ADD COLUMN step INTEGER;
        UPDATE commands SET payload = '{}' WHERE kind IN ('pause', 'resume', 'publish');
        UPDATE commands SET payload = json_object('weights', json(payload)) WHERE kind = 'mixture';
        UPDATE commands SET payload = json_object('limits', json(payload)) WHERE kind = 'screens';
        UPDATE commands SET payload = json_object('gate', json_object(
            'questions', json_extract(payload, '$.Questions'), 'level', json_extract(payload, '$.Level'))) WHERE kind = 'gate';

        -- Every lesson that was given out: its trace's place in its stage, and for one that was taught again the epoch, 0 for a fresh one,
        -- with the epoch's range of fresh lessons and how far it had come.
        CREATE TABLE lessons (
            key INTEGER PRIMARY KEY,
            ordinal INTEGER NOT NULL,
            stage TEXT NOT NULL,
            place INTEGER NOT NULL,
            epoch INTEGER NOT NULL,
            low INTEGER NOT NULL,
            high INTEGER NOT NULL,
            position INTEGER NOT NULL,
            -- The revision that took it back; null for one that counts.
            undone INTEGER);
        CREATE INDEX lessons_in_order ON lessons (ordinal) WHERE undone IS NULL;
        """;

    /// <inheritdoc/>
    public void Apply(SqliteConnection connection) => connection.Execute(Tables);
}
