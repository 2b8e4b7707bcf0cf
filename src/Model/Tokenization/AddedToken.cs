using System.Text.Json;

namespace Orca.Model.Tokenization;

/// <summary>A token that was added to a vocabulary after it was trained: it is found in a text before anything merges.</summary>
/// <param name="Text">Its exact name or text.</param>
/// <param name="Id">Its id.</param>
/// <param name="IsSpecial">Whether it is a sign for the model rather than text.</param>
internal sealed record AddedToken(string Text, int Id, bool IsSpecial)
{
    /// <summary>Whether it takes the white space before it along (<c>lstrip</c>).</summary>
    public bool StripsLeft { get; private init; }

    /// <summary>Whether it takes the white space behind it along (<c>rstrip</c>).</summary>
    public bool StripsRight { get; private init; }

    /// <summary>Whether it is found only where no letter, digit or underscore touches it (<c>single_word</c>).</summary>
    public bool IsSingleWord { get; private init; }

    /// <summary>Whether it is looked for in the normalized text (<c>normalized</c>).</summary>
    public bool IsNormalized { get; init; }

    /// <summary>Reads one of a <c>tokenizer.json</c> or <c>tokenizer_config.json</c>.</summary>
    /// <exception cref="FormatException">It is malformed.</exception>
    public static AddedToken Read(JsonElement element, int id)
    {
        var isSpecial = element.IsOn("special");
        return new AddedToken(element.Text("content"), id, isSpecial)
        {
            StripsLeft = element.IsOn("lstrip"),
            StripsRight = element.IsOn("rstrip"),
            IsSingleWord = element.IsOn("single_word"),
            IsNormalized = element.IsOn("normalized", otherwise: !isSpecial),
        };
    }
}
