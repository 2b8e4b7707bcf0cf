using System.Text.Json;
using Orca.Tests.Shared;

namespace Orca.EndToEnd.Tests;

/// <summary>Clients in another language against the server's own process, with texts whose every byte is a token of its own.</summary>
public class ForeignTextTests
{
    // ASCII, two bytes, emoji and CJK, no byte twice.
    private const string Text = "Hi é🦈漢!";

    [Fact]
    public async Task The_openai_client_gets_split_characters_whole_and_errors_of_its_own_kind()
    {
        using var folder = new TestFolder();
        SpellingStudent.Publish(folder.Path, Text);
        await using var server = OrcaProcess.Start(folder.Path, "serve", folder.Path, "--port", "0", "--http-port", "0");
        var address = (await server.LineAsync("HTTP on ")).Split(' ')[^1];
        await server.LineAsync("answers");

        using var json = JsonDocument.Parse(await NodeScript.RunAsync("openai.mjs", [address, "Why? 漢"]));
        var told = json.RootElement;

        Assert.Equal(["student", "student@1"], told.GetProperty("models").EnumerateArray().Select(model => model.GetString()));
        Assert.Equal(Text, told.GetProperty("chat").GetProperty("text").GetString());
        Assert.Equal("stop", told.GetProperty("chat").GetProperty("reason").GetString());
        Assert.Equal(Text, told.GetProperty("chatStream").GetProperty("text").GetString());
        Assert.Equal("stop", told.GetProperty("chatStream").GetProperty("reason").GetString());
        Assert.Equal(
            told.GetProperty("chat").GetProperty("usage").GetProperty("total_tokens").GetInt32(),
            told.GetProperty("chatStream").GetProperty("usage").GetProperty("total_tokens").GetInt32());
        Assert.Equal(Text, told.GetProperty("completion").GetString());
        Assert.Equal(Text, told.GetProperty("completionStream").GetProperty("text").GetString());
        Assert.Equal(
            [(0, Text), (1, Text), (2, Text[1..]), (3, Text[1..])],
            told.GetProperty("several").EnumerateArray()
                .Select(choice => (choice.GetProperty("index").GetInt32(), choice.GetProperty("text").GetString())));
        var errors = told.GetProperty("errors");
        Assert.Equal(("BadRequestError", 400, "temperature"), ErrorOf(errors.GetProperty("temperature"), "param"));
        Assert.Equal(("NotFoundError", 404, "model_not_found"), ErrorOf(errors.GetProperty("model"), "code"));
    }

    [Fact]
    public async Task Pages_of_allowed_origins_ask_and_others_get_nothing()
    {
        using var folder = new TestFolder();
        SpellingStudent.Publish(folder.Path, Text);
        await using var server = OrcaProcess.Start(
            folder.Path, "serve", folder.Path, "--port", "0", "--http-port", "0", "--set",
            "serving.corsOrigins=https://app.example,http://localhost:3000");
        var address = (await server.LineAsync("HTTP on ")).Split(' ')[^1];
        await server.LineAsync("answers");

        using var json = JsonDocument.Parse(await NodeScript.RunAsync(
            "page.mjs", [address, "https://app.example", "http://localhost:3000", "https://evil.example", "null"]));
        foreach (var page in json.RootElement.GetProperty("pages").EnumerateObject())
        {
            var isAllowed = page.Name is not ("https://evil.example" or "null");
            Assert.Equal(isAllowed ? 415 : 403, page.Value.GetProperty("simple").GetInt32());
            Assert.Equal(isAllowed ? "2" : "blocked", page.Value.GetProperty("models").ToString());
            Assert.Equal(isAllowed ? Text : "blocked", page.Value.GetProperty("chat").GetString());
            Assert.Equal(isAllowed ? Text : "blocked", page.Value.GetProperty("stream").GetString());
            Assert.Contains(isAllowed ? "orca-request-id" : "blocked", page.Value.GetProperty("headers").GetString());
        }

        Assert.Equal(403, json.RootElement.GetProperty("falseHost").GetInt32());
        Assert.Equal(200, json.RootElement.GetProperty("ownHost").GetInt32());
    }

    [Fact]
    public async Task A_grpc_js_client_gets_split_characters_whole()
    {
        using var folder = new TestFolder();
        SpellingStudent.Publish(folder.Path, Text);
        await using var server = OrcaProcess.Start(folder.Path, "serve", folder.Path, "--port", "0", "--http-port", "0");
        var address = (await server.LineAsync("serving on ")).Split(' ')[^1];
        await server.LineAsync("answers");

        using var told = JsonDocument.Parse(await NodeScript.RunAsync("client.mjs", [address, "Why? 漢"]));

        Assert.Equal(Text, string.Concat(told.RootElement.GetProperty("deltas").EnumerateArray().Select(delta => delta.GetString())));
    }

    [Fact]
    public async Task A_key_made_by_the_command_opens_the_server_and_another_does_not()
    {
        using var folder = new TestFolder();
        SpellingStudent.Publish(Path.Combine(folder.Path, "checkpoints"), Text);
        var key = (await OrcaProcess.RunAsync(folder.Path, "keys", "add", "node", "--file", "keys.txt")).Output.Trim();
        await using var server = OrcaProcess.Start(
            folder.Path, "serve", folder.Path, "--port", "0", "--http-port", "0", "--set", "serving.keyFile=keys.txt");
        var address = (await server.LineAsync("HTTP on ")).Split(' ')[^1];
        var grpc = (await server.LineAsync("serving on ")).Split(' ')[^1];
        await server.LineAsync("answers");

        using var told = JsonDocument.Parse(await NodeScript.RunAsync("openai.mjs", [address, "Why?"], ("ORCA_API_KEY", key)));
        var allowed = await OrcaProcess.RunAsync(folder.Path, "Why?\n", ["chat", grpc], ("ORCA_API_KEY", key));
        var refused = await OrcaProcess.RunAsync(folder.Path, "Why?\n", ["chat", grpc, "--api-key", "wrong"]);

        Assert.Equal(Text, told.RootElement.GetProperty("chat").GetProperty("text").GetString());
        Assert.Equal(
            ("AuthenticationError", 401, "invalid_api_key"), ErrorOf(told.RootElement.GetProperty("errors").GetProperty("key"), "code"));
        var once = await OrcaProcess.RunAsync(
            folder.Path, "generate", "--server", grpc, "--api-key", key, "--prompt", "Why?", "--temperature", "0");

        Assert.Contains(Text, allowed.Output);
        Assert.Equal(Text, once.Output);
        Assert.Contains("key", refused.Mistake());
        Assert.DoesNotContain(key, File.ReadAllText(Path.Combine(folder.Path, "keys.txt")));
    }

    private static (string?, int, string?) ErrorOf(JsonElement error, string field) =>
        (error.GetProperty("name").GetString(), error.GetProperty("status").GetInt32(), error.GetProperty(field).GetString());
}
