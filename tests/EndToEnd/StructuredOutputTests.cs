using System.Text.Json;
using Orca.Tests.Shared;

namespace Orca.EndToEnd.Tests;

/// <summary>Clients of other houses that ask for objects by their own helpers, and check what comes by their own schemas.</summary>
public class StructuredOutputTests
{
    private static readonly string[] Schemas = ["literal", "integer", "nullable", "union", "list", "formats"];

    [Fact]
    public async Task The_helpers_of_openai_the_ai_sdk_and_langchain_get_the_objects_they_describe()
    {
        using var folder = new TestFolder();
        SpellingStudent.Publish(folder.Path, "{ab}", context: 2_048);
        await using var server = OrcaProcess.Start(folder.Path, "serve", folder.Path, "--port", "0", "--http-port", "0");
        var address = (await server.LineAsync("HTTP on ")).Split(' ')[^1];
        await server.LineAsync("answers");

        using var told = JsonDocument.Parse(await NodeScript.RunAsync("structured.mjs", [address]));

        foreach (var client in new[] { "openai", "ai", "langchain" })
        {
            var objects = told.RootElement.GetProperty(client);
            Assert.Equal(Schemas, objects.EnumerateObject().Select(one => one.Name));
            Assert.Equal("cat", objects.GetProperty("literal").GetProperty("kind").GetString());
            Assert.InRange(objects.GetProperty("integer").GetProperty("legs").GetInt32(), 0, 4);
            Assert.True(Guid.TryParse(objects.GetProperty("formats").GetProperty("id").GetString(), out _));
        }
    }
}
