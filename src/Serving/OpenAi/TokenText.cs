using System.Text;
using Orca.Model.Tokenization;

namespace Orca.Serving.OpenAi;

/// <summary>What single tokens look like.</summary>
internal static class TokenText
{
    /// <summary>The token's text; what is no whole character appears as U+FFFD.</summary>
    public static string Of(ITokenizer tokenizer, int token) => Encoding.UTF8.GetString(tokenizer.BytesOf(token));

    /// <summary>The token's bytes.</summary>
    public static int[] BytesOf(ITokenizer tokenizer, int token) => [.. tokenizer.BytesOf(token).ToArray().Select(value => (int)value)];
}
