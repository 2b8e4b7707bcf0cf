using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Orca.Cli.Teacher;
using Orca.Cli.Teacher.Faults;
using Orca.Streams.Teachers;

namespace Orca.Cli.Tests.Teacher;

/// <summary>The simulated endpoint over HTTP, where nothing is made to go wrong.</summary>
public sealed class TeacherHostTests
{
    private static readonly TeacherModel Priced = new() { Name = TeacherRun.Model, PriceIn = 30, PriceOut = 60 };

    [Fact]
    public async Task A_question_of_the_built_in_tasks_is_answered_as_the_solver_in_this_process_answers_it()
    {
        await using var run = await TeacherRun.StartAsync(TeacherRun.Of(Priced));
        for (var number = 0; number < 30; number++)
        {
            var request = TeacherRun.Request(number);
            var expected = await new SolverTeacher(SolverStrength.Expert).AskAsync(request, TeacherRun.Cancelled);
            var trace = await run.AskAsync(request);
            Assert.Equal((expected.Response, TeacherFinish.Stop), (trace.Response, trace.Finish));
        }
    }

    [Fact]
    public async Task The_weaker_model_gives_the_answer_alone_and_errs_at_its_rate()
    {
        var weak = new TeacherModel { Name = TeacherRun.Model, Strength = "assistant", ErrorRate = 1 };
        await using var run = await TeacherRun.StartAsync(TeacherRun.Of(weak));
        var trace = await run.AskAsync(TeacherRun.Request());
        Assert.StartsWith("So the answer is ", trace.Response);
        Assert.DoesNotContain($"is {TeacherRun.Request().Query.GoldAnswers[0]}.", trace.Response);
    }

    [Fact]
    public async Task A_question_that_it_does_not_know_is_refused_in_words()
    {
        await using var run = await TeacherRun.StartAsync();
        using var reply = await run.PostAsync(TeacherRun.Chat("What is the capital of France?"));
        var body = await reply.Content.ReadFromJsonAsync<JsonObject>(TeacherRun.Cancelled);
        Assert.Equal(SolverModel.UnknownQuestion, (string?)body!["choices"]![0]!["message"]!["content"]);
    }

    [Fact]
    public async Task Events_hold_the_same_text_as_one_reply()
    {
        await using var run = await TeacherRun.StartAsync();
        var prompt = TeacherRun.Request().Query.Prompt;
        using var whole = await run.PostAsync(TeacherRun.Chat(prompt));
        using var events = await run.PostAsync(TeacherRun.Chat(prompt, stream: true));
        Assert.Equal("text/event-stream", events.Content.Headers.ContentType?.MediaType);
        var datas = (await events.Content.ReadAsStringAsync(TeacherRun.Cancelled)).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("data: [DONE]", datas[^1]);
        var pieces = datas[..^1].Select(data => (string?)JsonNode.Parse(data["data: ".Length..])!["choices"]![0]!["delta"]!["content"]);
        var body = await whole.Content.ReadFromJsonAsync<JsonObject>(TeacherRun.Cancelled);
        Assert.Equal((string?)body!["choices"]![0]!["message"]!["content"], string.Concat(pieces));
    }

    [Fact]
    public async Task An_answer_is_cut_at_the_tokens_that_a_request_allows()
    {
        await using var run = await TeacherRun.StartAsync();
        var chat = TeacherRun.Chat(TeacherRun.Request().Query.Prompt);
        chat["max_tokens"] = 3;
        using var reply = await run.PostAsync(chat);
        var body = await reply.Content.ReadFromJsonAsync<JsonObject>(TeacherRun.Cancelled);
        Assert.Equal("length", (string?)body!["choices"]![0]!["finish_reason"]);
        Assert.Equal(12, ((string?)body["choices"]![0]!["message"]!["content"])!.Length);
        Assert.Equal(3, (int)body["usage"]!["completion_tokens"]!);
    }

