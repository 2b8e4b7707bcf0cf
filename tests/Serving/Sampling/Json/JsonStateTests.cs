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
    public void Any_object_is_what_a_reader_of_json_reads(string text, bool isJson) => Assert.Equal(isJson, IsWhole(JsonShape.AnyObject, text));

    [Theory]
    [InlineData(new byte[] { 0xC0, 0x80 })]
    [InlineData(new byte[] { 0xE0, 0x80, 0x80 })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })]
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 })]
    [InlineData(new byte[] { 0xF5 })]
    [InlineData(new byte[] { 0x80 })]
    [InlineData(new byte[] { 0xE6, 0x41 })]
    public void Bytes_that_are_no_utf_8_cannot_stand_in_a_string(byte[] bytes) =>
        Assert.False(IsWhole(JsonShape.Any, [(byte)'"', .. bytes, (byte)'"']));

    [Fact]
    public void Every_character_of_unicode_can_stand_in_a_string()
    {
        for (var value = 0x20; value <= 0x10FFFF; value++)
        {
            if (value is not ('"' or '\\') && Rune.IsValid(value))
            {
                Assert.True(IsWhole(JsonShape.Any, $"\"{new Rune(value)}\""));
            }
        }
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"},"ab":{"type":"null"}},"required":["ab"]}""", """{"ab":null}""", """{"a":1,"ab":null}""", """{"a":1}""", """{"ab":null,"a":1}""", """{"b":1,"ab":null}""", """{"a":1.5,"ab":null}""")]
    [InlineData("""{"enum":[1,12,"1"]}""", "1", "12", "123", "2", "\"12\"", "null")]
    [InlineData("""{"type":"string","minLength":2,"maxLength":2}""", "\"é🦈\"", "\"\\n\\u0041\"", "\"a\"", "\"abc\"", "\"\"", "1")]
    [InlineData("""{"items":{"type":"boolean"},"minItems":1,"maxItems":2}""", "[true]", "[true,false]", "[]", "[true,true,true]", "[1]", "true")]
    [InlineData("""{"anyOf":[{"$ref":"#/$defs/n"},{"type":"null"}],"$defs":{"n":{"type":"integer"}}}""", "null", "-7", "1.5", "true", "{}", "\"\"")]
    public void A_schema_lets_through_what_it_describes_and_nothing_else(string schema, string first, string second, params string[] others)
    {
        Assert.True(IsWhole(JsonSchemaReader.Read(schema), first));
        Assert.True(IsWhole(JsonSchemaReader.Read(schema), second));
        Assert.All(others, other => Assert.False(IsWhole(JsonSchemaReader.Read(schema), other)));
    }

    [Theory]
    [InlineData("{", "is not JSON")]
    [InlineData("[]", "where a schema is expected")]
    [InlineData("""{"type":"text"}""", "known are array, boolean")]
    [InlineData("""{"type":"integer","minimum":3}""", "uses minimum at #")]
    [InlineData("""{"properties":{"a":{"oneOf":[]}}}""", "uses oneOf at #/properties/a")]
    [InlineData("""{"properties":{},"additionalProperties":true}""", "additionalProperties other than false")]
    [InlineData("""{"properties":{},"required":["a"]}""", "requires 'a'")]
    [InlineData("""{"enum":[]}""", "empty enum")]
    [InlineData("""{"anyOf":[{"type":"integer"},{"type":"number"}]}""", "cannot be told apart")]
    [InlineData("""{"minItems":3,"maxItems":2}""", "minItems above maxItems")]
    [InlineData("""{"minLength":-1}""", "a whole number from 0")]
    [InlineData("""{"$ref":"#/$defs/a"}""", "which is not in it")]
    [InlineData("""{"$ref":"https://example.org/a"}""", "which is not in it")]
    [InlineData("""{"$ref":"#/$defs/a","$defs":{"a":{"properties":{"b":{"$ref":"#/$defs/a"}}}}}""", "from within it")]
    public void A_schema_that_cannot_be_kept_is_refused_with_a_sentence(string schema, string says) =>
        Assert.Contains(says, Assert.Throws<JsonSchemaException>(() => JsonSchemaReader.Read(schema)).Message);

    [Fact]
    public void White_space_in_a_row_and_nesting_are_bounded()
    {
        Assert.True(IsWhole(JsonShape.Any, $"[{new string(' ', 40)}1]"));
        Assert.False(IsWhole(JsonShape.Any, $"[{new string(' ', 41)}1]"));
        Assert.True(IsWhole(JsonShape.Any, new string('[', 63) + new string(']', 63)));
        Assert.False(IsWhole(JsonShape.Any, new string('[', 64) + new string(']', 64)));
        _ = JsonSerializer.Deserialize<JsonElement>(new string('[', 63) + new string(']', 63));
    }

    private static bool IsWhole(JsonShape shape, string text) => IsWhole(shape, Encoding.UTF8.GetBytes(text));

    private static bool IsWhole(JsonShape shape, byte[] text)
    {
        var state = new JsonState(new JsonGrammar(shape));
        return text.All(state.TryAdvance) && state.MayEnd;
    }
}
