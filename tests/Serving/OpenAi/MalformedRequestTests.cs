using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Orca.Serving.Tests.OpenAi;

/// <summary>Whatever is wrong with what a caller sends is the caller's fault, said in an error object.</summary>
public class MalformedRequestTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Chat = "/v1/chat/completions";
    private const string Completions = "/v1/completions";

    [Theory]
    [InlineData(Chat, """{"messages":[{"role":"user","content":"hi \ud83d"}]}""", "messages[0].content", "half a surrogate pair")]
    [InlineData(Chat, """{"messages":[{"role":"user","content":"\udc00x"}]}""", "messages[0].content", "half a surrogate pair")]
    [InlineData(Chat, """{"messages":[{"role":"user","content":[{"type":"text","text":"\ud83d"}]}]}""", "messages[0].content[0].text", "half a surrogate pair")]
    [InlineData(Chat, """{"messages":[{"role":"user","content":[{"type":"\ud83d","text":"a"}]}]}""", "messages[0].content[0].type", "half a surrogate pair")]
    [InlineData(Chat, """{"messages":[{"role":"\ud83d","content":"x"}]}""", "messages[0].role", "half a surrogate pair")]
    [InlineData(Chat, """{"messages":[{"role":"user","content":"x"}],"stop":["\ud83d"]}""", "stop[0]", "half a surrogate pair")]
    [InlineData(Chat, """{"messages":[{"role":"user","content":"x"}],"user":"\ud83d"}""", "user", "half a surrogate pair")]
    [InlineData(Chat, """{"messages":[{"role":"user","content":"x"}],"\ud83d":1}""", "messages", "half a surrogate pair")]
    [InlineData(Chat, """{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"schema":{"enum":["\ud83d"]}}}}""", "response_format.json_schema.schema.enum[0]", "half a surrogate pair")]
    [InlineData(Completions, """{"prompt":"\ud83d"}""", "prompt", "half a surrogate pair")]
    [InlineData(Completions, """{"prompt":["a","\udfff"]}""", "prompt[1]", "half a surrogate pair")]
    [InlineData(Completions, """{"prompt":"a","max_tokens":2,"max_tokens":3}""", "max_tokens", "twice")]
    [InlineData(Completions, """{"prompt":"a","temperature":NaN}""", "body", "is not JSON")]
    [InlineData(Completions, """{"prompt":"a",}""", "body", "is not JSON")]
    [InlineData(Completions, """{/*x*/"prompt":"a"}""", "body", "is not JSON")]
    [InlineData(Completions, "", "body", "is not JSON")]
    [InlineData(Completions, "null", "body", "is null")]
    [InlineData(Completions, "[]", "body", "no JSON object")]
    [InlineData(Completions, """{"prompt":"a","temperature":1e39}""", "temperature", "0 to 100")]
    [InlineData(Completions, """{"prompt":"a","logit_bias":{"5":1e39}}""", "logit_bias", "outside of")]
    [InlineData(Completions, """{"prompt":"a","logit_bias":{"5":null}}""", "logit_bias.5", "wrong type")]
    [InlineData(Completions, """{"prompt":"a","logit_bias":[]}""", "logit_bias", "wrong type")]
    [InlineData(Completions, """{"prompt":"a","logit_bias":{"99999":1}}""", "logit_bias", "holds the id 99999, outside the vocabulary")]
    [InlineData(Chat, """{"messages":[{"role":"user","content":"x"}],"logit_bias":{"99999":1},"stream":true}""", "logit_bias", "outside the vocabulary")]
    [InlineData(Completions, """{"prompt":"a","stop_token_ids":[99999]}""", "stop_token_ids", "holds the id 99999, outside the vocabulary")]
    [InlineData(Completions, """{"prompt":"a","max_tokens":99999999999}""", "max_tokens", "out of range")]
    [InlineData(Completions, """{"prompt":"a","max_tokens":1.5}""", "max_tokens", "wrong type")]
    [InlineData(Completions, """{"prompt":"a","max_tokens":"3"}""", "max_tokens", "wrong type")]
    [InlineData(Chat, """{"messages":[{"role":"user","content":"x"}],"max_completion_tokens":0,"max_tokens":4}""", "max_completion_tokens", "max_completion_tokens is 0; 1 or more")]
    [InlineData(Completions, """{"prompt":[1.5]}""", "prompt", "neither a text nor a list")]
    [InlineData(Completions, """{"prompt":[99999999999]}""", "prompt", "neither a text nor a list")]
    [InlineData(Completions, """{"prompt":[262]}""", "prompt", "outside the vocabulary")]
    [InlineData(Completions, """{"prompt":[-1]}""", "prompt", "outside the vocabulary")]
    [InlineData(Completions, """{"prompt":[97,263],"echo":true,"logprobs":1}""", "prompt", "outside the vocabulary")]
    [InlineData(Completions, """{"prompt":{}}""", "prompt", "neither a text nor a list")]
    [InlineData(Completions, """{"prompt":[null]}""", "prompt", "neither a text nor a list")]
    [InlineData(Completions, """{"prompt":"a","stop":[5]}""", "stop", "neither a text nor a list")]
    [InlineData(Chat, """{"messages":[{"role":"user","content":"x"}],"response_format":"json"}""", "response_format", "wrong type")]
    [InlineData(Chat, """{"messages":[{"role":"user","content":"x"}],"response_format":{"type":5}}""", "response_format.type", "wrong type")]
    [InlineData(Chat, """{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"schema":null}}}""", "response_format", "no json_schema.schema")]
    [InlineData(Chat, """{"messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"schema":{"$ref":5}}}}""", "json_schema", "has $ref 5")]
    [InlineData(Completions, """{"prompt":"a","logprobs":25}""", "logprobs", "is 25; 0 to 20")]
    [InlineData(Completions, """{"prompt":"a","logprobs":-1,"stream":true}""", "logprobs", "is -1; 0 to 20")]
    [InlineData(Completions, """{"prompt":["a","b"],"logprobs":25}""", "logprobs", "is 25; 0 to 20")]
    [InlineData(Completions, """{"prompt":"a","max_tokens":3,"min_tokens":5}""", "min_tokens", "above the 3 tokens that the answer has at most")]
    [InlineData(Chat, """{"messages":[{"role":"user","content":"x"}],"max_completion_tokens":2,"min_tokens":3}""", "min_tokens", "above the 2 tokens")]
    [InlineData(Chat, """{"messages":[{"role":"user","content":"x"}],"max_completion_tokens":0}""", "max_completion_tokens", "1 or more")]
    [InlineData(Chat, """{"messages":[{"role":"user","content":"x"}],"max_tokens":0,"stream":true}""", "max_tokens", "1 or more")]
    [InlineData(Chat, """{"messages":[{"role":"user","content":"x"}],"top_logprobs":2}""", "top_logprobs", "is 2 though no logprobs are asked for; ask for them, or leave it away")]
    [InlineData(Chat, """{"messages":[{"role":"user","content":"x"}],}""", "body", "not supported in this mode (line 1)")]
    [InlineData(Completions, " \n", "body", "is not JSON: it is empty")]
    public async Task A_malformed_body_is_400_and_names_the_place(string path, string body, string field, string says)
    {
        var server = shared.Http;
        var (status, error) = await PostAsync(server, path, Encoding.UTF8.GetBytes(body), "application/json");

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(("invalid_request_error", field), ((string?)error["type"], (string?)error["param"]));
        Assert.StartsWith(field, (string?)error["message"]);
        Assert.Contains(says, (string?)error["message"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_does_not_fit_the_context_is_named_as_the_caller_calls_it(bool stream)
    {
        var server = shared.Http;
        foreach (var length in new[] { 300, 1_000_000 })
        {
            var text = new string('x', length);
            var (_, chat) = await server.RefusedAsync(Chat, new { messages = new[] { new { role = "user", content = text } }, stream });
            var (_, completion) = await server.RefusedAsync(Completions, new { prompt = text, stream });
            var (_, second) = await server.RefusedAsync(Completions, new { prompt = new[] { "a", text }, stream });

            Assert.Equal(["messages", "prompt", "prompt[1]"], [(string?)chat["param"], (string?)completion["param"], (string?)second["param"]]);
            Assert.StartsWith("messages has", (string?)chat["message"]);
        }
    }

    [Fact]
    public async Task A_body_that_is_no_utf_8_or_nests_without_end_is_400_and_a_byte_order_mark_is_read_over()
    {
        var server = shared.Http;
        byte[] latin = [.. """{"prompt":"caf"""u8, 0xE9, .. "\"}"u8];
        var deep = Encoding.UTF8.GetBytes($$"""{"prompt":"a","metadata":{{new string('[', 200)}}{{new string(']', 200)}}}""");
        byte[] marked = [0xEF, 0xBB, 0xBF, .. """{"prompt":"a","max_tokens":3.0}"""u8];

        Assert.Equal((HttpStatusCode.BadRequest, "body"), await Outcome(latin));
        Assert.Equal((HttpStatusCode.BadRequest, "body"), await Outcome(deep));
        Assert.Equal(
            HttpStatusCode.OK,
            (await server.Client.PostAsync(Completions, Json(marked), TestContext.Current.CancellationToken)).StatusCode);

        async Task<(HttpStatusCode, string?)> Outcome(byte[] body)
        {
            var (status, error) = await PostAsync(server, Completions, body, "application/json");
            return (status, (string?)error["param"]);
        }
    }

    [Theory]
    [InlineData("text/plain", null, "not said to be JSON")]
    [InlineData(null, null, "not said to be JSON")]
    [InlineData("application/json; charset=utf-16", null, "in utf-16")]
    [InlineData("application/json; charset=iso-8859-1", null, "in iso-8859-1")]
    [InlineData("application/json", "gzip", "compressed (gzip)")]
    public async Task A_body_of_another_kind_is_415_and_says_what_is_read(string? type, string? encoding, string says)
    {
        var server = shared.Http;
        var (status, error) = await PostAsync(server, Completions, """{"prompt":"a"}"""u8.ToArray(), type, encoding);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, status);
        Assert.Contains(says, (string?)error["message"]);
    }

    [Theory]
    [InlineData("POST", "/v1/responses", 404)]
    [InlineData("POST", "/v1/embeddings", 404)]
    [InlineData("POST", "/chat/completions", 404)]
    [InlineData("POST", "/v1/v1/chat/completions", 404)]
    [InlineData("GET", "/", 404)]
    [InlineData("GET", "/v1", 404)]
    [InlineData("GET", "/v1/models/meta-llama/Llama-3", 404)]
    [InlineData("GET", "/v1/models/meta-llama%2FLlama-3", 404)]
    [InlineData("GET", "/v1/chat/completions", 405)]
    [InlineData("DELETE", "/v1/models/student", 405)]
    [InlineData("PUT", "/v1/completions", 405)]
    public async Task What_is_not_served_is_answered_by_an_error_object_that_says_what_is(string method, string path, int status)
    {
        var server = shared.Http;
        using var response = await server.Client.SendAsync(
            new HttpRequestMessage(new HttpMethod(method), path), TestContext.Current.CancellationToken);
        var error = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["error"]!;

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("invalid_request_error", (string?)error["type"]);
        Assert.Contains(status == 405 ? "send" : "/v1/models", (string?)error["message"]);
        Assert.Equal(status == 405, response.Content.Headers.Allow.Count > 0);
    }

    [Theory]
    [InlineData("/v1/models/meta-llama/Llama-3", "meta-llama/Llama-3")]
    [InlineData("/v1/models/meta-llama%2FLlama-3", "meta-llama/Llama-3")]
    [InlineData("/v1/models/student%40%201", "student@ 1")]
    public async Task A_model_that_is_not_there_is_told_by_its_name(string path, string name)
    {
        var server = shared.Http;
        var text = await (await server.Client.GetAsync(path, TestContext.Current.CancellationToken)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var (_, asked) = await server.RefusedAsync(Completions, new { prompt = "a", model = name });

        Assert.Contains($"'{name}'", (string?)JsonNode.Parse(text)!["error"]!["message"]);
        Assert.Equal("model_not_found", (string?)asked["code"]);
    }

    [Fact]
    public async Task The_list_of_models_answers_head_and_a_path_with_a_slash_at_its_end()
    {
        var server = shared.Http;
        using var head = await server.Client.SendAsync(
            new HttpRequestMessage(HttpMethod.Head, "/v1/models"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/v1/models/", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(
            HttpStatusCode.OK, (await server.Client.GetAsync("/v1/models/student%401", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Fields_that_ask_for_nothing_are_let_through()
    {
        var server = shared.Http;
        var answer = await server.AskAsync(Completions, new
        {
            prompt = "a",
            tools = Array.Empty<string>(),
            functions = Array.Empty<string>(),
            tool_choice = "none",
            modalities = new[] { "text" },
            suffix = "",
            use_beam_search = false,
            length_penalty = 1,
            include_stop_str_in_output = false,
            skip_special_tokens = true,
            prompt_cache_retention = "24h",
        });
        Assert.NotNull(answer["choices"]);
        Assert.Equal("suffix", (string?)(await server.RefusedAsync(Completions, new { prompt = "a", suffix = "x" })).Error["param"]);
    }

    [Fact]
    public async Task Headers_beyond_the_limit_are_431()
    {
        var server = shared.Http;
        var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Add("cookie", $"a={new string('x', 20_000)}");
        using var response = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(431, (int)response.StatusCode);
        Assert.Contains("at most 16384", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_is_told_back_of_a_long_name_is_cut()
    {
        var server = shared.Http;
        var (response, error) = await server.RefusedAsync(Completions, new { prompt = "a", model = new string('m', 1_000_000) });
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.InRange(((string?)error["message"])!.Length, 100, 1_001);
    }

    private static ByteArrayContent Json(byte[] body) =>
        new(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    private static async Task<(HttpStatusCode Status, JsonNode Error)> PostAsync(
        HttpServer server, string path, byte[] body, string? type, string? encoding = null)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        using var response = await server.Client.PostAsync(path, content);
        return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!);
    }
}
