using System.Text;

namespace Orca.Serving.Tests.Fuzz;

/// <summary>Spoils bodies, each in some of the ways in which bodies are spoilt.</summary>
internal static class Mutation
{
    private static readonly byte[][] JsonWords =
    [
        .. new[]
        {
            "null", "true", "-1", "0", "1e999", "-1e-999", "NaN", "99999999999999999999", "3.0", "0.5", "\"\"",
            "\"\\ud83d\"", "\"\\udc00x\"", "\"\\u0000\"", "[]", "{}", "[null]",
            "[[]]", "{\"a\":1,\"a\":2}", "[\"\\ud800\"]", "{\"type\":5}", "\"text\"", "{\"$ref\":\"#\"}",
            "{\"type\":\"string\",\"pattern\":\"(a+)+$\"}", "\\", "\"", ",", ":", "}", "]",
            new string('[', 100), "{\"type\":\"object\",\"additionalProperties\":{\"$ref\":\"#\"}}",
            "{\"type\":\"integer\",\"multipleOf\":7}", "\ufeff", "漢🦈",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5], [0xE9],
    ];

    private static readonly byte[][] WireWords =
    [
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], [0x80], [0x08, 0x00], [0x12, 0x7F], [0xFF, 0xFE],
        [0xED, 0xA0, 0xBD], [0x0B], [0x0C], [0x7A, 0x00], [0x00],
        [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0x0D, 0x00, 0x00, 0xC0, 0x7F], [0x15, 0x00, 0x00, 0x80, 0x7F],
    ];

    /// <summary>A JSON body, spoilt.</summary>
    public static byte[] OfJson(byte[] body, Random random) => Spoil(body, JsonWords, random);

    /// <summary>A message of protobuf, spoilt.</summary>
    public static byte[] OfMessage(byte[] body, Random random) => Spoil(body, WireWords, random);

    private static byte[] Spoil(byte[] body, byte[][] words, Random random)
    {
        var spoilt = body.ToList();
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(spoilt.Count + 1);
            var length = Math.Min(random.Next(1, 12), spoilt.Count - at);
            switch (random.Next(6))
            {
                case 0 when at < spoilt.Count:
                    spoilt[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    spoilt.RemoveRange(at, length);
                    break;
                case 2:
                    spoilt.InsertRange(at, spoilt.GetRange(at, length));
                    break;
                case 3:
                    spoilt.InsertRange(at, words[random.Next(words.Length)]);
                    break;
                case 4:
                    spoilt.RemoveRange(at, length);
                    spoilt.InsertRange(at, words[random.Next(words.Length)]);
                    break;
                default:
                    ReplaceValue(spoilt, at, words[random.Next(words.Length)]);
                    break;
            }
        }

        return [.. spoilt];
    }

    /// <summary>What stands after the next colon, up to a comma or a bracket, becomes another.</summary>
    private static void ReplaceValue(List<byte> body, int from, byte[] word)
    {
        var colon = body.IndexOf((byte)':', from);
        if (colon < 0)
        {
            return;
        }

        var end = body.FindIndex(colon, value => value is (byte)',' or (byte)'}' or (byte)']');
        body.RemoveRange(colon + 1, (end < 0 ? body.Count : end) - colon - 1);
        body.InsertRange(colon + 1, word);
    }
}
