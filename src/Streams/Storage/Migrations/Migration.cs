using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Orca.Streams.Storage.Migrations;

/// <summary>
/// Brings a store's tables up to date, step by step; SQLite's <c>user_version</c> counts the steps that a file has taken.
/// </summary>
internal static class Migration
{
    /// <summary>Every step in order. New ones go to the end.</summary>
    public static ImmutableArray<IMigration> Steps { get; } =
    [
        new FirstTables(), new PackedBodies(), new Attempts(), new Scores(), new RejectionsByScreen(), new Samples(), new CommandEffects(),
        new StudentsAsked(),
    ];

    /// <summary>The version after the last step.</summary>
    public static int Latest => Steps.Length;

    /// <summary>Takes the steps that the file has not taken, each in a transaction of its own with the version that it makes.</summary>
    /// <exception cref="TraceStoreException">The file is of a newer version; nothing is changed.</exception>
    /// <exception cref="SqliteException">A step failed; the file is as after the step before.</exception>
    public static void Run(string path, SqliteConnection connection, ImmutableArray<IMigration> steps)
    {
        var version = (long)connection.Scalar("PRAGMA user_version")!;
        if (version < 0)
        {
            throw new TraceStoreException(
                $"'{path}' is no trace store, or a damaged one (tables of version {version}); move it away or give another folder.");
        }

        if (version > steps.Length)
        {
            throw new TraceStoreException(
                $"The trace store '{path}' was written by a newer Orca (tables of version {version}, this one knows {steps.Length}); "
                    + "update Orca or give another folder.");
        }

        for (var step = (int)version; step < steps.Length; step++)
        {
            using var transaction = connection.BeginTransaction();
            steps[step].Apply(connection);
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {step + 1}"));
            transaction.Commit();
        }
    }
}
