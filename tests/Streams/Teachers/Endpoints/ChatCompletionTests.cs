using System.Text;
using CsCheck;
using Orca.Streams.Teachers;
using Orca.Streams.Teachers.Endpoints;

namespace Orca.Streams.Tests.Teachers.Endpoints;

/// <summary>Whatever an endpoint says becomes one kind of attempt, and what was answered is read wherever it stands.</summary>
public class ChatCompletionTests
{
    [Theory]
    [InlineData("""{"content":"a"}""", "stop", AttemptKind.Answered, "a")]
    [InlineData("""{"content":"a"}""", "length", AttemptKind.Truncated, "a")]
    [InlineData("""{"content":"a"}""", "content_filter", AttemptKind.Filtered, "a")]
    [InlineData("""{"content":""}""", "stop", AttemptKind.Empty, "")]
    [InlineData("""{"content":null,"reasoning_content":"a"}""", "stop", AttemptKind.Answered, "a")]
    [InlineData("""{"content":"b","reasoning":"a"}""", "stop", AttemptKind.Answered, "b")]
    [InlineData("""{"content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"a"},{"type":"text","text":"b"}]}""", "stop", AttemptKind.Answered, "ab")]
    [InlineData("""{"content":["a",{"text":"b"}]}""", "stop", AttemptKind.Answered, "ab")]
    [InlineData("""{"content":null,"refusal":"I can't."}""", "stop", AttemptKind.Refused, "I can't.")]
    [InlineData("""{"content":null,"tool_calls":[{"id":"1"}]}""", "tool_calls", AttemptKind.ToolCall, "")]
    [InlineData("""{"content":null,"tool_calls":[{"id":"1"}],"reasoning_content":"hm"}""", "stop", AttemptKind.ToolCall, "")]
    [InlineData("""{}""", "stop", AttemptKind.Empty, "")]
    public void A_message_is_one_kind_of_answer(string message, string finish, AttemptKind kind, string text)
    {
        var attempt = Read(
            $$$"""{"choices":[{"message":{{{message}}},"finish_reason":"{{{finish}}}"}],"usage":{"prompt_tokens":3,"completion_tokens":5}}""");

        Assert.Equal((kind, text, null, 3, 5), (attempt.Kind, attempt.Text, attempt.Fault, attempt.PromptTokens, attempt.CompletionTokens));
    }

    [Theory]
    [InlineData("""{"content":"b","reasoning_content":"a"}""", "a", "b")]
    [InlineData("""{"content":[{"type":"thinking","thinking":"a"},{"type":"text","text":"b"}]}""", "a", "b")]
    [InlineData("""{"content":"<think>\na\n</think>\n\nb"}""", "a", "b")]
    [InlineData("""{"content":"a</think>b"}""", "a", "b")]
    [InlineData("""{"content":"<THINKING>a</THINKING> b"}""", "a", "b")]
    [InlineData("""{"content":"<think>a"}""", "a", "")]
    [InlineData("""{"content":"<think></think>b"}""", "", "b")]
    [InlineData("""{"content":"b <think>a</think>"}""", "", "b <think>a</think>")]
    [InlineData("""{"content":"a < b"}""", "", "a < b")]
    [InlineData("""{"content":null,"reasoning_content":"b"}""", "", "b")]
    [InlineData("""{"content":null,"reasoning_content":"<think>a</think>b"}""", "a", "b")]
    public void Reasoning_stands_apart_from_the_answer_wherever_the_model_puts_it(string message, string reasoning, string text)
    {
        var attempt = Read($$$"""{"choices":[{"message":{{{message}}},"finish_reason":"stop"}]}""");

        Assert.Equal((reasoning, text), (attempt.Reasoning, attempt.Text));
        Assert.Equal(text.Length == 0 ? AttemptKind.Empty : AttemptKind.Answered, attempt.Kind);
    }

