using System.Text.Json;

namespace Orca.Evaluation.Recordings;

/// <summary>A form of stored outputs as JSON Lines.</summary>
internal interface IRecordedForm
{
    /// <summary>Whether a file whose first line this is has the form.</summary>
    bool Is(JsonElement first);

    /// <summary>Reads a file of the form; throws what <see cref="JsonElement"/> throws where a line has another.</summary>
    RecordedFile Read(string path, IReadOnlyList<(int Line, JsonElement Object)> lines);
}
