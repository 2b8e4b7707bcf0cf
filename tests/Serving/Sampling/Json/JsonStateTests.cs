using System.Text;
using System.Text.Json;
using Orca.Serving.Sampling.Json;

namespace Orca.Serving.Tests.Sampling.Json;

public class JsonStateTests
{
    [Theory]
    [InlineData("""{"a":1}""", true)]
    [InlineData("""{ "a" : [ 1 , -2.5e+3 , "x" , null , true , false , { } , [ ] ] }""", true)]
    [InlineData("""{"a":"\u00e9 \ud7ff \\ \" \/ \n 漢 🦈"}""", true)]
    [InlineData("""{"a":"\ud800"}""", false)]
    [InlineData("""{"a":01}""", false)]
    [InlineData("""{"a":1,}""", false)]
    [InlineData("""{,"a":1}""", false)]
    [InlineData("""{"a":1 "b":2}""", false)]
    [InlineData("""{"a":[1,]}""", false)]
    [InlineData("""{"a":.5}""", false)]
    [InlineData("""{"a":+5}""", false)]
    [InlineData("""{"a":1.}""", false)]
    [InlineData("""{"a":1e}""", false)]
    [InlineData("""{"a":nul}""", false)]
    [InlineData("""{"a":"b}""", false)]
    [InlineData("""{"a":'b'}""", false)]
    [InlineData("""{"a" 1}""", false)]
    [InlineData("""{a:1}""", false)]
    [InlineData("""{}{}""", false)]
    [InlineData("{\"a\":\"\u0001\"}", false)]
    [InlineData("5", false)]
    public void Any_object_is_what_a_reader_of_json_reads(string text, bool isJson) =>
        Assert.Equal(isJson, IsWhole(JsonGrammar.AnyObject, text));

    [Theory]
    [InlineData(new byte[] { 0xC0, 0x80 })]
    [InlineData(new byte[] { 0xE0, 0x80, 0x80 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 })]
    [InlineData(new byte[] { 0xF5 })]
    [InlineData(new byte[] { 0x80 })]
    [InlineData(new byte[] { 0xE6, 0x41 })]
    public void Bytes_that_are_no_utf_8_cannot_stand_in_a_string(byte[] bytes) =>
        Assert.False(IsWhole(Any, [(byte)'"', .. bytes, (byte)'"']));

    [Fact]
    public void Every_character_of_unicode_can_stand_in_a_string()
    {
        var all = Enumerable.Range(0x20, 0x10FFFF - 0x1F)
            .Where(value => value is not ('"' or '\\') && Rune.IsValid(value)).Select(value => new Rune(value));
        Assert.True(IsWhole(Any, $"\"{string.Concat(all)}\""));
    }

    [Fact]
    public void White_space_in_a_row_and_nesting_are_bounded()
    {
        Assert.True(IsWhole(Any, $"[{new string(' ', 40)}1]"));
        Assert.False(IsWhole(Any, $"[{new string(' ', 41)}1]"));
        Assert.True(IsWhole(Any, new string('[', 63) + new string(']', 63)));
        Assert.False(IsWhole(Any, new string('[', 64) + new string(']', 64)));
        _ = JsonSerializer.Deserialize<JsonElement>(new string('[', 63) + new string(']', 63));
    }

    [Fact]
    public void Far_from_a_bound_all_places_of_a_string_are_one_place_and_near_it_none_are()
    {
        var state = new JsonState(JsonSchemaReader.Read("""{"type":"string","minLength":10,"maxLength":100000}"""));
        string KeyAfter(int characters)
        {
            for (var i = 0; i < characters; i++)
            {
                Assert.True(state.TryAdvance((byte)(i == 0 && characters > 90_000 ? 'x' : 'a')));
            }

            return new string(state.KeyWithin(16));
        }

        Assert.True(state.TryAdvance((byte)'"'));
        var (first, early, late) = (KeyAfter(5), KeyAfter(6), KeyAfter(90_000));
        Assert.NotEqual(first, early);
        Assert.Equal(early, late);
        Assert.Equal(late, KeyAfter(9_968));
        Assert.NotEqual(late, KeyAfter(6));
    }

    private static JsonGrammar Any => JsonSchemaReader.Read("{}");

    private static bool IsWhole(JsonGrammar grammar, string text) => IsWhole(grammar, Encoding.UTF8.GetBytes(text));

    private static bool IsWhole(JsonGrammar grammar, byte[] text)
    {
        var state = new JsonState(grammar);
        return text.All(state.TryAdvance) && state.MayEnd;
    }
}