    [Fact]
    public async Task A_key_opens_its_models_alone_and_another_key_opens_nothing()
    {
        await using var run = await TeacherRun.StartAsync(new TeacherDescription
        {
            Keys = [new TeacherKey { Name = "alice", Key = "a-1", Models = ["solver-assistant"] }],
        });
        using var wrong = await run.PostAsync(TeacherRun.Chat("x", "solver-assistant"), "b-2");
        using var closed = await run.PostAsync(TeacherRun.Chat("x"), "a-1");
        using var open = await run.PostAsync(TeacherRun.Chat("x", "solver-assistant"), "a-1");
        Assert.Equal(
            [HttpStatusCode.Unauthorized, HttpStatusCode.NotFound, HttpStatusCode.OK],
            [wrong.StatusCode, closed.StatusCode, open.StatusCode]);

        run.Client.DefaultRequestHeaders.Authorization = new("Bearer", "a-1");
        var models = await run.Client.GetFromJsonAsync<JsonObject>("/v1/models", TeacherRun.Cancelled);
        Assert.Equal("solver-assistant", (string?)Assert.Single(models!["data"]!.AsArray())!["id"]);
        Assert.Equal("alice", Assert.Single(run.Host.Books.Rows).Key);
    }

    [Fact]
    public async Task A_key_whose_credit_is_spent_is_refused()
    {
        await using var run = await TeacherRun.StartAsync(TeacherRun.Of(Priced) with
        {
            Keys = [new TeacherKey { Name = "alice", Key = "a-1", Credit = 0.000001m }],
        });
        using var first = await run.PostAsync(TeacherRun.Chat("x"), "a-1");
        using var second = await run.PostAsync(TeacherRun.Chat("x"), "a-1");
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.TooManyRequests), (first.StatusCode, second.StatusCode));
        Assert.Contains("insufficient_quota", await second.Content.ReadAsStringAsync(TeacherRun.Cancelled));
    }

    [Fact]
    public async Task A_used_up_quota_says_when_to_come_back_and_then_it_is_there_again()
    {
        var time = new FakeTimeProvider();
        await using var run = await TeacherRun.StartAsync(
            TeacherRun.Of(Priced with { RequestsPerMinute = 2 }) with { TimeScale = 60 }, time: time);
        using var first = await run.PostAsync(TeacherRun.Chat("x"));
        using var second = await run.PostAsync(TeacherRun.Chat("x"));
        using var third = await run.PostAsync(TeacherRun.Chat("x"));
        Assert.Equal(
            ["1", "0"], new[] { first, second }.Select(reply => reply.Headers.GetValues("x-ratelimit-remaining-requests").Single()));
        Assert.Equal(HttpStatusCode.TooManyRequests, third.StatusCode);

        // Half a minute until the next, sixty times faster.
        Assert.Equal("500", third.Headers.GetValues("retry-after-ms").Single());
        Assert.Equal("1", third.Headers.GetValues("Retry-After").Single());
        time.Advance(TimeSpan.FromMilliseconds(500));
        using var fourth = await run.PostAsync(TeacherRun.Chat("x"));
        Assert.Equal(HttpStatusCode.OK, fourth.StatusCode);
        Assert.Equal((4, 3, 1), (run.Row().Calls, run.Row().Answered, run.Row().Throttled));
    }

    [Fact]
    public async Task Tokens_of_prompts_and_answers_count_against_their_quota()
    {
        var time = new FakeTimeProvider();
        await using var run = await TeacherRun.StartAsync(TeacherRun.Of(Priced with { TokensPerMinute = 30 }), time: time);
        using var first = await run.PostAsync(TeacherRun.Chat("x"));
        using var second = await run.PostAsync(TeacherRun.Chat("x"));
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.TooManyRequests), (first.StatusCode, second.StatusCode));
        var used = (int)(await first.Content.ReadFromJsonAsync<JsonObject>(TeacherRun.Cancelled))!["usage"]!["total_tokens"]!;
        Assert.Equal($"{30 - used}", first.Headers.GetValues("x-ratelimit-remaining-tokens").Single());
    }

    [Fact]
    public async Task Beyond_its_concurrency_calls_wait_without_a_word()
    {
        var time = new FakeTimeProvider();
        await using var run = await TeacherRun.StartAsync(TeacherRun.Of(Priced with { Concurrency = 1, LatencyMs = 1_000 }), time: time);
        var calls = new[] { run.PostAsync(TeacherRun.Chat("x")), run.PostAsync(TeacherRun.Chat("x")) };
        await run.RowWhenAsync(row => row is { Calls: 2, Answered: 1 });
        await FinishAsync(time, 999);
        Assert.DoesNotContain(calls, call => call.IsCompleted);
        await PassUntilAsync(time, Task.WhenAny(calls));
        await run.RowWhenAsync(row => row.Answered == 2);
        Assert.Contains(calls, call => !call.IsCompleted);
        await PassUntilAsync(time, Task.WhenAll(calls));
        Assert.All(await Task.WhenAll(calls), reply => Assert.Equal(HttpStatusCode.OK, reply.StatusCode));
    }

    [Fact]
    public async Task Who_leaves_the_queue_owes_nothing_and_who_leaves_during_the_work_owes_for_a_lost_answer()
    {
        await using var run = await TeacherRun.StartAsync(TeacherRun.Of(Priced with { Concurrency = 1, LatencyMs = 1e9 }));
        using var working = new CancellationTokenSource();
        using var queued = new CancellationTokenSource();
        var first = run.PostAsync(TeacherRun.Chat("x"), cancelled: working.Token);
        await run.RowWhenAsync(row => row.Answered == 1);
        var second = run.PostAsync(TeacherRun.Chat("x"), cancelled: queued.Token);
        await run.RowWhenAsync(row => row.Calls == 2);
        await queued.CancelAsync();
        await run.RowWhenAsync(row => row.Failed == 1);
        await working.CancelAsync();
        var row = await run.RowWhenAsync(row => row.Lost == 1);
        Assert.Equal((2, 0, 1, 1), (row.Calls, row.Answered, row.Lost, row.Failed));
        Assert.Equal(row.Amount, row.LostAmount);
        Assert.True(row.Amount > 0);
        await Task.WhenAll(first, second).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task Its_books_say_to_the_cent_what_its_callers_paid_and_go_on_after_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("orca-").FullName;
        try
        {
            var place = new TeacherPlace { BooksFile = Path.Combine(folder, "books.json") };
            var paid = 0m;
            for (var start = 0; start < 2; start++)
            {
                await using var run = await TeacherRun.StartAsync(TeacherRun.Of(Priced), place);
                for (var number = 0; number < 10; number++)
                {
                    paid += (await run.AskAsync(TeacherRun.Request(number))).Cost;
                }

                var shown = await run.Client.GetFromJsonAsync<JsonObject>("/books", TeacherRun.Cancelled);
                Assert.Equal(paid, (decimal)shown!["amount"]!);
            }

            var written = JsonNode.Parse(await File.ReadAllTextAsync(place.BooksFile, TeacherRun.Cancelled))!;
            Assert.Equal((paid, 20), ((decimal)written["amount"]!, (int)written["rows"]![0]!["answered"]!));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_fault_is_mended_while_it_runs()
    {
        await using var run = await TeacherRun.WithFaultAsync("500");
        using var broken = await run.PostAsync(TeacherRun.Chat("x"));
        using var mended = await run.Client.PutAsJsonAsync("/faults", Array.Empty<FaultRule>(), TeacherRun.Cancelled);
        using var whole = await run.PostAsync(TeacherRun.Chat("x"));
        using var unknown = await run.Client.PutAsJsonAsync("/faults", new[] { new { fault = "501" } }, TeacherRun.Cancelled);
        Assert.Equal(
            [HttpStatusCode.InternalServerError, HttpStatusCode.NoContent, HttpStatusCode.OK, HttpStatusCode.BadRequest],
            [broken.StatusCode, mended.StatusCode, whole.StatusCode, unknown.StatusCode]);
    }

    // A call's row is written before its wait begins: time that passed before would not count for it.
    private static async Task PassUntilAsync(FakeTimeProvider time, Task end)
    {
        while (!end.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(20));
            await Task.Delay(2, TeacherRun.Cancelled);
        }
    }

    private static Task FinishAsync(FakeTimeProvider time, double milliseconds)
    {
        time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        return Task.Delay(50, TeacherRun.Cancelled);
    }
}
