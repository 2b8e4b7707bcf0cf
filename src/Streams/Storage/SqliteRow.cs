using System.Text;
using SQLitePCL;

namespace Orca.Streams.Storage;

/// <summary>The row on which a statement stands; gone with the statement's next step.</summary>
internal readonly struct SqliteRow(sqlite3_stmt statement)
{
    public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    public long Integer(int column) => raw.sqlite3_column_int64(statement, column);

    public long? IntegerOrNull(int column) => IsNull(column) ? null : Integer(column);

    public int Count(int column) => raw.sqlite3_column_int(statement, column);

    public double Real(int column) => raw.sqlite3_column_double(statement, column);

    public byte[] Bytes(int column) => raw.sqlite3_column_blob(statement, column).ToArray();

    // By its length: a text may hold the character 0.
    public string Text(int column) => Encoding.UTF8.GetString(raw.sqlite3_column_blob(statement, column));

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    public SqliteValue Value(int column) => raw.sqlite3_column_type(statement, column) switch
    {
        raw.SQLITE_NULL => default,
        raw.SQLITE_INTEGER => Integer(column),
        raw.SQLITE_FLOAT => Real(column),
        raw.SQLITE_TEXT => Text(column),
        _ => Bytes(column),
    };
}
