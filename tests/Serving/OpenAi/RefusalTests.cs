using System.Net;
using System.Text;
using Orca.Serving.Engine;
using Orca.Serving.OpenAi;
using Orca.Serving.Requests;

namespace Orca.Serving.Tests.OpenAi;

public class RefusalTests(SharedServer shared) : IClassFixture<SharedServer>
{
    private const string Path = "/v1/chat/completions";

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"q"}],"temperature":-1}""", "temperature")]
    [InlineData("""{"messages":[{"role":"user","content":"q"}],"temperature":"hot"}""", "temperature")]
    [InlineData("""{"messages":[{"role":"user","content":"q"}],"tools":7}""", "tools")]
    [InlineData("""{"messages":[{"role":"user","content":"q"}],"tools":[7]}""", "tools[0]")]
    [InlineData("""{"messages":[{"role":"user","content":"q"}],"tool_choice":"required"}""", "tool_choice")]
    [InlineData("""{"messages":[{"role":"user","content":"q"}],"chat_template_kwargs":[]}""", "chat_template_kwargs")]
    [InlineData("""{"messages":[{"role":"user","content":"q"}],"add_generation_prompt":true,"continue_final_message":true}""", "add_generation_prompt")]
    [InlineData("""{"messages":[{"role":"user","content":"q"}],"continue_final_message":true}""", "messages")]
    [InlineData("""{"messages":[null]}""", "messages[0]")]
    [InlineData("""{"messages":[{"role":"user","content":"q"},null]}""", "messages[1]")]
    [InlineData("""{"messages":["hi"]}""", "messages[0]")]
    [InlineData("""{"messages":[{"role":7,"content":"q"}]}""", "messages[0].role")]
    [InlineData("""{"messages":[{"content":"q"}]}""", "messages[0].role")]
    [InlineData("""{"messages":[{"role":"user"}]}""", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"user","content":7}]}""", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"user","content":[7]}]}""", "messages[0].content[0]")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":7,"text":"q"}]}]}""", "messages[0].content[0]")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text","text":7}]}]}""", "messages[0].content[0]")]
    [InlineData("""{"messages":[{"role":"user","content":"q","tool_calls":[{}]}]}""", "messages[0].tool_calls")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[null]}]}""", "messages[0].tool_calls[0]")]
    [InlineData("""{"messages":[{"role":"<|user|>","content":"q"}]}""", "messages")]
    [InlineData("""{"messages":[{"role":"user","content":"q"}],"stop":7}""", "stop")]
    [InlineData("""{"messages":[{"role":"user","content":"q"}],"logit_bias":{"a":1}}""", "logit_bias")]
    [InlineData("""{"messages":[{"role":"user","content":"q"}],"n":0}""", "n")]
    [InlineData("""{"messages":[{"role":"user","content":"q"}],"response_format":{"type":"xml"}}""", "response_format")]
    [InlineData("""{"messages":[{"role":"tool","content":"q"}]}""", "messages")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}""", "messages[0].content[0]")]
    [InlineData("""{"messages":[]}""", "messages")]
    [InlineData("""{}""", "messages")]
    [InlineData("""[]""", "body")]
    [InlineData("""{""", "body")]
    public async Task What_cannot_be_served_is_400_and_names_the_field(string body, string field)
    {
        var server = shared.Http;
        using var response = await server.Client.PostAsync(Path, new StringContent(body, Encoding.UTF8, "application/json"));
        var error = System.Text.Json.Nodes.JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!;

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(("invalid_request_error", field), ((string?)error["type"], (string?)error["param"]));
        Assert.StartsWith(field, (string?)error["message"]);
    }

    [Fact]
    public async Task A_full_queue_is_429_and_says_when_to_come_back()
    {
        await using var server = await HttpServer.StartAsync(
            "abc", endless: true, context: 4096, new EngineOptions { MaxConcurrentRequests = 1, MaxQueuedRequests = 1 });
        using var running = await server.SendAsync(Path, Ask(stream: true));
        var waiting = server.SendAsync(Path, Ask(stream: true));
        await Patience.UntilAsync(() => server.Grpc.Student.Engine.Load.Waiting == 1);

        var (response, error) = await server.RefusedAsync(Path, Ask(stream: true));
        running.Dispose();
        (await waiting).Dispose();

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.True(response.Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        Assert.Equal(("rate_limit_error", "queue_full"), ((string?)error["type"], (string?)error["code"]));
    }

    [Fact]
    public async Task Without_a_version_it_is_503()
    {
        await using var server = await HttpServer.StartEmptyAsync();
        var (response, error) = await server.RefusedAsync(Path, Ask());
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "no_model"), (response.StatusCode, (string?)error["code"]));
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task An_unknown_model_is_404_and_a_body_of_another_type_415()
    {
        var server = shared.Http;
        var (response, error) = await server.RefusedAsync(
            Path, new { model = "gpt-4o", messages = new[] { new { role = "user", content = "q" } } });
        using var plain = await server.Client.PostAsync(Path, new StringContent("{}", Encoding.UTF8, "text/plain"));

        Assert.Equal((HttpStatusCode.NotFound, "model_not_found"), (response.StatusCode, (string?)error["code"]));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, plain.StatusCode);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_413()
    {
        var server = shared.Http;
        var (response, _) = await server.RefusedAsync(
            Path, new { messages = new[] { new { role = "user", content = new string('x', 5 << 20) } } });
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public void Every_failure_has_a_status_of_its_own_kind() => Assert.All(
        Enum.GetValues<Failure>(),
        failure => Assert.Equal(failure is Failure.StepFailed or Failure.CheckpointDamaged, OpenAiError.StatusOf(failure) == 500));

    private static object Ask(bool stream = false) =>
        new { messages = new[] { new { role = "user", content = "q" } }, stream, temperature = 0 };
}
