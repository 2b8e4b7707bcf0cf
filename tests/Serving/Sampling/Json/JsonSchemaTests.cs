using System.Text;
using Orca.Serving.Sampling.Json;

namespace Orca.Serving.Tests.Sampling.Json;

public class JsonSchemaTests
{
    [Theory]
    [InlineData("""{"type":"object","properties":{"a":{"type":"integer"},"ab":{"type":"null"}},"required":["ab"]}""", """{"ab":null}""", """{"a":1,"ab":null}""", """{"a":1}""", """{"ab":null,"a":1}""", """{"b":1,"ab":null}""", """{"a":1.5,"ab":null}""")]
    [InlineData("""{"enum":[1,12,"1"]}""", "1", "12", "123", "2", "\"12\"", "null")]
    [InlineData("""{"type":"string","const":"cat","title":"Kind"}""", "\"cat\"", " \"cat\"", "\"dog\"", "\"ca\"", "cat")]
    [InlineData("""{"type":["string","null"],"enum":["a","b",null]}""", "\"a\"", "null", "\"c\"", "1")]
    [InlineData("""{"anyOf":[{"enum":["red","blue"],"type":"string"},{"type":"null"}]}""", "\"red\"", "null", "\"green\"", "nul")]
    [InlineData("""{"type":"string","nullable":true,"maxLength":1}""", "\"a\"", "null", "\"ab\"", "1")]
    [InlineData("""{"type":"string","minLength":2,"maxLength":2}""", "\"é🦈\"", "\"\\n\\u0041\"", "\"a\"", "\"abc\"", "\"\"", "1")]
    [InlineData("""{"items":{"type":"boolean"},"minItems":1,"maxItems":2}""", "[true]", "[true,false]", "[]", "[true,true,true]", "[1]", "true")]
    [InlineData("""{"anyOf":[{"$ref":"#/$defs/n"},{"type":"null"}],"$defs":{"n":{"type":"integer"}}}""", "null", "-7", "1.5", "true", "{}", "\"\"")]
    [InlineData("""{"anyOf":[{"type":"integer"},{"type":"number"}]}""", "1", "1.5", "\"1\"", "null")]
    [InlineData("""{"anyOf":[{"type":"integer"},{"type":"string"}],"description":"x"}""", "12", "\"1\"", "1.5", "null")]
    [InlineData("""{"oneOf":[{"type":"string"},{"type":"null"}]}""", "null", "\"\"", "1", "[]")]
    [InlineData("""{"anyOf":[{"properties":{"k":{"const":"a"},"x":{"type":"integer"}},"required":["k","x"]},{"properties":{"k":{"const":"b"}},"required":["k"]}]}""", """{"k":"a","x":1}""", """{"k":"b"}""", """{"k":"a"}""", """{"k":"b","x":1}""", """{"k":"c"}""")]
    [InlineData("""{"oneOf":[{"$ref":"#/$defs/A"},{"$ref":"#/$defs/B"}],"discriminator":{"propertyName":"k"},"$defs":{"A":{"properties":{"k":{"const":"a"}},"required":["k"]},"B":{"properties":{"k":{"const":"b"}},"required":["k"]}}}""", """{"k":"a"}""", """{"k":"b"}""", "{}", """{"k":null}""")]
    [InlineData("""{"oneOf":[{"properties":{"a":{}},"required":["a"],"additionalProperties":false},{"properties":{"b":{}},"required":["b"],"additionalProperties":false}]}""", """{"a":1}""", """{"b":[]}""", "{}", """{"a":1,"b":1}""")]
    [InlineData("""{"anyOf":[{"required":["a"]},{"required":["b"]}],"type":"object","properties":{"a":{"type":"null"},"b":{"type":"null"}}}""", """{"a":null}""", """{"a":null,"b":null}""", "{}", "1")]
    [InlineData("""{"allOf":[{"$ref":"#/$defs/A"}],"description":"x","$defs":{"A":{"type":"string","maxLength":1}}}""", "\"a\"", "\"\"", "\"ab\"", "1")]
    [InlineData("""{"allOf":[{"type":"integer","minimum":3},{"minimum":5,"maximum":7}]}""", "5", "7", "3", "8", "5.5")]
    [InlineData("""{"allOf":[{"properties":{"a":{"type":"null"}},"required":["a"]},{"properties":{"b":{"type":"null"}},"required":["b"]}]}""", """{"a":null,"b":null}""", """{ "a":null, "b":null }""", """{"a":null}""", """{"b":null}""")]
    [InlineData("""{"$ref":"#/$defs/A~1B","maxLength":2,"$defs":{"A/B":{"type":"string","minLength":1}}}""", "\"a\"", "\"ab\"", "\"\"", "\"abc\"")]
    [InlineData("""{"$ref":"#/$defs/N","$defs":{"N":{"type":"object","properties":{"v":{"type":"boolean"},"next":{"anyOf":[{"$ref":"#/$defs/N"},{"type":"null"}]}},"required":["v","next"]}}}""", """{"v":true,"next":null}""", """{"v":true,"next":{"v":false,"next":{"v":true,"next":null}}}""", """{"v":true}""", """{"v":true,"next":{}}""")]
    [InlineData("""{"type":"object","properties":{"sub":{"type":"array","items":{"$ref":"#"}}},"required":["sub"]}""", """{"sub":[]}""", """{"sub":[{"sub":[{"sub":[]}]}]}""", "{}", """{"sub":[1]}""")]
    [InlineData("""{"type":"object","additionalProperties":{"type":"integer"}}""", "{}", """{"a":1,"\u0041":2}""", """{"a":"1"}""", "[]")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"null"},"b":{"type":"null"}},"required":["a"],"additionalProperties":{"type":"integer"}}""", """{"a":null,"c":1,"é":2}""", """{"a":null,"b":null,"aa":1}""", """{"a":null,"b":1}""", """{"a":null,"c":1,"b":null}""", """{"c":1}""", """{"a":null,"c":null}""")]
    [InlineData("""{"type":"object","properties":{"a":{"type":"null"}},"additionalProperties":true}""", """{"a":null,"c":[1]}""", """{"c":{}}""", """{"a":1}""", """{"a":null,"a":1}""")]
    [InlineData("""{"type":"object","propertyNames":{"type":"string"},"additionalProperties":{"type":"null"}}""", """{"a":null}""", "{}", """{"a":1}""", "1")]
    [InlineData("""{"type":"object","propertyNames":{"enum":["a","b"]},"additionalProperties":{"type":"null"},"required":["a"]}""", """{"a":null}""", """{"a":null,"b":null}""", """{"b":null}""", """{"a":null,"c":null}""")]
    [InlineData("""{"type":"object","propertyNames":{"pattern":"^x\\d$"},"additionalProperties":{"type":"null"}}""", """{"x1":null,"x2":null}""", "{}", """{"y1":null}""", """{"x":null}""")]
    [InlineData("""{"type":"object","properties":{},"required":["a"],"additionalProperties":{"type":"integer"}}""", """{"a":1}""", """{"a":1,"b":2}""", "{}", """{"b":2}""")]
    [InlineData("""{"prefixItems":[{"type":"string"},{"type":"integer"}],"minItems":2,"maxItems":2}""", """["a",1]""", """[ "", -1 ]""", """["a"]""", """["a",1,1]""", "[1,1]")]
    [InlineData("""{"type":"array","prefixItems":[{"type":"string"}],"items":{"type":"integer"}}""", """["a"]""", """["a",1,2]""", "[]", """["a","b"]""")]
    [InlineData("""{"type":"array","items":[{"type":"null"}],"additionalItems":false}""", "[null]", "[ null ]", "[]", "[null,null]")]
    [InlineData("""{"type":"integer","minimum":-9007199254740991,"maximum":9007199254740991}""", "9007199254740991", "-9007199254740991", "9007199254740992", "-9007199254740992", "1.0")]
    [InlineData("""{"type":"integer","minimum":0,"maximum":10}""", "0", "10", "11", "-1", "00", "100")]
    [InlineData("""{"type":"integer","exclusiveMinimum":-3,"exclusiveMaximum":12}""", "-2", "11", "-3", "12", "-")]
    [InlineData("""{"type":"number","exclusiveMinimum":0}""", "0.001", "7", "0", "-1", "0.000", "1e5")]
    [InlineData("""{"type":"number","minimum":-1.5,"maximum":2.25}""", "-1.5", "2.249999", "-1.51", "2.2500001", "3")]
    [InlineData("""{"type":"number","minimum":10,"exclusiveMinimum":true,"maximum":100}""", "10.5", "100.0", "10", "100.01", "9")]
    [InlineData("""{"type":"integer","multipleOf":7,"minimum":0}""", "0", "7000007", "8", "-7")]
    [InlineData("""{"type":"number","multipleOf":0.25}""", "1.5", "-3.75", "0.3", "1.125", "1e2")]
    [InlineData("""{"type":"string","pattern":"^[a-z]+$"}""", "\"abc\"", "\"z\"", "\"\"", "\"aB\"", "\"a1\"")]
    [InlineData("""{"type":"string","pattern":"\\d{2,3}"}""", "\"12\"", "\"x1234é\"", "\"1\"", "\"a1b2\"")]
    [InlineData("""{"type":"string","pattern":"^$|^(?:[0-9a-f]{2})+$","maxLength":4}""", "\"\"", "\"0fa1\"", "\"0f1\"", "\"000000\"")]
    [InlineData("""{"type":"string","pattern":"^(?!\\.)(?!.*\\.\\.)[a-z.]+$"}""", "\"a.b\"", "\"ab.\"", "\".a\"", "\"a..b\"")]
    [InlineData("""{"type":"string","pattern":"^\"\\\\.[^\\u0061-\\u007a]\\s?$"}""", "\"\\\"\\\\😀A\"", "\"\\\"\\\\xé\\t\"", "\"\\\"\\\\xb\"", "\"x\"")]
    [InlineData("""{"type":"string","format":"date-time"}""", "\"2024-02-28T23:59:59Z\"", "\"2026-11-29T07:38:30.5+01:00\"", "\"2024-02-30T00:00:00Z\"", "\"2024-02-28\"", "\"2024-02-28T24:00:00Z\"")]
    [InlineData("""{"type":"string","format":"uuid"}""", "\"123e4567-e89b-42d3-a456-426614174000\"", "\"00000000-0000-4000-8000-000000000000\"", "\"123e4567-e89b-12d3-a456\"", "\"\"")]
    [InlineData("""{"type":"string","format":"email"}""", "\"a.b@c.de\"", "\"a@b-c.com\"", "\"a@b\"", "\"@b.de\"", "\"a..b@c.de\"")]
    [InlineData("""{"type":"string","format":"something-else"}""", "\"anything\"", "\"\"", "1")]
    [InlineData("""{"type":"string","x-order":1,"description":"d","default":null,"examples":[1],"title":"t","deprecated":true}""", "\"a\"", "\"\"", "1")]
    [InlineData("""{"type":["integer","string"],"maxLength":1,"minimum":5}""", "5", "\"a\"", "4", "\"ab\"")]
    [InlineData("""{"enum":["é🦈","a\"b\\"]}""", "\"é🦈\"", "\"a\\\"b\\\\\"", "\"é\"", "\"a\"")]
    [InlineData("true", "1", "{\"a\":[]}", "nul", "")]
    public void A_schema_lets_through_what_it_describes_and_nothing_else(string schema, string first, string second, params string[] others)
    {
        var grammar = JsonSchemaReader.Read(schema);
        Assert.True(IsWhole(grammar, first), first);
        Assert.True(IsWhole(grammar, second), second);
        Assert.All(others, other => Assert.False(IsWhole(grammar, other), other));
    }

    [Theory]
    [InlineData("{", "is not JSON")]
    [InlineData("[]", "where a schema is expected")]
    [InlineData("""{"type":"text"}""", "known are array, boolean")]
    [InlineData("""{"type":"object","properties":{"a":{"not":{}}}}""", "uses not at #/properties/a")]
    [InlineData("""{"type":"object","if":{},"then":{}}""", "uses if, then at #")]
    [InlineData("""{"type":"object","patternProperties":{"a":{}}}""", "uses patternProperties at #")]
    [InlineData("""{"type":"object","minProperties":1}""", "uses minProperties at #")]
    [InlineData("""{"type":"array","uniqueItems":true}""", "uses uniqueItems at #")]
    [InlineData("""{"properties":{"a":{"oneOf":[]}}}""", "0 alternatives in oneOf at #/properties/a")]
    [InlineData("""{"oneOf":[{"type":"integer"},{"type":"number"}]}""", "alternatives 0 and 1 in oneOf at #")]
    [InlineData("""{"oneOf":[{"properties":{"a":{"type":"string"}}},{"properties":{"b":{"type":"string"}}}]}""", "one value may fit both of")]
    [InlineData("""{"properties":{},"required":["a"]}""", "requires 'a'")]
    [InlineData("""{"enum":[]}""", "that no value fits")]
    [InlineData("""{"type":"integer","const":"a"}""", "that no value fits")]
    [InlineData("""{"const":"a","minLength":2}""", "uses minLength at #")]
    [InlineData("""{"minItems":3,"maxItems":2}""", "minItems above maxItems")]
    [InlineData("""{"minLength":-1}""", "a whole number from 0")]
    [InlineData("""{"type":"integer","minimum":3,"maximum":2}""", "bounds of a number at # that none")]
    [InlineData("""{"type":"integer","minimum":1e300}""", "bounds of a number at # that none")]
    [InlineData("""{"type":"number","multipleOf":0.333333}""", "multipleOf 0.333333 at #")]
    [InlineData("""{"type":"number","multipleOf":0}""", "multipleOf 0 at #")]
    [InlineData("""{"type":"string","pattern":"(a)\\1"}""", "uses \\1, which cannot be kept")]
    [InlineData("""{"type":"string","pattern":"\\bword"}""", "uses \\b")]
    [InlineData("""{"type":"string","pattern":"(?<=a)b"}""", "looks behind")]
    [InlineData("""{"type":"string","pattern":"^a(?=b)b"}""", "looks ahead elsewhere")]
    [InlineData("""{"type":"string","pattern":"(a"}""", "lacks a ')'")]
    [InlineData("""{"type":"string","pattern":"^(a|b)*a(a|b){20}$"}""", "takes more than 4096 states")]
    [InlineData("""{"type":"string","pattern":"^[aceg\u0101\u0103\u0105ikmoqsuwyACEGIKMOQSUWY0-9=\u0201\u0203]{1000}[acegikmoqsuwyACEGIKMOQSUWY0-9=;]{1000}[acegikmoqsuwyACEGIKMOQSUWY0-9=;]{1000}$"}""", "takes more than 65536 ranges of characters")]
    [InlineData("""{"type":"string","pattern":"^abc$","maxLength":2}""", "which no string of the allowed length fits")]
    [InlineData("""{"allOf":[{"type":"string"},{"type":"integer"}]}""", "two different things of type")]
    [InlineData("""{"allOf":[{"properties":{"a":{}},"additionalProperties":false},{"properties":{"b":{}}}]}""", "names 'b', which no value fits")]
    [InlineData("""{"$ref":"#/$defs/a"}""", "which is not in it")]
    [InlineData("""{"$ref":5}""", "has $ref 5 at #")]
    [InlineData("""{"$ref":"https://example.org/a"}""", "which is not in it")]
    [InlineData("""{"$ref":"#/$defs/a","$defs":{"a":{"properties":{"b":{"$ref":"#/$defs/a"}},"required":["b"]}}}""", "describes no value that ends")]
    [InlineData("""{"$ref":"#"}""", "describes no value that ends")]
    [InlineData("""{"enum":["\ud83d"]}""", "half a surrogate pair")]
    [InlineData("""{"properties":{"\udc00":{}}}""", "half a surrogate pair")]
    [InlineData("""{"type":"object","type":"string"}""", "has type, which is there twice")]
    public void A_schema_that_cannot_be_kept_is_refused_with_a_sentence(string schema, string says) =>
        Assert.Contains(says, Assert.Throws<JsonSchemaException>(() => JsonSchemaReader.Read(schema)).Message);

    [Fact]
    public void A_schema_within_itself_is_kept_to_the_levels_that_a_reader_reads()
    {
        var grammar = JsonSchemaReader.Read("""{"$defs":{"N":{"anyOf":[{"type":"null"},{"type":"object","properties":{"n":{"$ref":"#/$defs/N"}},"required":["n"]}]}},"$ref":"#/$defs/N"}""");
        static string Nested(int levels) => string.Concat(Enumerable.Repeat("{\"n\":", levels)) + "null" + new string('}', levels);
        Assert.True(IsWhole(grammar, Nested(63)));
        Assert.False(IsWhole(grammar, Nested(64)));
    }

    private static bool IsWhole(JsonGrammar grammar, string text)
    {
        var state = new JsonState(grammar);
        return Encoding.UTF8.GetBytes(text).All(state.TryAdvance) && state.MayEnd;
    }
}
