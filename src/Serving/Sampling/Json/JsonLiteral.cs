using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Orca.Serving.Sampling.Json;

/// <summary>Values as compact JSON in which characters stand as they are: as a student that has read JSON writes them.</summary>
internal static class JsonLiteral
{
    /// <summary>A value.</summary>
    public static string Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object =>
            $"{{{string.Join(',', value.EnumerateObject().Select(property => $"{Of(property.Name)}:{Of(property.Value)}"))}}}",
        JsonValueKind.Array => $"[{string.Join(',', value.EnumerateArray().Select(Of))}]",
        JsonValueKind.String => Of(value.GetString()!),
        _ => value.GetRawText(),
    };

    /// <summary>A text, between quotation marks.</summary>
    public static string Of(string text)
    {
        var json = new StringBuilder("\"");
        foreach (var character in text)
        {
            json = character switch
            {
                '"' or '\\' => json.Append('\\').Append(character),
                '\n' => json.Append("\\n"),
                '\r' => json.Append("\\r"),
                '\t' => json.Append("\\t"),
                < ' ' => json.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
                _ => json.Append(character),
            };
        }

        return json.Append('"').ToString();
    }
}
