using Microsoft.Data.Sqlite;

namespace Orca.Streams.Storage.Migrations;

/// <summary>One step from a version of the tables to the next.</summary>
/// <remarks>
/// A step that was released is never changed: stores that took it are out there. What is to be otherwise is a step of its own.
/// </remarks>
internal interface IMigration
{
    /// <summary>Changes tables and rows, within a transaction that the caller began and commits with the new version.</summary>
    void Apply(SqliteConnection connection);
}
