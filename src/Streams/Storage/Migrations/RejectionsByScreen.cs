using Microsoft.Data.Sqlite;

namespace Orca.Streams.Storage.Migrations;

/// <summary>Version 5: what a screen rejected is found without looking at everything else.</summary>
internal sealed class RejectionsByScreen : IMigration
{
    /// <inheritdoc/>
    public void Apply(SqliteConnection connection) =>
        connection.Execute("CREATE INDEX rejected_by_screen ON verdicts (screen) WHERE outcome = 'Rejected'");
}
