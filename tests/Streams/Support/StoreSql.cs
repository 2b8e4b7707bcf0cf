using Microsoft.Data.Sqlite;

namespace Orca.Streams.Tests.Support;

/// <summary>Runs SQL on a store's file, as nothing of the project does.</summary>
internal static class StoreSql
{
    public static void Run(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