    [Theory]
    [InlineData("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"b\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n", AttemptKind.Answered, "ab")]
    [InlineData(": ping\r\n\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\r\n", AttemptKind.Truncated, "a")]
    [InlineData("data: {\"error\":{\"message\":\"busy\",\"code\":503}}\n", AttemptKind.Broken, "")]
    [InlineData("\uFEFF {\"choices\":[{\"message\":{\"content\":\"a\"}}]}", AttemptKind.Answered, "a")]
    public void Events_that_nobody_asked_for_are_put_together(string body, AttemptKind kind, string text)
    {
        var attempt = Read(body);
        Assert.Equal((kind, text), (attempt.Kind, attempt.Text));
    }

    [Theory]
    [InlineData("""{"choices":null,"error":{"message":"credit limit reached for key","code":402}}""", AttemptKind.NoCredit, TeacherFault.Settings)]
    [InlineData("""{"error":{"message":"slow down","code":"429"}}""", AttemptKind.Throttled, TeacherFault.Temporary)]
    [InlineData("""{"error":"overloaded"}""", AttemptKind.Broken, TeacherFault.Temporary)]
    [InlineData("""{"error":{"message":"No","code":"invalid_api_key"}}""", AttemptKind.NoPermission, TeacherFault.Settings)]
    public void An_error_in_a_good_status_is_what_its_code_says(string body, AttemptKind kind, TeacherFault fault)
    {
        var attempt = Read(body);
        Assert.Equal((kind, fault), (attempt.Kind, attempt.Fault));
        Assert.StartsWith("answered with an error (", attempt.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, """{"error":{"message":"Unsupported value: 'temperature'","code":"unsupported_value"}}""", AttemptKind.RejectedRequest, TeacherFault.Unclear)]
    [InlineData(400, """{"error":{"message":"This model's maximum context length is 10 tokens.","code":"context_length_exceeded"}}""", AttemptKind.RejectedRequest, TeacherFault.Request)]
    [InlineData(400, """{"error":{"message":"The model `x` does not exist","code":"model_not_found"}}""", AttemptKind.RejectedRequest, TeacherFault.Settings)]
    [InlineData(400, """{"error":{"message":"Bad value in 'Who pays for billing errors?'"}}""", AttemptKind.RejectedRequest, TeacherFault.Unclear)]
    [InlineData(422, """{"error":{"message":"Invalid"},"input":"What does insufficient_quota mean?"}""", AttemptKind.RejectedRequest, TeacherFault.Unclear)]
    [InlineData(403, """{"error":{"message":"No.","code":"billing_not_active"}}""", AttemptKind.NoCredit, TeacherFault.Settings)]
    [InlineData(402, """{"error":{"message":"Insufficient Balance"}}""", AttemptKind.NoCredit, TeacherFault.Settings)]
    [InlineData(403, """{"error":{"message":"Input was flagged by moderation"}}""", AttemptKind.RejectedRequest, TeacherFault.Request)]
    [InlineData(403, "", AttemptKind.NoPermission, TeacherFault.Unclear)]
    [InlineData(429, """{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}""", AttemptKind.NoCredit, TeacherFault.Settings)]
    [InlineData(429, """{"error":{"message":"slow down"}}""", AttemptKind.Throttled, TeacherFault.Temporary)]
    [InlineData(500, """{"error":{"message":"billing service is down"}}""", AttemptKind.Broken, TeacherFault.Temporary)]
    [InlineData(502, "<html><head><title>502</title></head><body>Bad Gateway</body></html>", AttemptKind.Broken, TeacherFault.Temporary)]
    [InlineData(504, "", AttemptKind.TimedOut, TeacherFault.Temporary)]
    public void A_status_means_what_it_and_the_body_say(int status, string body, AttemptKind kind, TeacherFault fault)
    {
        var attempt = ChatFaults.Of(status, body);

        Assert.Equal((kind, fault), (attempt.Kind, attempt.Fault));
        Assert.StartsWith($"answered with status {status}", attempt.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("<", attempt.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":20}""", 10, 20)]
    [InlineData("""{"prompt_tokens":10,"total_tokens":500}""", 10, 490)]
    [InlineData("""{"completion_tokens":20,"total_tokens":30}""", 10, 20)]
    [InlineData("""{"prompt_tokens":10}""", 0, 0)]
    [InlineData("""{"prompt_tokens":"10","completion_tokens":20}""", 0, 0)]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":5000000000}""", 0, 0)]
    [InlineData("""{"prompt_tokens":2147483647,"completion_tokens":2147483647}""", 0, 0)]
    [InlineData("""{"prompt_tokens":-1,"completion_tokens":20}""", 0, 0)]
    public void Half_a_count_of_tokens_is_none_so_that_its_price_is_the_most(string usage, int prompt, int completion)
    {
        var attempt = Read("""{"choices":[{"message":{"content":"x"},"finish_reason":"stop"}],"usage":""" + usage + "}");
        Assert.Equal((prompt, completion), (attempt.PromptTokens, attempt.CompletionTokens));
    }

    [Theory]
    [InlineData("""a\ud83d b""", "a\uFFFD b")]
    [InlineData("""\udc00\ud83d\ude00\ud83d""", "\uFFFD\ud83d\ude00\uFFFD")]
    [InlineData("""\\ud83d \\\ud83d""", "\\ud83d \\\uFFFD")]
    public void Half_a_character_costs_no_answer(string escaped, string text) => Assert.Equal(
        (AttemptKind.Answered, text),
        Kind("""{"choices":[{"message":{"content":"CONTENT"}}]}""".Replace("CONTENT", escaped, StringComparison.Ordinal)));

    [Theory]
    [InlineData("id: 1\ndata: ")]
    [InlineData("retry: 10\ndata: ")]
    [InlineData(": ping\r\n\r\ndata: ")]
    [InlineData("event: message\ndata: ")]
    public void Events_that_nobody_asked_for_are_read_however_they_begin(string begin) => Assert.Equal(
        "x", Read(begin + """{"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}""" + "\n\ndata: [DONE]\n\n").Text);

    [Fact]
    public void What_an_endpoint_says_holds_nothing_that_a_terminal_heeds() => Assert.Equal(
        "answered with status 401 (\uFFFD[2Jred\uFFFD)", ChatFaults.Of(401, """{"error":{"message":"\u001b[2Jred\u0007"}}""").Message);

    [Fact]
    public void Ten_thousand_replies_by_chance_are_each_of_one_kind_and_an_answer_or_a_fault_with_a_sentence() =>
        Gen.Select(Gen.Int[200, 599], Bodies(), Gen.Int[-1, 60]).Sample(
            (status, body, cut) =>
            {
                body = cut >= 0 && cut < body.Length ? body[..cut] : body;
                var attempt = status < 300 ? Read(body) : ChatFaults.Of(status, body);

                Assert.Equal(attempt.Fault is null, attempt.Kind <= AttemptKind.ToolCall);
                Assert.Equal(attempt.Fault is null, attempt.Message.Length == 0);
                Assert.True(attempt.Fault is null || attempt.Text.Length == 0);
            },
            iter: 10_000);

    private static Gen<string> Bodies()
    {
        var leaf = OneOf(
            "\"a\"", "null", "\"\"", "1", "true", "[]", "{}", "[{\"type\":\"text\",\"text\":\"b\"}]",
            "402", "\"rate_limit\"", "\"stop\"", "\"\\ud83d\"");
        var name = OneOf(
            "choices", "message", "content", "finish_reason", "error", "code", "usage", "prompt_tokens", "delta", "refusal", "tool_calls");
        Gen<string> Value(int depth) => depth == 0 ? leaf : Gen.OneOf(
            leaf,
            Gen.Select(
                name, Value(depth - 1), name, Value(depth - 1), (one, first, two, second) => $"{{\"{one}\":{first},\"{two}\":{second}}}"),
            Value(depth - 1).Select(inner => $"[{inner}]"));
        return Gen.OneOf(
            Value(4),
            Value(3).Select(value => $"data: {value}\n\ndata: [DONE]\n"),
            Gen.Select(Value(2), leaf, (message, finish) => $"{{\"choices\":[{{\"message\":{message},\"finish_reason\":{finish}}}]}}"),
            Gen.String);
    }

    private static (AttemptKind Kind, string Text) Kind(string body) => (Read(body).Kind, Read(body).Text);

    private static Attempt Read(string body) => ChatCompletion.Read(Encoding.UTF8.GetBytes(body));

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(index => texts[index]);
}
