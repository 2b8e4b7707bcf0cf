using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Orca.Cli.Teacher;
using Orca.Cli.Teacher.Faults;
using Orca.Streams.Teachers;

namespace Orca.Cli.Tests.Teacher;

/// <summary>The batch interface of the simulated endpoint over HTTP.</summary>
public sealed class BatchTests : IDisposable
{
    private static readonly TeacherModel Priced = new() { Name = TeacherRun.Model, PriceIn = 30, PriceOut = 60, BatchPriceShare = 0.5m };

    private readonly string folder = Directory.CreateTempSubdirectory("orca-").FullName;

    private TeacherPlace Place => new() { StateFolder = Path.Combine(folder, "state"), BooksFile = Path.Combine(folder, "books.json") };

    [Fact]
    public async Task Requests_of_a_file_are_answered_as_by_themselves_at_the_price_of_batches()
    {
        await using var run = await TeacherRun.StartAsync(TeacherRun.Of(Priced));
        var batch = await EndedAsync(run, await CreateAsync(run, await UploadAsync(run, Lines(5))));
        var counts = batch["request_counts"]!;
        Assert.Equal(("completed", 5, 5), ((string)batch["status"]!, (int)counts["total"]!, (int)counts["completed"]!));
        Assert.Null(batch["error_file_id"]);

        var price = 0m;
        foreach (var (answer, number) in (await ContentAsync(run, batch, "output_file_id")).Select((answer, number) => (answer, number)))
        {
            var expected = await new SolverTeacher(SolverStrength.Expert).AskAsync(TeacherRun.Request(number), TeacherRun.Cancelled);
            var body = answer["response"]!["body"]!;
            Assert.Equal(
                ($"q{number}", expected.Response), ((string?)answer["custom_id"], (string?)body["choices"]![0]!["message"]!["content"]));
            var usage = body["usage"]!;
            price += (((int)usage["prompt_tokens"]! * 30m) + ((int)usage["completion_tokens"]! * 60m)) / 2_000_000;
        }

        Assert.Equal((5, price), (run.Row(isBatch: true).Answered, run.Row(isBatch: true).Amount));
    }

    [Fact]
    public async Task The_same_content_uploaded_and_made_twice_is_two_batches_and_paid_for_twice()
    {
        await using var run = await TeacherRun.StartAsync(TeacherRun.Of(Priced));
        var files = new[] { await UploadAsync(run, Lines(2)), await UploadAsync(run, Lines(2)) };
        Assert.NotEqual(files[0], files[1]);
        var batches = new[] { await CreateAsync(run, files[0]), await CreateAsync(run, files[0]), await CreateAsync(run, files[1]) };
        Assert.Equal(3, batches.Distinct().Count());
        foreach (var batch in batches)
        {
            await EndedAsync(run, batch);
        }

        Assert.Equal(6, run.Row(isBatch: true).Answered);
        var listed = await run.Client.GetFromJsonAsync<JsonObject>("/v1/batches?limit=2", TeacherRun.Cancelled);
        Assert.True((bool)listed!["has_more"]!);
        var rest = await run.Client.GetFromJsonAsync<JsonObject>($"/v1/batches?after={listed["last_id"]}", TeacherRun.Cancelled);
        Assert.Equal(
            batches.Order(), listed["data"]!.AsArray().Concat(rest!["data"]!.AsArray()).Select(batch => (string)batch!["id"]!).Order());
    }

    [Fact]
    public async Task What_is_refused_goes_to_a_file_of_its_own_and_costs_nothing()
    {
        var one = TeacherRun.Request(1).Query.Prompt;
        await using var run = await TeacherRun.StartAsync(TeacherRun.Of(Priced, new FaultRule { Fault = "400", Matching = one }));
        var batch = await EndedAsync(run, await CreateAsync(run, await UploadAsync(run, Lines(3))));
        var refused = Assert.Single(await ContentAsync(run, batch, "error_file_id"));
        Assert.Equal(("q1", 400), ((string?)refused["custom_id"], (int)refused["response"]!["status_code"]!));
        Assert.Equal(["q0", "q2"], (await ContentAsync(run, batch, "output_file_id")).Select(answer => (string?)answer["custom_id"]));
        Assert.Equal((3, 2, 1), (run.Row(isBatch: true).Calls, run.Row(isBatch: true).Answered, run.Row(isBatch: true).Failed));
    }

    [Fact]
    public async Task It_survives_a_restart_in_the_middle_and_answers_nothing_twice()
    {
        string id;
        await using (var first = await TeacherRun.StartAsync(TeacherRun.Of(Priced) with { BatchSeconds = 1, Seed = 1 }, Place))
        {
            id = await CreateAsync(first, await UploadAsync(first, Lines(20)));
            while ((int)(await GetAsync(first, id))["request_counts"]!["completed"]! is 0 or 20)
            {
                await Task.Delay(5, TeacherRun.Cancelled);
            }
        }

        await using var second = await TeacherRun.StartAsync(TeacherRun.Of(Priced), Place);
        var batch = await EndedAsync(second, id);
        var answers = await ContentAsync(second, batch, "output_file_id");
        Assert.Equal(Enumerable.Range(0, 20).Select(number => $"q{number}"), answers.Select(answer => (string?)answer["custom_id"]));
        Assert.Equal(20, second.Row(isBatch: true).Answered);
    }

