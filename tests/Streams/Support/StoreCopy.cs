using Microsoft.Data.Sqlite;

namespace Orca.Streams.Tests.Support;

/// <summary>
/// A store as it would be had its process been killed at a moment: what was committed by then, whatever is written afterwards.
/// </summary>
internal sealed class StoreCopy
{
    private readonly string store;

    private StoreCopy(string store) => this.store = store;

    private string Copy => store + ".killed";

    /// <summary>Takes it, while the store is written.</summary>
    public static StoreCopy Take(string store)
    {
        var copy = new StoreCopy(store);
        using var from = new SqliteConnection($"Data Source={store};Mode=ReadOnly;Pooling=False");
        using var to = new SqliteConnection($"Data Source={copy.Copy};Pooling=False");
        from.Open();
        to.Open();
        from.BackupDatabase(to);
        return copy;
    }

    /// <summary>Puts it in the place of the store, which is closed by now.</summary>
    public void PutBack()
    {
        File.Delete(store + "-wal");
        File.Delete(store + "-shm");
        File.Move(Copy, store, overwrite: true);
    }
}
