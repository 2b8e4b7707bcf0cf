using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Orca.Model.Prompting.Jinja.Values;

/// <summary>JSON that a caller gave, as values of a template: every text in it is of the conversation.</summary>
internal static class JsonValues
{
    /// <summary>The value of some JSON.</summary>
    public static JinjaValue Of(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => new DictionaryValue(json.EnumerateObject().Select(member =>
            KeyValuePair.Create<JinjaValue, JinjaValue>(Text(member.Name), Of(member.Value)))),
        JsonValueKind.Array => new ListValue([.. json.EnumerateArray().Select(Of)]),
        JsonValueKind.String => Text(json.GetString()!),
        JsonValueKind.Number => Number(json.GetRawText()),
        JsonValueKind.True => BooleanValue.True,
        JsonValueKind.False => BooleanValue.False,
        _ => NoneValue.Instance,
    };

    /// <summary>A text of the conversation.</summary>
    public static TextValue Text(string value) => new(TemplateText.OfConversation(value));

    // As Python's json reads it: a number without point and exponent is whole. One too long to be meant becomes a float.
    private static JinjaValue Number(string text) =>
        text.AsSpan().IndexOfAny('.', 'e', 'E') < 0 && text.Length <= 1024
            ? new IntegerValue(BigInteger.Parse(text, CultureInfo.InvariantCulture))
            : new FloatValue(double.Parse(text, CultureInfo.InvariantCulture));
}
