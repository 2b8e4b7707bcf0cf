using Orca.Streams.Tasks.Reasoning;

namespace Orca.Streams.Tasks.Records;

/// <summary>Makes one text of an explanation and the answer it leads to, for sources that keep them apart.</summary>
internal static class RecordedExplanation
{
    /// <summary>The explanation, then the answer as the built-in tasks state it, unless the explanation says so itself.</summary>
    public static string Of(string explanation, string answer) =>
        explanation.Contains("answer is", StringComparison.OrdinalIgnoreCase)
            ? explanation
            : $"{explanation.TrimEnd()} {ReasoningInstance.FinalLine(answer.TrimEnd('.'))}";
}
