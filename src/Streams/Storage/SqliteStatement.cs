using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Orca.Streams.Storage;

/// <summary>
/// A prepared statement whose parameters are $1, $2, …; one thread at a time. It speaks to SQLite without the provider's commands, whose
/// bookkeeping costs more than the writing does (docs/results.md, <c>orca bench stream</c>).
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private const int LongestOnStack = 256;
    private readonly sqlite3 database;
    private readonly sqlite3_stmt statement;

    public SqliteStatement(SqliteConnection connection, string sql)
    {
        database = connection.Handle!;
        Check(raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out statement));
    }

    /// <summary>Runs it.</summary>
    /// <exception cref="SqliteException">It failed.</exception>
    public void Execute(params ReadOnlySpan<SqliteValue> values) => Run(null, values);

    /// <summary>Runs it; the first column of its first row as an integer.</summary>
    public long Integer(params ReadOnlySpan<SqliteValue> values)
    {
        var value = 0L;
        Run(row => value = row.Integer(0), values);
        return value;
    }

    /// <summary>Runs it and shows each row.</summary>
    public void Read(Action<SqliteRow> row, params ReadOnlySpan<SqliteValue> values) => Run(row, values);

    public void Dispose() => statement.Dispose();

    private void Run(Action<SqliteRow>? row, ReadOnlySpan<SqliteValue> values)
    {
        try
        {
            for (var index = 0; index < values.Length; index++)
            {
                Check(Bind(index + 1, values[index]));
            }

            while (true)
            {
                var code = raw.sqlite3_step(statement);
                if (code == raw.SQLITE_DONE)
                {
                    return;
                }

                if (code != raw.SQLITE_ROW)
                {
                    Check(code);
                }

                row?.Invoke(new SqliteRow(statement));
            }
        }
        finally
        {
            // It says again what the step said.
            _ = raw.sqlite3_reset(statement);
        }
    }

    private int Bind(int index, SqliteValue value) =>
        value.HoldsInteger ? raw.sqlite3_bind_int64(statement, index, value.Integer)
        : value.HoldsReal ? raw.sqlite3_bind_double(statement, index, value.Real)
        : value.Reference is string text ? BindText(index, text)
        : value.Reference is byte[] bytes ? raw.sqlite3_bind_blob(statement, index, bytes)
        : raw.sqlite3_bind_null(statement, index);

    private int BindText(int index, string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = most > LongestOnStack ? ArrayPool<byte>.Shared.Rent(most) : null;
        var bytes = rented ?? stackalloc byte[LongestOnStack];
        var code = raw.sqlite3_bind_text(statement, index, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return code;
    }

    private void Check(int code) => SqliteException.ThrowExceptionForRC(code, database);
}
