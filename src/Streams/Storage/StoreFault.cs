using Microsoft.Data.Sqlite;

namespace Orca.Streams.Storage;

/// <summary>Says in one sentence what is wrong with a store's file.</summary>
internal static class StoreFault
{
    // https://www.sqlite.org/rescode.html
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Corrupt = 11;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int NotADatabase = 26;

    public static TraceStoreException Opening(string path, Exception failure) => new(
        failure is SqliteException { SqliteErrorCode: NotADatabase or Corrupt }
            ? $"'{path}' is no trace store, or a damaged one; move it away or give another folder."
            : failure is SqliteException { SqliteErrorCode: CannotOpen or ReadOnly }
                ? $"The trace store '{path}' cannot be opened for writing; check the folder and its permissions."
                : $"The trace store '{path}' cannot be opened ({failure.Message}); check the disk, or give another folder.",
        failure);

    public static TraceStoreException Writing(string path, Exception failure) => new(
        failure is SqliteException { SqliteErrorCode: Full }
            ? $"The trace store '{path}' cannot grow: the disk is full; free some space and start again, all that was acknowledged is kept."
            : failure is SqliteException { SqliteErrorCode: InputOutput or ReadOnly } or IOException
                ? $"The trace store '{path}' cannot be written ({failure.Message}); check the disk and start again, all that was "
                    + "acknowledged is kept."
                : $"The trace store '{path}' refused a write ({failure.Message}); all that was acknowledged is kept.",
        failure);
}
