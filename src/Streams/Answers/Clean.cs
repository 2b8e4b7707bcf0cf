namespace Orca.Streams.Answers;

/// <summary>Takes what stands around an answer away: quotes, emphasis and the signs that end it.</summary>
internal static class Clean
{
    /// <summary>The answer without quotes and emphasis around it, and without a final sign.</summary>
    public static string Of(string text) =>
        text.Trim(' ', '*', '_', '`', '"', '\'', '“', '”', '‘', '’')
            .TrimEnd('.', '!', ',', ';', ':', ' ', '*', '"', '”', '`', '\'');
}
