namespace Orca.Streams.Tasks;

/// <summary>Makes one text of an explanation and the answer it leads to, for sources that keep them apart.</summary>
internal static class RecordedExplanation
{
    /// <summary>The explanation, then "The answer is …." unless it says so itself.</summary>
    public static string Of(string explanation, string answer) =>
        explanation.Contains("answer is", StringComparison.OrdinalIgnoreCase)
            ? explanation
            : $"{explanation.TrimEnd()}\nThe answer is {answer.TrimEnd('.')}.";
}
