using Microsoft.Data.Sqlite;

namespace Orca.Streams.Storage;

/// <summary>Runs statements that are needed once.</summary>
internal static class SqliteConnections
{
    /// <summary>Runs any number of statements.</summary>
    public static void Execute(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>The value that one statement gives.</summary>
    public static object? Scalar(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
