using System.Text.Json;

namespace Orca.Serving.Requests;

/// <summary>Failures by the names that callers in other languages know them by.</summary>
internal static class FailureNames
{
    /// <summary>The failure's name in upper case with underscores, such as <c>QUEUE_FULL</c>.</summary>
    public static string ReasonName(this GenerationException failure) =>
        JsonNamingPolicy.SnakeCaseUpper.ConvertName(failure.Failure.ToString());
}
