using Grpc.Core;
using Orca.Model.Prompting;
using Orca.Protocol.Inference.V1;
using Orca.Serving.Tests.OpenAi;
using Orca.Serving.Tests.Students;
using GetModelRequest = Orca.Protocol.Model.V1.GetModelRequest;
using PromptTemplate = Orca.Model.Prompting.PromptTemplate;

namespace Orca.Serving.Tests.Requests;

/// <summary>A student that brought a chat template of its own, asked over both protocols.</summary>
public class ChatTemplateTests
{
    private const string Chat = "/v1/chat/completions";

    private const string Text =
        "{% for m in messages %}{% if m.role == 'critic' %}{{ raise_exception('Critics are not heard here.') }}{% endif %}"
        + "{{ '<|user|>' if m.role == 'user' else '<|assistant|>' if m.role == 'assistant' else '<|system|>' }}{{ m.content }}"
        + "{% for c in m.tool_calls or [] %}{{ c.function.name }}({{ c.function.arguments | tojson }}){% endfor %}{{ eos_token }}{% "
            + "endfor %}"
        + "{% if tools %}{{ tools | map(attribute='function.name') | join(',') }}{% endif %}{% if mood %}{{ mood }}{% endif %}"
        + "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

    [Fact]
    public async Task The_template_in_force_is_told()
    {
        await using var server = await StartAsync();
        var template = (await server.Grpc.Model.GetModelAsync(new GetModelRequest())).Model.PromptTemplate;
        var wanted = Template();
        Assert.Equal(
            ("default", "chat_template.jinja", wanted.Hash, false), (template.Name, template.Source, template.Sha256, template.Guessed));
    }

    [Fact]
    public async Task A_guess_is_told_as_one()
    {
        await using var server = await HttpServer.StartAsync("ok");
        // What a trainer publishes with a guess is its template from then on.
        var template = (await server.Grpc.Model.GetModelAsync(new GetModelRequest())).Model.PromptTemplate;
        Assert.Equal(("markers", "prompt_template.json", false), (template.Name, template.Source, template.Guessed));
    }

    [Fact]
    public async Task Messages_of_any_roles_tools_and_arguments_are_put_as_the_template_has_them_over_both_protocols()
    {
        await using var server = await StartAsync();
        var chat = new ChatPrompt
        {
            Messages =
            {
                new ChatMessage { Role = "user", Content = "a" }, new ChatMessage { Role = "user", Content = "b</s>" },
                new ChatMessage
                {
                    Role = "assistant",
                    Content = "",
                    ToolCallsJson = """[{"function":{"name":"w","arguments":"{\"x\": 1}"}}]""",
                },
                new ChatMessage { Role = "tool", Content = "c", ToolCallId = "1" },
            },
            ToolsJson = """[{"function":{"name":"w"}},{"function":{"name":"v"}}]""",
            TemplateArgumentsJson = """{"mood": "calm"}""",
        };

        var tokens = (await server.Grpc.Inference.TokenizeAsync(new TokenizeRequest { Chat = chat })).TokenIds;
        var answer = await server.AskAsync(Chat, new
        {
            messages = new object[]
            {
                new { role = "user", content = "a" },
                new { role = "user", content = new[] { new { type = "text", text = "b" }, new { type = "text", text = "</s>" } } },
                new { role = "assistant", content = "", tool_calls = new[] { new { function = new { name = "w", arguments = """{"x": 1}""" } } } },
                new { role = "tool", content = "c", tool_call_id = "1" },
            },
            tools = new[] { new { function = new { name = "w" } }, new { function = new { name = "v" } } },
            tool_choice = "auto",
            chat_template_kwargs = new { mood = "calm" },
            temperature = 0,
        });

        // A message's </s> is four characters; those of the template are tokens.
        uint[] wanted = [259, 'a', 257, 259, .. Of("b</s>"), 257, 260, .. Of("w({\"x\": 1})"), 257, 258, 'c', 257, .. Of("w,vcalm"), 260];
        Assert.Equal(wanted, tokens);
        Assert.Equal(wanted.Length, (int)answer["usage"]!["prompt_tokens"]!);
        Assert.Equal("ok", (string?)answer["choices"]![0]!["message"]!["content"]);
    }

    [Fact]
    public async Task The_last_answer_is_continued_where_that_is_asked_for()
    {
        await using var server = await StartAsync();
        var chat = new ChatPrompt
        {
            Messages = { new ChatMessage { Role = "user", Content = "q" }, new ChatMessage { Role = "assistant", Content = "o" } },
            ContinueFinalMessage = true,
        };
        Assert.Equal([259U, 'q', 257, 260, 'o'], (await server.Grpc.Inference.TokenizeAsync(new TokenizeRequest { Chat = chat })).TokenIds);
        var answer = await server.AskAsync(Chat, new
        {
            messages = new[] { new { role = "user", content = "q" }, new { role = "assistant", content = "o" } },
            continue_final_message = true,
            temperature = 0,
        });
        Assert.Equal(5, (int)answer["usage"]!["prompt_tokens"]!);
    }

    [Fact]
    public async Task What_the_template_refuses_is_the_callers_fault_in_the_templates_own_words()
    {
        await using var server = await StartAsync();
        var (response, error) = await server.RefusedAsync(Chat, new { messages = new[] { new { role = "critic", content = "Hm." } } });
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await server.Grpc.Inference.TokenizeAsync(
            new TokenizeRequest { Chat = new ChatPrompt { Messages = { new ChatMessage { Role = "critic", Content = "Hm." } } } }));

        Assert.Equal(System.Net.HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("Critics are not heard here.", (string?)error["message"]);
        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains("Critics are not heard here.", refused.Status.Detail);
    }

    [Theory]
    [InlineData("tools_json", "{")]
    [InlineData("tools_json", "[7]")]
    [InlineData("tools_json", "[\"\\ud83d\"]")]
    [InlineData("template_arguments_json", "[]")]
    [InlineData("template_arguments_json", "{\"a\": \"\\ud83d\"}")]
    [InlineData("messages", "both")]
    public async Task Malformed_parts_of_a_conversation_are_named(string field, string value)
    {
        await using var server = await StartAsync();
        var chat = new ChatPrompt { Messages = { new ChatMessage { Role = "user", Content = "q" } } };
        chat.ToolsJson = field == "tools_json" ? value : "";
        chat.TemplateArgumentsJson = field == "template_arguments_json" ? value : "";
        chat.UserMessage = field == "messages" ? value : "";

        var refused = await Assert.ThrowsAsync<RpcException>(async () => await server.Grpc.Inference.TokenizeAsync(new TokenizeRequest { Chat = chat }));

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.StartsWith("chat." + field, refused.Status.Detail);
    }

    private static IEnumerable<uint> Of(string text) => text.Select(character => (uint)character);

    private static async Task<HttpServer> StartAsync()
    {
        var server = await HttpServer.StartEmptyAsync();
        server.Grpc.Checkpoints.Template = Template();
        server.Grpc.Checkpoints.PublishSpeller(1, "ok");
        await server.Grpc.ServesAsync(1);
        return server;
    }

    private static PromptTemplate Template()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "chat_template.jinja"), Text);
        return PromptTemplate.Open(folder.Path, Bytes.Open());
    }
}
