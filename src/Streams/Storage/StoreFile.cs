using System.Globalization;
using Microsoft.Data.Sqlite;
using Orca.Streams.Storage.Migrations;

namespace Orca.Streams.Storage;

/// <summary>How a store's file is opened.</summary>
internal static class StoreFile
{
    // A page of an index is written many times: what is kept in memory need not be read again, and what is copied from the log to the
    // file at once is copied once (orca bench stream, docs/results.md).
    private const int CacheKibibytes = 32 * 1024;
    private const int PagesInLog = 8192;

    /// <summary>Opens the file to write and brings its tables up to date.</summary>
    public static SqliteConnection OpenWriter(string path, TraceStoreOptions options)
    {
        var connection = Open(path);
        try
        {
            connection.Execute("PRAGMA journal_mode = WAL");
            connection.Execute(
                options.Durability == Durability.PowerFailure ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA cache_size = -{CacheKibibytes}"));
            connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA wal_autocheckpoint = {PagesInLog}"));
            if (options.MaxPages > 0)
            {
                connection.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count = {options.MaxPages}"));
            }

            Migration.Run(path, connection, Migration.Steps);
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
        connection.Execute("PRAGMA query_only = 1");
        return connection;
    }

    private static SqliteConnection Open(string path)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();

        // Statements of our own do not wait for another process by themselves.
        connection.Execute("PRAGMA busy_timeout = 30000");
        return connection;
    }
}