    [Fact]
    public async Task A_cancelled_batch_keeps_what_was_answered()
    {
        await using var run = await TeacherRun.StartAsync(TeacherRun.Of(Priced) with { BatchSeconds = 1 });
        var id = await CreateAsync(run, await UploadAsync(run, Lines(20)));
        while ((int)(await GetAsync(run, id))["request_counts"]!["completed"]! == 0)
        {
            await Task.Delay(5, TeacherRun.Cancelled);
        }

        using var cancelled = await run.Client.PostAsync($"/v1/batches/{id}/cancel", null, TeacherRun.Cancelled);
        var batch = await EndedAsync(run, id);
        Assert.Equal("cancelled", (string?)batch["status"]);
        var answered = (await ContentAsync(run, batch, "output_file_id")).Length;
        Assert.InRange(answered, 1, 19);
        Assert.Equal(answered, run.Row(isBatch: true).Answered);
    }

    [Theory]
    [InlineData("", "empty_file")]
    [InlineData("no json\n", "invalid_json_line")]
    [InlineData("""{"custom_id":"a","method":"POST","url":"/v1/embeddings","body":{}}""", "invalid_url")]
    [InlineData("""{"method":"POST","url":"/v1/chat/completions","body":{}}""", "missing_required_parameter")]
    [InlineData("twice", "duplicate_custom_id")]
    public async Task A_file_that_cannot_be_used_fails_the_batch_with_the_reason(string content, string code)
    {
        await using var run = await TeacherRun.StartAsync();
        content = content == "twice" ? Lines(1) + Lines(1) : content;
        var batch = await EndedAsync(run, await CreateAsync(run, await UploadAsync(run, content)));
        Assert.Equal(("failed", code), ((string?)batch["status"], (string?)batch["errors"]!["data"]![0]!["code"]));
        Assert.Empty(run.Host.Books.Rows);
    }

    [Fact]
    public async Task What_is_not_there_or_not_served_is_refused_in_words()
    {
        await using var run = await TeacherRun.StartAsync(new TeacherDescription
        {
            Keys = [new TeacherKey { Name = "alice", Key = "a" }, new TeacherKey { Name = "bob", Key = "b" }],
        });
        run.Client.DefaultRequestHeaders.Authorization = new("Bearer", "a");
        var file = await UploadAsync(run, Lines(1));
        run.Client.DefaultRequestHeaders.Authorization = new("Bearer", "b");
        using var others = await run.Client.GetAsync($"/v1/files/{file}/content", TeacherRun.Cancelled);
        using var batch = await run.Client.GetAsync("/v1/batches/batch_1", TeacherRun.Cancelled);
        using var made = await PostAsync(run, file, "/v1/chat/completions");
        using var endpoint = await PostAsync(run, file, "/v1/embeddings");
        Assert.Equal(
            [HttpStatusCode.NotFound, HttpStatusCode.NotFound, HttpStatusCode.BadRequest, HttpStatusCode.BadRequest],
            [others.StatusCode, batch.StatusCode, made.StatusCode, endpoint.StatusCode]);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string Lines(int count)
    {
        var lines = new StringBuilder();
        for (var number = 0; number < count; number++)
        {
            var body = TeacherRun.Chat(TeacherRun.Request(number).Query.Prompt);
            body.Remove("stream");
            var line = new JsonObject
            {
                ["custom_id"] = $"q{number}",
                ["method"] = "POST",
                ["url"] = "/v1/chat/completions",
                ["body"] = body,
            };
            lines.Append(line.ToJsonString()).Append('\n');
        }

        return lines.ToString();
    }

    private static async Task<string> UploadAsync(TeacherRun run, string content)
    {
        using var form = new MultipartFormDataContent();
        form.Add(new StringContent("batch"), "purpose");
        var file = new ByteArrayContent(Encoding.UTF8.GetBytes(content));
        file.Headers.ContentType = new MediaTypeHeaderValue("application/jsonl");
        form.Add(file, "file", "requests.jsonl");
        using var reply = await run.Client.PostAsync("/v1/files", form, TeacherRun.Cancelled);
        var stored = await reply.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>(TeacherRun.Cancelled);
        Assert.Equal(Encoding.UTF8.GetByteCount(content), (int)stored!["bytes"]!);
        return (string)stored["id"]!;
    }

    private static async Task<string> CreateAsync(TeacherRun run, string file)
    {
        using var reply = await PostAsync(run, file, "/v1/chat/completions");
        return (string)(await reply.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>(TeacherRun.Cancelled))!["id"]!;
    }

    private static Task<HttpResponseMessage> PostAsync(TeacherRun run, string file, string endpoint) => run.Client.PostAsJsonAsync(
        "/v1/batches", new { input_file_id = file, endpoint, completion_window = "24h" }, TeacherRun.Cancelled);

    private static async Task<JsonObject> GetAsync(TeacherRun run, string id) =>
        (await run.Client.GetFromJsonAsync<JsonObject>($"/v1/batches/{id}", TeacherRun.Cancelled))!;

    private static async Task<JsonObject> EndedAsync(TeacherRun run, string id)
    {
        while (true)
        {
            var batch = await GetAsync(run, id);
            if ((string?)batch["status"] is "completed" or "failed" or "cancelled")
            {
                return batch;
            }

            await Task.Delay(10, TeacherRun.Cancelled);
        }
    }

    private static async Task<JsonNode[]> ContentAsync(TeacherRun run, JsonObject batch, string which)
    {
        var text = await run.Client.GetStringAsync($"/v1/files/{batch[which]}/content", TeacherRun.Cancelled);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }
}
