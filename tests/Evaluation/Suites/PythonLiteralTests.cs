using Orca.Evaluation.Suites;

namespace Orca.Evaluation.Tests.Suites;

public sealed class PythonLiteralTests
{
    [Theory]
    [InlineData("{'a': None, 'b': [1, -2.5, True], \"c\": {}}", """{"a":null,"b":[1,-2.5,true],"c":{}}""")]
    [InlineData("""'it\'s "so"'""", """ "it's \"so\"" """)]
    [InlineData("""["it's", 'a\nb\\c\x41\u00e9\U0001F600\q']""", """["it's","a\nb\\cA\u00e9\uD83D\uDE00\\q"]""")]
    [InlineData(" [ ] ", "[]")]
    public void What_Python_writes_is_read(string literal, string json) => Assert.True(System.Text.Json.JsonElement.DeepEquals(
        PythonLiteral.Parse(literal), System.Text.Json.JsonDocument.Parse(json).RootElement));

    [Theory]
    [InlineData("")]
    [InlineData("{'a': 1")]
    [InlineData("'open")]
    [InlineData("[1] 2")]
    [InlineData("{'a' 1}")]
    [InlineData("'\\x4'")]
    [InlineData("[1,,2]")]
    [InlineData("print(1)")]
    public void What_is_none_is_refused(string text) => Assert.Throws<FormatException>(() => PythonLiteral.Parse(text));
}
